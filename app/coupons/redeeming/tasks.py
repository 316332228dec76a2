"""Jobs on coupons that are held."""

from __future__ import annotations

from app.coupons.redeeming import holding
from app.districts.walking import in_every_district
from app.foundation.database.unit_of_work import retrying, unit_of_work
from app.foundation.tenancy import system_principal

ATTEMPTS = 5


def free_coupons() -> int:
    """Lets coupons go whose holds are over, in every district; gives how many these were."""
    return in_every_district(free_coupons_in_district)


def free_coupons_in_district(district_id: str) -> int:
    """The same of one district, set by set, each in its own commit."""
    total = 0
    while done := retrying(ATTEMPTS, lambda: _free_some(district_id)):
        total += done
    return total


def _free_some(district_id: str) -> int:
    with unit_of_work(system_principal(district_id)) as uow:
        return holding.free_some(uow)
