"""Jobs of this room."""

from __future__ import annotations

from app.districts.walking import give_again, in_every_district, once_in_every_district
from app.exports import making, queries, services, writing
from app.exports.rules import DEAD_AFTER
from app.foundation.database.unit_of_work import UnitOfWork


def make_export(district_id: str, export_id: str) -> bool:
    """Makes the file of an export that waits; says whether it is done."""
    return making.make_export(district_id, export_id)


def ask_waiting_exports() -> int:
    """Gives exports whose job was lost or has died another one, in every district; says how many."""
    return in_every_district(_ask_in_district)


def _ask_in_district(district_id: str) -> int:
    return give_again(
        district_id,
        lambda uow: [services.job_of(district_id, one) for one in queries.waiting(uow, uow.real_now - DEAD_AFTER)],
    )


def forget_old_exports() -> int:
    """Lets files go that were kept long enough, in every district; says how many."""
    return once_in_every_district(_forget_in_district)


def _forget_in_district(uow: UnitOfWork) -> int:
    old = queries.to_forget(uow)
    for export_id in old:
        writing.finish(uow, export_id, "expired")
    return len(old)
