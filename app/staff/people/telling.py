"""Letters to a district's admins, about what concerns it as a whole."""

from __future__ import annotations

from collections.abc import Callable

from app.foundation.database.unit_of_work import UnitOfWork, unit_of_work
from app.foundation.tenancy import OPERATOR_DISTRICT, system_principal
from app.staff import queries
from app.staff.accounts import letters
from app.staff.accounts.services import login_of
from app.staff.models import StaffMember
from app.staff.roles import ALLIANCE_ADMIN


def writer_to_admins(district_id: str) -> Callable[[UnitOfWork, str, str], None]:
    """Asks who the admins are, and gives what adds a letter to each of them, in a unit of work of the district."""
    with unit_of_work(system_principal(district_id)) as uow:
        admins = queries.staff(uow).where(StaffMember.role == ALLIANCE_ADMIN)
        ids = [one.account_id for one in uow.session.scalars(admins)]
    with unit_of_work(system_principal(OPERATOR_DISTRICT)) as uow:
        logins = [login_of(queries.find_account(uow, one)) for one in ids]

    def write(uow: UnitOfWork, kind: str, amount: str) -> None:
        for login in logins:
            letters.add(uow, login, kind, is_sandbox=uow.is_sandbox, amount=amount)

    return write
