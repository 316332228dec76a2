"""Jobs of this room."""

from __future__ import annotations

from app.districts.walking import once_in_every_district
from app.foundation.database.unit_of_work import UnitOfWork
from app.insights import services


def count_what_is_behind() -> int:
    """Counts anew in districts whose read models are of an older version, or missing; says how many these were."""
    return once_in_every_district(_count_if_behind)


def _count_if_behind(uow: UnitOfWork) -> int:
    if not services.is_behind(uow):
        return 0
    services.count_anew(uow)
    return 1
