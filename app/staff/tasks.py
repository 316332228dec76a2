"""Jobs of this room."""

from __future__ import annotations

from app.foundation.database.unit_of_work import unit_of_work
from app.foundation.tenancy import OPERATOR_DISTRICT, system_principal
from app.signin.sms_codes import services as sms_codes
from app.staff.sessions import services as sessions


def forget_old_staff_sessions() -> int:
    """Forgets codes and sessions of staff that are over; gives their number."""
    with unit_of_work(system_principal(OPERATOR_DISTRICT)) as uow:
        return sms_codes.forget_old(uow) + sessions.forget_old(uow)
