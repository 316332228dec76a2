"""Jobs of this room."""

from __future__ import annotations

from app.districts.walking import once_in_every_district
from app.foundation.database.unit_of_work import UnitOfWork
from app.insights import services


def count_what_is_behind() -> int:
    """Counts anew in districts whose read models are of an older version, or missing; says how many these were."""
    return once_in_every_district(_count_if_behind)


def count_all_anew(only: str | None = None) -> int:
    """Counts every district anew from the books, or the one with an id; says how many."""
    return once_in_every_district(lambda uow: _count(uow) if only in (None, uow.district_id) else 0)


def _count_if_behind(uow: UnitOfWork) -> int:
    return _count(uow) if services.is_behind(uow) else 0


def _count(uow: UnitOfWork) -> int:
    services.count_anew(uow)
    return 1
