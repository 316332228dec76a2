"""Verbs of sign-in: a proven phone becomes a session, of the member it belongs to or of one who joins by it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from app.districts import queries as districts
from app.districts.services import district_of_slug
from app.foundation.database.unit_of_work import Overtaken, UnitOfWork, unit_of_work
from app.foundation.i18n import words as _l
from app.foundation.ids import is_id
from app.foundation.keyring import digest_of
from app.foundation.problems import DomainError, Flaw, NotFound
from app.foundation.runtime import keyring, runtime
from app.foundation.tenancy import OPERATOR_DISTRICT, Principal, system_principal
from app.members import enrolling
from app.members import queries as members
from app.members import services as member_services
from app.members.enrolling import Enrolled, Enrolment
from app.signin.errors import ConsentRequired, InvalidCode, SessionOver
from app.signin.sessions import services as sessions
from app.signin.sessions import tokens
from app.signin.sessions.services import SignedIn
from app.signin.sms_codes import rules
from app.signin.sms_codes import services as sms_codes


def visitor_of_phone(body: Mapping[str, Any]) -> Principal:
    """Who asks for a code, in the district named by its slug or id. Raises NotFound."""
    district_id = _district_of(body["district"])
    return Principal("visitor", f"vis_{keyring().index(district_id, 'visitor', body['phone']).hex()}", district_id)


def _district_of(name: str) -> str:
    try:
        if not is_id("dis", name):
            return district_of_slug(name)
        with unit_of_work(system_principal(name)) as uow:
            if districts.is_known(uow):
                return name
        raise NotFound
    except NotFound:
        raise NotFound.at("/district", _l("district")) from None


def visitor_of_challenge(body: Mapping[str, Any]) -> Principal:
    """Who holds a challenge. Raises InvalidCode for a text that is none."""
    challenge = rules.challenge_of(body["challenge"])
    if challenge is None or challenge.district_id == OPERATOR_DISTRICT:  # one of staff
        raise InvalidCode(flaws=[Flaw("/code", InvalidCode.code, InvalidCode.title)])
    return _visitor(body["challenge"], challenge.district_id)


def visitor_of_token(body: Mapping[str, Any]) -> Principal:
    """Who holds a refresh token. Raises SessionOver for a text that is none."""
    district_id = tokens.district_of_refresh_token(body["refresh_token"])
    if district_id is None:
        raise session_over()
    return _visitor(body["refresh_token"], district_id)


def _visitor(secret: str, district_id: str) -> Principal:
    """Told from others by a print of what it holds, so that idempotency keys are its own."""
    return Principal("visitor", f"vis_{digest_of(secret)[:16].hex()}", district_id)


def session_over() -> SessionOver:
    """The refusal of a refresh token that doesn't work any more, or never did."""
    return SessionOver(headers={"WWW-Authenticate": "Bearer"})


def sign_in(
    uow: UnitOfWork, *, challenge: str, code: str, store_id: str | None, consents: Sequence[Mapping[str, str]]
) -> SignedIn | DomainError:
    """Signs in whoever proves a phone, see `prove`."""
    proven = prove(uow, challenge=challenge, code=code, store_id=store_id, consents=consents)
    return proven if isinstance(proven, DomainError) else sessions.start_session(uow, proven.member_id)


def prove(
    uow: UnitOfWork, *, challenge: str, code: str, store_id: str | None, consents: Sequence[Mapping[str, str]]
) -> Enrolled | DomainError:
    """Whose phone a code proves; joins first who is no member, or joins the shop of a store that is named.

    Gives the refusal of a wrong code, to be committed. Raises NotFound for foreign shops, and ConsentRequired, after
    which the code can be used again.
    """
    merchant_id = districts.store_exists(uow, store_id).merchant_id if store_id else None
    _check_controllers(uow, consents)
    phone = sms_codes.prove_phone(uow, challenge, code)
    if isinstance(phone, DomainError):
        return phone
    _release_recycled(uow, phone, consents)
    [outcome] = enrolling.enrol(uow, [Enrolment(phone, merchant_id=merchant_id, consents=consents)])
    assert isinstance(outcome, Enrolled), "only identities are refused, and none was given"
    sms_codes.use_challenge(uow, challenge)
    return outcome


def _check_controllers(uow: UnitOfWork, consents: Sequence[Mapping[str, str]]) -> None:
    for position, one in enumerate(consents):
        if one["controller"] != "district":
            try:
                districts.find_merchant(uow, one["controller"])
            except NotFound:
                raise NotFound.at(f"/consents/{position}/controller", _l("merchant")) from None


def _release_recycled(uow: UnitOfWork, phone: str, consents: Sequence[Mapping[str, str]]) -> None:
    """Sees to it that the phone is a present member's, or may join. Raises ConsentRequired.

    Numbers are given to others some months after they were let go: the member of one who was away for so long keeps
    everything but the phone, and whoever proves it now is somebody new.
    """
    member_id = locked_owner(uow, phone)
    is_another_s = member_id is not None and is_recycled(uow, member_id)
    if (member_id is None or is_another_s) and not rules.gives_membership(consents):
        detail = _l("Whoever isn't a member yet consents to the membership of the district.")
        raise ConsentRequired(detail, flaws=[Flaw("/consents", ConsentRequired.code, detail)])
    if member_id is not None and is_another_s:
        release(uow, member_id, phone)


def locked_owner(uow: UnitOfWork, phone: str) -> str | None:
    """Whose phone it is, until the commit: nobody enrols it meanwhile, and the member is neither erased nor merged."""
    members.lock_phones(uow, [phone])
    member_id = members.member_of_phone(uow, phone)
    if member_id is not None:
        members.lock_member_row(uow, member_id)
        if members.member_of_phone(uow, phone) != member_id:
            raise Overtaken
    return member_id


def release(uow: UnitOfWork, member_id: str, phone: str) -> None:
    """Takes a recycled number from a member who is held, and ends its sessions."""
    member_services.release_phone(uow, members.members_of(uow, [member_id])[member_id], phone)
    sessions.end_sessions(uow, member_id, "phone-recycled")


def is_recycled(uow: UnitOfWork, member_id: str) -> bool:
    """Whether a member has proved nothing for so long that its number may be another's."""
    member = members.members_of(uow, [member_id])[member_id]
    seen = (member.created_at, member.proved_at)
    return rules.is_recycled(seen, uow.now, runtime().settings.recycled_after_days)
