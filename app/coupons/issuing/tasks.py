"""Jobs of this room."""

from __future__ import annotations

from app.coupons.issuing import expiring, moving
from app.districts.walking import in_every_district
from app.foundation.database.unit_of_work import retrying, unit_of_work
from app.foundation.tenancy import system_principal

ATTEMPTS = 5


def expire_coupons() -> int:
    """Lets ended coupons expire in every district; gives how many these were."""
    return in_every_district(expire_coupons_in_district)


def expire_coupons_in_district(district_id: str) -> int:
    """Lets a district's ended coupons expire set by set, each in its own commit."""
    total = 0
    while done := retrying(ATTEMPTS, lambda: _expire_some(district_id)):
        total += done
    return total


def move_ends(district_id: str, campaign_id: str) -> int:
    """Writes a campaign's later ends to its coupons; says how many these were."""
    return moving.move_ends(district_id, campaign_id)


def _expire_some(district_id: str) -> int:
    with unit_of_work(system_principal(district_id)) as uow:
        return expiring.expire_some(uow)
