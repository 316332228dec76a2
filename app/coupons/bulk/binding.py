"""Bearers' coupons become members'."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple
from zoneinfo import ZoneInfo

from app.coupons.bill.why_not import Code, WhyNot
from app.coupons.campaigns.queries import campaigns_by_id
from app.coupons.events import CouponBound
from app.coupons.issuing import queries
from app.coupons.issuing.claiming import check_limits
from app.coupons.issuing.models import Coupon
from app.coupons.issuing.rules import status_at
from app.coupons.redeeming.refusals import not_applicable
from app.districts import queries as districts
from app.foundation.database.unit_of_work import UnitOfWork
from app.foundation.i18n import words as _l
from app.foundation.problems import Forbidden, NotFound
from app.members.claimants import lock_claimant
from app.members.errors import MemberIsFrozen

_HINDERS: Mapping[str, Code] = {
    "reserved": "reserved",
    "redeemed": "redeemed",
    "expired": "expired",
    "voided": "voided",
}
"""States in which a coupon stays the bearer's."""
BINDS_NOT: tuple[Code, ...] = ("coupon-of-another-member", *_HINDERS.values())


class Bound(NamedTuple):
    """A member's coupon, and whether it became that just now."""

    coupon: Coupon
    is_new: bool


def bind(uow: UnitOfWork, member_id: str, code: str) -> Bound:
    """The coupon of a code is a member's from now on, and counts under its limits; again the same.

    Raises CodeMistyped, NotFound, Forbidden to a merchant for another's campaign, MemberIsFrozen, ClaimLimitReached, and what hinders
    a coupon: another's, reserved, redeemed, expired, voided.
    """
    coupon_id = _id_of(uow, code)
    member = lock_claimant(uow, member_id, reads_facts=False)
    coupon = queries.lock_coupon(uow, coupon_id)
    campaign = campaigns_by_id(uow, [coupon.campaign_id])[coupon.campaign_id]
    if campaign.merchant_id is not None and uow.principal.merchant_id not in (None, campaign.merchant_id):
        raise Forbidden(_l("This coupon is of another merchant's campaign."))
    if coupon.member_id == member.id:
        return Bound(coupon, False)
    if coupon.member_id is not None:
        raise not_applicable(WhyNot("coupon-of-another-member"))
    if member.is_frozen:
        raise MemberIsFrozen
    status = status_at(coupon.status, coupon.expires_at, coupon.reserved_until, uow.now)
    if status in _HINDERS:
        raise not_applicable(WhyNot(_HINDERS[status]))
    check_limits(uow, campaign, member, ZoneInfo(districts.district(uow).time_zone))
    coupon.member_id, coupon.bound_at = member.id, uow.now
    uow.session.flush()
    uow.emit(CouponBound(coupon.id, coupon.campaign_id, member.id))
    return Bound(queries.lock_coupon(uow, coupon.id), True)


def _id_of(uow: UnitOfWork, code: str) -> str:
    found = queries.id_of_code(uow, code)
    if found is None:
        raise NotFound.at("/code", _l("coupon"))
    return found
