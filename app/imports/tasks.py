"""Jobs of this room."""

from __future__ import annotations

from app.districts.walking import give_again, in_every_district, once_in_every_district
from app.foundation.database.unit_of_work import UnitOfWork
from app.imports import queries, services, working, writing
from app.imports.rules import DEAD_AFTER


def work_on(district_id: str, import_id: str) -> None:
    """Reads, records or takes back an import."""
    working.work_on(district_id, import_id)


def ask_waiting_imports() -> int:
    """Gives imports whose job was lost or has died another one, in every district; says how many."""
    return in_every_district(_ask_in_district)


def _ask_in_district(district_id: str) -> int:
    return give_again(
        district_id,
        lambda uow: [services.job_of(district_id, one) for one in queries.waiting(uow, uow.real_now - DEAD_AFTER)],
    )


def forget_old_imports() -> int:
    """Lets go what files have said once they were kept long enough, in every district; says how many."""
    return once_in_every_district(_forget_in_district)


def _forget_in_district(uow: UnitOfWork) -> int:
    old = queries.to_forget(uow)
    for import_id in old:
        writing.forget_contents(uow, import_id)
    return len(old)
