"""Whether a coupon is applicable by itself, whatever else is presented with it. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from app.coupons.bill.lines import Bill
from app.coupons.bill.terms import Exchange, Presented, Terms, Usable
from app.coupons.bill.why_not import Code, WhyNot


@dataclass(frozen=True, slots=True)
class Occasion:
    """When, where and by whom a bill is paid. `now` is the instant at which coupons are judged, `zone` the district's;
    `category` is the merchant's; `reference` names the bill, where it has a name already.
    """

    now: datetime
    zone: ZoneInfo
    merchant_id: str
    store_id: str
    category: str | None = None
    channel: str | None = None
    member_id: str | None = None
    points_to_spend: int = 0
    reference: str | None = None


Question = Callable[[Presented, Occasion], WhyNot | None]


def why_not(coupon: Presented, occasion: Occasion, bill: Bill) -> WhyNot | None:
    """The first reason against a coupon by itself; None where there is none. A shop for which it isn't learns only that."""
    return hindrance(coupon, occasion) or _of_bill(coupon, bill)


def hindrance(coupon: Presented, occasion: Occasion) -> WhyNot | None:
    """The same, whatever is on the bill."""
    for ask in _QUESTIONS:
        found = ask(coupon, occasion)
        if found is not None:
            return found
    return None


def belongs_to_another(coupon: Presented, member_id: str | None) -> WhyNot | None:
    """Whether a coupon is that of another than the buyer, so far as both are known."""
    is_another = None not in (member_id, coupon.member_id) and coupon.member_id != member_id
    return WhyNot("coupon-of-another-member") if is_another else None


def _of_shop(coupon: Presented, occasion: Occasion) -> WhyNot | None:
    terms = coupon.terms
    here = (
        (terms.merchant_ids, occasion.merchant_id),
        (terms.store_ids, occasion.store_id),
        (terms.categories, occasion.category),
    )
    return WhyNot("wrong-shop") if any(allowed and one not in allowed for allowed, one in here) else None


def _of_state(coupon: Presented, occasion: Occasion) -> WhyNot | None:
    """States that are final come before the clock, and a pause before a hold, which it ends."""
    now, hold = occasion.now, coupon.hold
    reasons: tuple[tuple[Code, bool], ...] = (
        ("voided", coupon.state == "voided"),
        ("redeemed", coupon.state == "redeemed"),
        ("expired", coupon.state == "expired" or now >= coupon.expires_at),
        ("not-yet-usable", now < coupon.usable_from),
        ("campaign-paused", coupon.campaign_is_paused),
        ("reserved", hold is not None and hold.is_against(occasion.merchant_id, occasion.reference, now)),
    )
    return next((WhyNot(code) for code, holds in reasons if holds), None)


def _of_member(coupon: Presented, occasion: Occasion) -> WhyNot | None:
    frozen = WhyNot("member-frozen") if coupon.member_is_frozen else None
    return belongs_to_another(coupon, occasion.member_id) or frozen


def _of_way(coupon: Presented, occasion: Occasion) -> WhyNot | None:
    channels = coupon.terms.channels
    return WhyNot("wrong-channel") if channels and occasion.channel not in channels else None


def _of_hours(coupon: Presented, occasion: Occasion) -> WhyNot | None:
    usable = coupon.terms.usable
    days = [day for day in _days(usable, occasion) if not usable.weekdays or day.isoweekday() in usable.weekdays]
    if not days:
        return WhyNot("outside-hours")
    return WhyNot("excluded-date") if usable.excluded_dates.issuperset(days) else None


def _days(usable: Usable, occasion: Occasion) -> Iterable[date]:
    """The local days to which the present belongs: those on which a window that it is in started."""
    local = occasion.now.astimezone(occasion.zone)
    if not usable.time_windows:
        return (local.date(),)
    return [day for window in usable.time_windows if (day := window.day_of(local)) is not None]


def _of_points(coupon: Presented, occasion: Occasion) -> WhyNot | None:
    return WhyNot("not-with-points") if occasion.points_to_spend and not coupon.terms.with_points else None


def _of_bill(coupon: Presented, bill: Bill) -> WhyNot | None:
    terms = coupon.terms
    if not bill.matching(terms) or not _has_what_it_gives(terms, bill):
        return WhyNot("no-matching-item")
    missing = terms.min_amount - bill.matching_amount(terms)
    return WhyNot("below-minimum", missing=missing) if missing > 0 else None


def _has_what_it_gives(terms: Terms, bill: Bill) -> bool:
    return not isinstance(terms.benefit, Exchange) or bill.has_unit_for(terms.benefit)


_QUESTIONS: tuple[Question, ...] = (_of_shop, _of_state, _of_member, _of_way, _of_hours, _of_points)
