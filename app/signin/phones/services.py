"""A member's phone changes: at once by codes to the old and the new number, or after a week where the old one is lost.

However it changes, the old number is told, the member's sessions end with their keys of member codes, and spending rests
for a day. A change that waits hangs on the session that asked for it: it ends with that session, and whoever proves the
old number meanwhile ends both.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from app.foundation.database.unit_of_work import Overtaken, UnitOfWork
from app.foundation.i18n import words as _l
from app.foundation.ids import hex_of
from app.foundation.keyring import SealBroken
from app.foundation.problems import Conflict, DomainError, NotFound, ValidationFailed
from app.foundation.runtime import keyring
from app.members import queries as members
from app.members import services as member_services
from app.members.errors import PhoneTaken
from app.members.events import MemberPhoneChanged
from app.points.purses import services as purses
from app.signin import services
from app.signin.errors import FreshProofRequired
from app.signin.phones import notices
from app.signin.sessions import services as sessions
from app.signin.sessions.services import SignedIn
from app.signin.sms_codes import services as sms_codes
from app.signin.sms_codes import throttle

WAITS = timedelta(days=7)
_ASK = """
    INSERT INTO phone_changes (district_id, member_id, session_id, phone, asked_at, due_at)
    VALUES (%(district)s, %(member)s, %(session)s, %(phone)s, %(now)s, %(due)s)
"""
_WAITING = "SELECT session_id, phone, asked_at, due_at FROM phone_changes WHERE district_id = %s AND member_id = %s"
_DUE = "SELECT member_id FROM phone_changes WHERE district_id = %s AND due_at <= %s ORDER BY member_id"
_TAKE = "DELETE FROM phone_changes WHERE district_id = %s AND member_id = %s AND due_at <= %s RETURNING 1"
_DROP = "DELETE FROM phone_changes WHERE district_id = %(district)s AND member_id = %(member)s"


class Waiting(NamedTuple):
    """A change that waits: to which phone (E.164), asked by which session, done from `due_at` on."""

    session_id: str
    phone: str
    asked_at: datetime
    due_at: datetime


def change_phone(uow: UnitOfWork, proof: Mapping[str, str], old: Mapping[str, str]) -> SignedIn | DomainError:
    """Gives the member who is signed in the phone that codes prove, see `move`, and a new session."""
    refusal = move(uow, proof, old)
    return refusal or sessions.start_session(uow, uow.principal.id)


def move(uow: UnitOfWork, proof: Mapping[str, str], old: Mapping[str, str]) -> DomainError | None:
    """Gives the member who is signed in the phone that a code proves, if another proves the old one. Its sessions end.

    Gives the refusal of a wrong code, to be committed. Raises PhoneTaken for the number of a present member, InvalidCode
    for a code to a number that isn't the member's, or not any more.
    """
    phone = sms_codes.prove_phone(uow, proof["challenge"], proof["code"])
    if isinstance(phone, DomainError):
        return phone
    known = sms_codes.prove_phone(uow, old["challenge"], old["code"], pointer="/old/code")
    if isinstance(known, DomainError):
        return known
    own = uow.principal.id
    _free(uow, own, phone)
    member_services.lock_present(uow, own)
    if members.member_of_phone(uow, known) != own:
        raise sms_codes.invalid("/old/code")
    member_services.update_member(uow, own, {"phone": phone})
    for one in (proof, old):
        sms_codes.use_challenge(uow, one["challenge"])
    return None


def ask_change(uow: UnitOfWork, proof: Mapping[str, str]) -> Waiting | DomainError:
    """Lets a change to the phone that a code proves wait, for the old number is lost; the old number is told.

    Gives the refusal of a wrong code, to be committed. Raises PhoneTaken, Conflict where another change waits,
    Unauthorized for a session that has just ended, RateLimited, Busy.
    """
    phone = sms_codes.prove_phone(uow, proof["challenge"], proof["code"])
    if isinstance(phone, DomainError):
        return phone
    own = uow.principal.id
    _free(uow, own, phone)
    member = member_services.lock_present(uow, own)
    if waiting(uow, own) is not None:
        raise Conflict(_l("A change of this member's phone waits already: cancel that one first."))
    throttle.count_change(uow.district_id, own)
    found = Waiting(sessions.current(uow, hold=True).id, phone, uow.now, uow.now + WAITS)
    values = {"member": hex_of(own), "session": hex_of(found.session_id), "due": found.due_at}
    uow.write(_ASK, {**values, "phone": keyring().seal(phone, bound_to=bound_to(own))})
    notices.add_notices(uow, filter(None, [member_services.personal(member, "phone")]), found.due_at)
    sms_codes.use_challenge(uow, proof["challenge"])
    return found


def _free(uow: UnitOfWork, own: str, phone: str) -> None:
    """Sees to it that a proven phone is nobody's until the commit, or a second one of the member's own.

    Raises PhoneTaken, ValidationFailed.
    """
    owner = services.locked_owner(uow, phone)
    if owner == own and member_services.personal(members.find_member(uow, own), "phone") == phone:
        raise ValidationFailed.at("/challenge", "same-phone", _l("This phone leads to the member already."))
    if owner in (None, own):
        return
    if not services.is_recycled(uow, owner):
        raise PhoneTaken
    services.release(uow, owner, phone)


def waiting(uow: UnitOfWork, member_id: str) -> Waiting | None:
    """The change of a member's phone that waits, if any."""
    rows = uow.rows(_WAITING, (hex_of(uow.district_id), hex_of(member_id)))
    if not rows:
        return None
    session, sealed, asked_at, due_at = rows[0]
    return Waiting(f"ses_{session}", keyring().open(sealed, bound_to=bound_to(member_id)), asked_at, due_at)


