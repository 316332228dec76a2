"""Coupons that merchants hold for bills of their own, and what sets them free.

A hold that is over by the clock is none, whether or not its job has run: that tidies, and tells of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from app.coupons.bill.codes import read_code
from app.coupons.bill.judging import Occasion, hindrance
from app.coupons.bill.terms import Hold, Presented
from app.coupons.bill.why_not import WhyNot
from app.coupons.campaigns.ends import ends_at
from app.coupons.campaigns.queries import ask_shared
from app.coupons.events import CouponReleased, CouponReserved
from app.coupons.redeeming.refusals import not_applicable
from app.coupons.redeeming.tendered import Found, Tendered, ask_found, ask_tendered
from app.districts import queries as districts
from app.districts.queries import Shop
from app.foundation.database.sql_arrays import id_array
from app.foundation.database.unit_of_work import UnitOfWork
from app.foundation.i18n import words as _l
from app.foundation.ids import hex_of
from app.foundation.problems import NotFound, ValidationFailed

COUPONS_A_SET = 500
_HOLD = """
    UPDATE coupons SET status = 'reserved', reserved_by = %(merchant)s::uuid, reserved_reference = %(reference)s,
        reserved_until = %(until)s
    WHERE district_id = %(district)s AND id = %(coupon)s::uuid
"""
_FREE = """
    UPDATE coupons SET status = 'issued', reserved_by = NULL, reserved_reference = NULL, reserved_until = NULL
    WHERE district_id = %(district)s AND id = ANY(%(coupons)s::uuid[])
"""
_OF_CAMPAIGN = """
    SELECT id, campaign_id, reserved_by FROM coupons
    WHERE district_id = %(district)s AND campaign_id = %(campaign)s AND status = 'reserved' ORDER BY id FOR UPDATE
"""
_OVER = f"""
    SELECT c.id, c.campaign_id, c.reserved_by FROM coupons AS c
    WHERE c.district_id = %(district)s AND c.id IN (
        SELECT h.id FROM coupons AS h
        WHERE h.district_id = %(district)s AND h.status = 'reserved' AND h.reserved_until <= %(now)s
          AND {ends_at("h")} > %(now)s ORDER BY h.reserved_until, h.id LIMIT {COUPONS_A_SET}
    ) AND c.status = 'reserved' AND c.reserved_until <= %(now)s ORDER BY c.id FOR UPDATE
"""
_NEXT_END = (
    "SELECT min(reserved_until) FROM coupons WHERE district_id = %s AND status = 'reserved' AND reserved_until > %s"
)


class Held(NamedTuple):
    """A coupon, and until when it is held; None where it isn't."""

    coupon_id: str
    until: datetime | None


def reserve(
    uow: UnitOfWork, code: str, reference: str, store_id: str | None, ttl_seconds: int, channel: str | None
) -> Held:
    """Holds a coupon for a bill of a merchant; not beyond its end. For the same bill it stays as it was held.

    It is judged by all but what is on the bill. Raises CodeMistyped, NotFound, ValidationFailed, one of HINDRANCES.
    """
    shop = shop_of(uow, store_id)
    coupon = lock_coupon_of_code(uow, code).coupon
    hold = live_hold(coupon, uow.now)
    if hold is not None and (hold.merchant_id, hold.reference) == (shop.merchant_id, reference):
        return Held(coupon.coupon_id, hold.until)
    zone = ZoneInfo(districts.district(uow).time_zone)
    occasion = Occasion(uow.now, zone, shop.merchant_id, shop.store_id, shop.category, channel, reference=reference)
    against = hindrance(coupon, occasion)
    if against is not None:
        raise not_applicable(against)
    if coupon.hold is not None:
        uow.emit(CouponReleased(coupon.coupon_id, coupon.terms.campaign_id, coupon.hold.merchant_id))
    until = min(uow.now + timedelta(seconds=ttl_seconds), coupon.expires_at)
    values = {"coupon": hex_of(coupon.coupon_id), "merchant": hex_of(shop.merchant_id), "reference": reference}
    uow.write(_HOLD, {**values, "until": until})
    uow.emit(CouponReserved(coupon.coupon_id, coupon.terms.campaign_id, shop.merchant_id))
    return Held(coupon.coupon_id, until)


