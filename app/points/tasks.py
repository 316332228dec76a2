"""Jobs of this room."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from app.districts import queries as districts
from app.districts.walking import in_every_district
from app.foundation.clock import Clock
from app.foundation.database.unit_of_work import unit_of_work
from app.foundation.tenancy import system_principal
from app.points.purses import expiring
from app.points.purses import notices as announcing
from app.points.tiers import review as tier_review


def expire_points() -> int:
    """Expires ended points in every district; gives the number of sets it took."""
    return in_every_district(expire_district)


def announce_expiring_points(clock: Clock | None = None) -> int:
    """Announces points that end soon in every district; gives the number of sets it took."""
    return in_every_district(lambda district_id: announce_in_district(district_id, clock))


def review_tiers() -> int:
    """Ends or renews the tiers whose time is over in every district; gives the number of sets it took."""
    return in_every_district(review_district)


def expire_district(district_id: str) -> int:
    """Expires a district's ended points set by set, each in its own commit, so that sales go on between them."""
    sets, last = 0, expiring.NOBODY
    while True:
        with unit_of_work(system_principal(district_id)) as uow:
            reached = expiring.expire_lots(uow, last)
        if reached is None:
            return sets
        sets, last = sets + 1, reached


def review_district(district_id: str) -> int:
    """Reviews a district's tiers, as it expires points: set by set."""
    sets, last = 0, tier_review.NOBODY
    while True:
        with unit_of_work(system_principal(district_id)) as uow:
            reached = tier_review.review_holds(uow, last)
        if reached is None:
            return sets
        sets, last = sets + 1, reached


def announce_in_district(district_id: str, clock: Clock | None = None) -> int:
    """Announces a district's points that end soon, notice by notice and set by set."""
    principal, sets = system_principal(district_id), 0
    with unit_of_work(principal, clock=clock) as uow:
        zone = ZoneInfo(districts.district(uow).time_zone)
        notices = announcing.begin_notices(uow, zone)
    for notice in notices:
        is_left = True
        while is_left:
            with unit_of_work(principal, clock=clock) as uow:
                is_left = announcing.announce(uow, zone, notice)
            sets += 1
    return sets
