"""Second factors that were lost are taken away by who may give the role of their owner, who is told."""

from __future__ import annotations

from typing import NamedTuple

from app.foundation import audit
from app.foundation.database.once import Once, do_once, outcome_before
from app.foundation.database.unit_of_work import UnitOfWork, unit_of_work
from app.foundation.tenancy import Origin, Principal, at_home
from app.staff import queries
from app.staff.accounts import factors
from app.staff.accounts import services as accounts
from app.staff.accounts.letters import RESET
from app.staff.errors import AccountElsewhere
from app.staff.models import StaffMember
from app.staff.people.services import Post, must_give
from app.staff.sessions import services as sessions


class Reset(NamedTuple):
    """Whose factors were taken away; `is_replay`: that was done before, under the same idempotency key."""

    row: StaffMember
    is_replay: bool


def reset_second_factor(
    principal: Principal, account_id: str, origin: Origin | None, once: Once[bool] | None = None
) -> Reset:
    """Forgets the second factors of somebody of staff who works nowhere else, and ends its sessions.

    The entry of the audit log comes first, in the district; then what is done, where accounts are kept: after a crash
    between the two it is done again. Raises NotFound, Forbidden, AccountElsewhere.
    """
    with unit_of_work(principal, origin=origin) as uow:
        row = queries.find_staff(uow, account_id)
        must_give(uow, Post(row.role, row.merchant_id, row.store_id))
    home = at_home(principal)
    if outcome_before(home, once):
        return Reset(row, is_replay=True)
    if queries.districts_of(account_id) != [principal.district_id]:
        raise AccountElsewhere
    with unit_of_work(principal, origin=origin) as uow:
        in_sandbox = uow.is_sandbox
        audit.record(uow, "staff.second_factor_reset", account_id)

    def reset(uow: UnitOfWork) -> bool:
        account = queries.find_account(uow, account_id, lock=True)
        factors.reset(uow, account)
        accounts.tell(uow, account, RESET, in_sandbox=in_sandbox)
        sessions.end_sessions(uow, account_id, RESET)
        return False

    return Reset(row, is_replay=bool(do_once(home, reset, once, origin=origin)))
