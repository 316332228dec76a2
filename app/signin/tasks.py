"""Jobs of this room."""

from __future__ import annotations

from app.districts.walking import in_every_district, once_in_every_district
from app.foundation.apart import each_apart
from app.foundation.database.unit_of_work import UnitOfWork, retrying, unit_of_work
from app.foundation.runtime import runtime
from app.foundation.tenancy import system_principal
from app.signin import queries
from app.signin.phones import notices
from app.signin.phones import services as phones
from app.signin.sessions import services as sessions
from app.signin.sms_codes import services as sms_codes
from app.signin.sms_codes.rules import Challenge
from app.sms.sender import code_sender_for, is_over, sender_for

ATTEMPTS = 5


def send_code(district_id: str, challenge_id: str) -> bool:
    """Sends the code of a challenge; says whether it has left. The message goes between two units of work."""
    challenge, principal = Challenge(district_id, challenge_id), system_principal(district_id)
    with unit_of_work(principal) as uow:
        to = sms_codes.take_code(uow, challenge)
        send = to and code_sender_for(runtime().settings, to, is_sandbox=uow.is_sandbox)
    if not send:
        return False
    if not is_over(
        lambda: send(challenge_id, sms_codes.code_of(challenge)), "a sign-in code was not sent", district_id
    ):
        return False
    with unit_of_work(principal) as uow:
        sms_codes.note_sent(uow, challenge)
    return True


def send_waiting_codes() -> int:
    """Sends codes whose job was lost or failed; gives how many have left."""
    return each_apart(send_code, queries.codes_waiting())


def send_notice(district_id: str, notice_id: str) -> bool:
    """Sends a notice to a number that ceases to be a member's; says whether it has left, between two units of work."""
    principal = system_principal(district_id)
    with unit_of_work(principal) as uow:
        sender = sender_for(runtime().settings, is_sandbox=uow.is_sandbox)
        notice = notices.take_notice(uow, notice_id) if sender is not None else None
    if sender is None or notice is None:
        return False
    day = notice.changes_on.isoformat()
    if not is_over(
        lambda: sender.send_notice(notice.phone, day), "an old number was not told of a change", district_id
    ):
        return False
    with unit_of_work(principal) as uow:
        notices.forget_sent(uow, notice_id)
    return True


def send_waiting_notices() -> int:
    """Sends notices to old numbers; gives how many have left."""
    return each_apart(send_notice, notices.waiting())


def finish_phone_changes() -> int:
    """Does the changes of phones that have waited for a week, each apart; gives their number."""
    return in_every_district(change_phones_in_district)


def change_phones_in_district(district_id: str) -> int:
    """The same in one district."""
    with unit_of_work(system_principal(district_id)) as uow:
        members = phones.due_changes(uow)
    return each_apart(_finish_phone_change, ((district_id, one) for one in members))


def _finish_phone_change(district_id: str, member_id: str) -> bool:
    def attempt() -> bool:
        with unit_of_work(system_principal(district_id)) as uow:
            return phones.finish_change(uow, member_id)

    return retrying(ATTEMPTS, attempt)


def forget_old_sign_ins() -> int:
    """Forgets codes and sessions that are over, in every district; gives their number."""
    return once_in_every_district(_forget_old)


def _forget_old(uow: UnitOfWork) -> int:
    return sms_codes.forget_old(uow) + sessions.forget_old(uow) + notices.forget_old(uow)
