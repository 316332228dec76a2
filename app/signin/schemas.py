"""Bodies of this room."""

from __future__ import annotations

from app.foundation.http.contract.shapes import some_id
from app.foundation.http.fields import Body, CodeText, Flag, Id, ListOf, Object, Text, page_query
from app.members.schemas import ConsentGiven, Phone

CHALLENGE = "ch_" + "a" * 52
REFRESH_TOKEN = "rt_" + "a" * 58


class CodeBody(Body):
    district = Text(100, required=True, example="hubin")
    phone = Phone(required=True)


class ProofBody(Body):
    challenge = Text(100, required=True, example=CHALLENGE)
    code = CodeText(20, required=True, example="123456")


class PhoneBody(ProofBody):
    """The code to the new number, and either the one to the old number or that this is lost."""

    old = Object(ProofBody, load_default=None, allow_none=True)
    old_number_lost = Flag(
        load_default=False,
        metadata={"description": "Waits for seven days, in which the old number is told and can end it by signing in."},
    )


class TokenBody(ProofBody):
    store_id = Id("str", load_default=None, allow_none=True, example=some_id("str"))
    consents = ListOf(Object(ConsentGiven), most=20, load_default=list)


class InboxQuery(Body):
    phone = Phone()


class RefreshBody(Body):
    refresh_token = Text(200, required=True, example=REFRESH_TOKEN)


SESSIONS = page_query("ses")
