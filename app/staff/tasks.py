"""Jobs of this room."""

from __future__ import annotations

from app.districts.walking import once_in_every_district
from app.foundation.apart import each_apart
from app.foundation.database.unit_of_work import unit_of_work
from app.foundation.tenancy import OPERATOR_DISTRICT, system_principal
from app.signin.sms_codes import services as sms_codes
from app.sms.sender import is_over
from app.staff.accounts import letters
from app.staff.sessions import services as sessions


def send_letter(district_id: str, letter_id: str) -> bool:
    """Sends a letter; says whether it has left, between two units of work."""
    principal = system_principal(district_id)
    with unit_of_work(principal) as uow:
        send = letters.take(uow, letter_id)
    if send is None or not is_over(send, "somebody of staff was not told", district_id):
        return False
    with unit_of_work(principal) as uow:
        letters.forget(uow, letter_id)
    return True


def send_waiting_letters() -> int:
    """Sends letters to staff; gives how many have left."""
    return each_apart(send_letter, letters.waiting())


def forget_old_staff_sessions() -> int:
    """Forgets codes and sessions of staff that are over, and letters that nobody could send; gives their number."""
    with unit_of_work(system_principal(OPERATOR_DISTRICT)) as uow:
        forgotten = sms_codes.forget_old(uow) + sessions.forget_old(uow)
    return forgotten + once_in_every_district(letters.forget_old, operator_too=True)
