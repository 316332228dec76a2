"""Names and logins of those who work in a district, and of those who are invited, sealed anew under the newest key."""

from __future__ import annotations

from sqlalchemy import select

from app.foundation.database.unit_of_work import UnitOfWork
from app.foundation.keyring import SealBroken
from app.foundation.runtime import keyring
from app.staff import queries
from app.staff.models import Invitation, StaffMember
from app.staff.people.services import bound_to


def refresh_keys(uow: UnitOfWork) -> tuple[int, list[str]]:
    """Gives how many rows had to be sealed anew, and names what no key at hand opens. Invitations that are over stay."""
    changed, broken = 0, []
    people = uow.session.scalars(select(StaffMember).where(StaffMember.district_id == uow.district_id))
    found: list[tuple[str, str, StaffMember | Invitation, str]] = [
        (row.account_id, bound_to(row.district_id, row.account_id), row, "login_hint") for row in people
    ]
    found += [(row.id, row.id, row, "login") for row in uow.session.scalars(queries.invitations(uow))]
    for row_id, bound, row, login in found:
        try:
            changed += _reseal(row, bound, ("name", login))
        except SealBroken:
            broken.append(row_id)
    return changed, broken


def _reseal(row: StaffMember | Invitation, bound: str, names: tuple[str, str]) -> bool:
    stale = [name for name in names if not keyring().seal_is_current(getattr(row, name))]
    for name in stale:
        setattr(row, name, keyring().seal(keyring().open(getattr(row, name), bound_to=bound), bound_to=bound))
    return bool(stale)
