"""Coupons that come back from bills: of sales that are refunded whole, and of redemptions that are rolled back."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

from app.coupons.bill.validity import end_after_return
from app.coupons.campaigns.ends import ends_at
from app.coupons.events import CouponReturned, CouponVoided
from app.coupons.issuing.counting import Tally, count
from app.foundation.database.sql_arrays import id_array, instant_array, number_array
from app.foundation.database.unit_of_work import UnitOfWork

_GIVE_BACK = """
    UPDATE coupons AS c SET status = 'issued', ended_at = NULL, set_aside = n.set_aside, expires_at = n.ends,
        given_back = true
    FROM unnest(%(coupons)s::uuid[], %(set_aside)s::bigint[], %(ends)s::timestamptz[]) AS n (id, set_aside, ends)
    WHERE c.district_id = %(district)s AND c.id = n.id AND c.status = 'redeemed'
"""
_VOID = f"""
    UPDATE coupons AS c SET status = 'voided', ended_at = %(now)s, expires_at = {ends_at("c")}
    WHERE c.district_id = %(district)s AND c.id = ANY(%(coupons)s::uuid[]) AND c.status = 'redeemed'
"""


class ReturnedCoupon(NamedTuple):
    """A redeemed coupon, locked, that its bill doesn't need any more.

    `merchant_id` redeemed it; `discount` is what was left of its discount, `set_aside` what waits for it of the budget
    again: both as the redemption says. `given_back`: that has happened before. `is_nobodys`: its member has left.
    """

    coupon_id: str
    campaign_id: str
    member_id: str | None
    merchant_id: str
    discount: int
    set_aside: int
    expires_at: datetime
    given_back: bool
    is_nobodys: bool = False


def give_back(
    uow: UnitOfWork,
    returned: Sequence[ReturnedCoupon],
    zone: ZoneInfo,
    discounts: Iterable[tuple[str, Tally]] = (),
) -> None:
    """Lets coupons be used again, the first time for some days at least; those of members who have left are voided.

    Their discount returns to the budget, and the largest is set aside again, also past the budget: it was promised. Where
    that takes more than came back, what was dealt out to the campaign's slices is dealt out anew. `discounts`: what comes
    back of coupons that stay used, by campaign.
    """
    usable = [one for one in returned if not one.is_nobodys]
    _write_usable(uow, usable, zone)
    over = [one for one in returned if one.is_nobodys]
    if over:
        uow.write(_VOID, {"coupons": id_array([one.coupon_id for one in over])})
    short = {one.campaign_id for one in usable if one.set_aside > one.discount}
    count(uow, [*discounts, *((one.campaign_id, _tally(one)) for one in returned)], short=short)
    uow.emit(*(CouponReturned(one.coupon_id, one.campaign_id, one.merchant_id) for one in usable))
    uow.emit(*(CouponVoided(one.coupon_id, one.campaign_id, one.member_id) for one in over))


def _tally(one: ReturnedCoupon) -> Tally:
    if one.is_nobodys:
        return Tally(redeemed=-1, voided=1, discount_given=-one.discount)
    return Tally(redeemed=-1, set_aside=one.set_aside, discount_given=-one.discount)


def _write_usable(uow: UnitOfWork, usable: Sequence[ReturnedCoupon], zone: ZoneInfo) -> None:
    if not usable:
        return
    ends = [end_after_return(one.expires_at, uow.now, zone, is_first=not one.given_back) for one in usable]
    uow.write(
        _GIVE_BACK,
        {
            "coupons": id_array([one.coupon_id for one in usable]),
            "set_aside": number_array([one.set_aside for one in usable]),
            "ends": instant_array(ends),
        },
    )