def release(uow: UnitOfWork, code: str, reference: str, store_id: str | None) -> Held:
    """Lets a coupon go that is held for a bill of a merchant; one that nobody holds is left as it is.

    Raises CodeMistyped, NotFound, ValidationFailed, and `reserved` where it is held for another bill.
    """
    shop = shop_of(uow, store_id)
    coupon = lock_coupon_of_code(uow, code).coupon
    hold = live_hold(coupon, uow.now)
    if hold is not None and (hold.merchant_id, hold.reference) != (shop.merchant_id, reference):
        raise not_applicable(WhyNot("reserved"))
    if hold is not None:
        _free(uow, [(coupon.coupon_id, coupon.terms.campaign_id, hold.merchant_id)])
    return Held(coupon.coupon_id, None)


def free_of_campaign(uow: UnitOfWork, campaign_id: str) -> None:
    """Lets all coupons of a campaign go. Hold the campaign alone."""
    values = {"district": hex_of(uow.district_id), "campaign": hex_of(campaign_id)}
    _free(uow, uow.rows(_OF_CAMPAIGN, values))


def free_some(uow: UnitOfWork) -> int:
    """Lets the next coupons of the district go that are held no longer; gives how many these were.

    Those that have come to their own end are left to expire.
    """
    over = uow.rows(_OVER, {"district": hex_of(uow.district_id), "now": uow.now})
    _free(uow, over)
    return len(over)


def next_at(uow: UnitOfWork) -> datetime | None:
    """When the next holds end."""
    [(found,)] = uow.rows(_NEXT_END, (hex_of(uow.district_id), uow.now))
    at: datetime | None = found
    return at


def _free(uow: UnitOfWork, held: Sequence[tuple[str, ...]]) -> None:
    """Lets coupons go, each named by its id, its campaign's and its merchant's. Lock them before."""
    if held:
        uow.write(_FREE, {"coupons": id_array([coupon for coupon, _, _ in held])})
        ids = ((hex_of(one) for one in row) for row in held)
        uow.emit(*(CouponReleased(f"cpn_{coupon}", f"cam_{campaign}", f"mer_{by}") for coupon, campaign, by in ids))


def live_hold(coupon: Presented, now: datetime) -> Hold | None:
    """By which hold a coupon is kept at an instant."""
    hold = coupon.hold
    return hold if hold is not None and now < min(hold.until, coupon.expires_at) else None


def shop_of(uow: UnitOfWork, store_id: str | None) -> Shop:
    """The store for whose bill a coupon is, a store's key's own without an id. Raises NotFound, ValidationFailed."""
    store_id = store_id or uow.principal.store_id
    if store_id is None:
        words = _l("A store is needed, unless the key is a store's own.")
        raise ValidationFailed.at("/store_id", "required", words)
    shop = districts.ask_shop(uow, store_id)()
    if shop is None or not uow.principal.acts_for(shop.merchant_id, shop.store_id):
        raise NotFound.at("/store_id", _l("store"))
    return shop


def lock_coupon_of_code(uow: UnitOfWork, code: str) -> Tendered:
    """The coupon of a code, locked, with its campaign kept as it is. Raises CodeMistyped, NotFound."""
    found = find_of_code(uow, code)
    ask_shared(uow, [found.campaign_id])()
    return ask_tendered(uow, [found.coupon_id])()[found.coupon_id]


def find_of_code(uow: UnitOfWork, code: str) -> Found:
    """Where a code leads, before anything is locked. Raises CodeMistyped, NotFound."""
    plain = read_code(code)
    found = ask_found(uow, [plain])().get(plain)
    if found is None:
        raise NotFound
    return found