def cancel_change(uow: UnitOfWork, member_id: str) -> Waiting:
    """Ends a change that waits, and gives it. Raises NotFound."""
    member_services.lock_present(uow, member_id)
    found = waiting(uow, member_id)
    if found is None:
        raise NotFound
    uow.write(_DROP, {"member": hex_of(member_id)})
    return found


def keep_number(uow: UnitOfWork, member_id: str) -> None:
    """A number of the member has been proven: it isn't lost. A change that waits ends, with the session that asked for it."""
    rows = uow.rows(_WAITING, (hex_of(uow.district_id), hex_of(member_id)))
    if rows:
        asked_by = f"ses_{rows[0][0]}"
        if asked_by != uow.principal.session_id:
            sessions.end_sessions(uow, member_id, "phone-kept", only=asked_by)
        uow.write(_DROP, {"member": hex_of(member_id)})


def due_changes(uow: UnitOfWork) -> list[str]:
    """Members whose changes have waited long enough."""
    return [f"mem_{one}" for (one,) in uow.rows(_DUE, (hex_of(uow.district_id), uow.now))]


def next_at(uow: UnitOfWork) -> datetime | None:
    """The first instant after now at which a change will have waited long enough."""
    query = "SELECT min(due_at) FROM phone_changes WHERE district_id = %s AND due_at > %s"
    [(found,)] = uow.rows(query, (hex_of(uow.district_id), uow.now))
    at: datetime | None = found
    return at


def finish_change(uow: UnitOfWork, member_id: str) -> bool:
    """Does a change that has waited long enough; says whether. One whose number is another's by now is dropped.

    Raises Overtaken where somebody has ended it at this moment.
    """
    try:
        found = waiting(uow, member_id)
    except SealBroken:
        uow.write(_DROP, {"member": hex_of(member_id)})
        return False
    if found is None or found.due_at > uow.now:
        return False
    try:
        _free(uow, member_id, found.phone)
    except (PhoneTaken, ValidationFailed):
        uow.write(_DROP, {"member": hex_of(member_id)})
        return False
    members.lock_member_row(uow, member_id)
    if not uow.rows(_TAKE, (hex_of(uow.district_id), hex_of(member_id), uow.now)):
        raise Overtaken
    member_services.update_member(uow, member_id, {"phone": found.phone})
    return True


def on_changed(uow: UnitOfWork, events: Sequence[MemberPhoneChanged]) -> None:
    """What follows from every change of a phone, whoever made it."""
    for event in events:
        sessions.end_sessions(uow, event.member_id, "phone-changed")
        purses.rest_spending(uow, event.member_id)
        notices.add_notices(uow, filter(None, [event.old_phone]), uow.now)


def prove_anew(uow: UnitOfWork, *, challenge: str, code: str) -> DomainError | None:
    """Notes that the member who is signed in has just given a code to its number; or gives the refusal, to be committed."""
    phone = sms_codes.prove_phone(uow, challenge, code)
    if isinstance(phone, DomainError):
        return phone
    own = uow.principal.id
    if members.member_of_phone(uow, phone) != own:
        return sms_codes.invalid("/code")
    sms_codes.use_challenge(uow, challenge)
    keep_number(uow, own)
    sessions.note_proof(uow)
    return None


def check_fresh(uow: UnitOfWork) -> None:
    """Raises FreshProofRequired where a member calls that hasn't given a code to its number in the last minutes."""
    if uow.principal.kind == "member" and not sessions.is_fresh(uow):
        raise FreshProofRequired(_l("Ask for a code to your number, and send it to /v1/me/proofs first."))


def bound_to(member_id: str) -> str:
    """What the number to come is sealed to."""
    return f"{member_id}/new-phone"
