"""What the pages' forms take."""

from __future__ import annotations

from app.care.cases.rules import REASONS
from app.foundation.http.fields import Body, CodeText, Day, Flag, Id, ListOf, NameText, OneOf, Text
from app.members.schemas import Phone


class JoinForm(Body):
    phone = Phone(required=True)
    store = Text(64)
    receipt = Text(100)


class CodeForm(Body):
    code = CodeText(20, required=True)
    consent = ListOf(Text(100), most=20, load_default=list)


class ProofForm(Body):
    code = CodeText(20, required=True)


class ProfileForm(Body):
    name = NameText(100, allow_none=True)
    birthday = Day(allow_none=True)


class ConsentForm(Body):
    controller = Text(40, required=True)
    purpose = Text(60, required=True)
    granted = Flag(load_default=False)


class LockForm(Body):
    locked = Flag(load_default=False)


class SessionForm(Body):
    session_id = Id("ses", required=True)


class ClaimForm(Body):
    campaign_id = Id("cam", required=True)


class CaseForm(Body):
    transaction_id = Id("txn", required=True)
    reason = OneOf(REASONS, required=True)
    description = Text(1000, load_default=None, allow_none=True)


class CaseIdForm(Body):
    case_id = Id("cas", required=True)


class DeleteForm(Body):
    number = Text(20, required=True)


class PhoneForm(Body):
    phone = Phone(required=True)
    is_lost = Flag(load_default=False)


class PhoneCodesForm(Body):
    code = CodeText(20, required=True)
    old_code = CodeText(20)
