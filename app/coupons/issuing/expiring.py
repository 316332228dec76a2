"""Coupons past their end: what was set aside for them goes back to the budget.

An ended coupon can't be used whether or not this has run; it tidies the counts and tells of it. It goes by sets, each in its own
commit, and can stop and begin again anywhere.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from app.coupons.campaigns.ends import ends_at
from app.coupons.events import CouponExpired
from app.coupons.issuing.counting import Tally, count
from app.foundation.database.sql_arrays import id_array
from app.foundation.database.unit_of_work import UnitOfWork
from app.foundation.ids import hex_of

COUPONS_A_SET = 500
_ENDED = f"""
    SELECT c.id, c.campaign_id, c.member_id, c.set_aside FROM coupons AS c
    WHERE c.district_id = %(district)s AND c.id IN (
        SELECT e.id FROM coupons AS e
        WHERE e.district_id = %(district)s AND e.status IN ('issued', 'reserved') AND e.expires_at <= %(now)s
          AND {ends_at("e")} <= %(now)s {{only}} ORDER BY e.expires_at LIMIT {COUPONS_A_SET}
    ) AND c.status IN ('issued', 'reserved') AND c.expires_at <= %(now)s
    ORDER BY c.id FOR UPDATE
"""
_OF_ANY = _ENDED.format(only="")
_OF_ONE = _ENDED.format(only="AND e.campaign_id = %(campaign)s")
_RETURNING = f"""
    SELECT c.campaign_id, sum(c.set_aside)::bigint FROM coupons AS c
    WHERE c.district_id = %(district)s AND c.campaign_id = ANY(%(campaigns)s::uuid[]) AND c.status IN ('issued', 'reserved')
      AND c.expires_at <= %(now)s AND {ends_at("c")} <= %(now)s
    GROUP BY c.campaign_id
"""
_EXPIRE = f"""
    UPDATE coupons AS c SET status = 'expired', ended_at = {ends_at("c")}, expires_at = {ends_at("c")}, set_aside = 0,
        reserved_by = NULL, reserved_reference = NULL, reserved_until = NULL
    WHERE c.district_id = %(district)s AND c.id = ANY(%(coupons)s::uuid[])
"""
_NEXT_END = """
    SELECT least(
        (SELECT min(expires_at) FROM coupons
         WHERE district_id = %(district)s AND status IN ('issued', 'reserved') AND expires_at > %(now)s),
        (SELECT min(ends_at) FROM later_ends WHERE district_id = %(district)s AND ends_at > %(now)s)
    )
"""


class Ended(NamedTuple):
    """A coupon past its end that nobody has told of yet."""

    coupon_id: str
    campaign_id: str
    member_id: str | None
    set_aside: int


def next_at(uow: UnitOfWork) -> datetime | None:
    """When the next coupons end."""
    [(found,)] = uow.rows(_NEXT_END, {"district": hex_of(uow.district_id), "now": uow.now})
    at: datetime | None = found
    return at


def returning_to(uow: UnitOfWork, campaign_ids: Sequence[str]) -> dict[str, int]:
    """Minor units that expired coupons give back to campaigns' budgets, though nobody has told of them yet."""
    found = dict.fromkeys(campaign_ids, 0)
    values = {"district": hex_of(uow.district_id), "campaigns": id_array(campaign_ids), "now": uow.now}
    return found | {f"cam_{campaign}": some for campaign, some in uow.rows(_RETURNING, values)}


def lock_ended(uow: UnitOfWork, campaign_id: str | None = None) -> list[Ended]:
    """Some coupons past their end, locked in order: of one campaign, or of any."""
    values = {"district": hex_of(uow.district_id), "now": uow.now}
    if campaign_id is None:
        rows = uow.rows(_OF_ANY, values)
    else:
        rows = uow.rows(_OF_ONE, {**values, "campaign": hex_of(campaign_id)})
    return [
        Ended(f"cpn_{coupon}", f"cam_{campaign}", member and f"mem_{member}", set_aside)
        for coupon, campaign, member, set_aside in rows
    ]


def expire(uow: UnitOfWork, ended: Sequence[Ended]) -> None:
    """Lets coupons expire that are locked; the caller counts them."""
    if ended:
        uow.write(_EXPIRE, {"coupons": id_array([one.coupon_id for one in ended])})
        uow.emit(*(CouponExpired(one.coupon_id, one.campaign_id, one.member_id) for one in ended))


def expire_some(uow: UnitOfWork) -> int:
    """Lets the next coupons of the district expire; gives how many these were."""
    ended = lock_ended(uow)
    expire(uow, ended)
    count(uow, [(one.campaign_id, Tally(expired=1, set_aside=-one.set_aside)) for one in ended])
    return len(ended)
