"""Jobs of this room."""

from __future__ import annotations

from app.districts.queries import all_district_ids
from app.foundation.tenancy import OPERATOR, system_principal
from app.foundation.unit_of_work import unit_of_work
from app.points import expiring


def expire_points() -> int:
    """Expires ended points in every district; gives the number of sets it took."""
    with unit_of_work(OPERATOR) as uow:
        districts = all_district_ids(uow)
    return sum(_expire_district(district_id) for district_id in districts)


def _expire_district(district_id: str) -> int:
    """Set by set, each in its own commit, so that sales go on between them."""
    sets, last = 0, expiring.NOBODY
    while True:
        with unit_of_work(system_principal(district_id)) as uow:
            reached = expiring.expire(uow, last)
        if reached is None:
            return sets
        sets, last = sets + 1, reached
