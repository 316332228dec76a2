"""Coupons come into being."""

from __future__ import annotations

from app.coupons.bill.validity import Span
from app.coupons.campaigns.models import Campaign
from app.coupons.events import CouponIssued
from app.coupons.issuing import coupon_codes
from app.coupons.issuing.models import Coupon
from app.foundation.database.unit_of_work import UnitOfWork
from app.foundation.ids import new_id


def add_coupon(uow: UnitOfWork, campaign: Campaign, member_id: str, *, way: str, span: Span, set_aside: int) -> Coupon:
    """A coupon that has been counted in its campaign. A code that is taken asks for the unit of work to be done again."""
    coupon_id = new_id("cpn")
    made = coupon_codes.make(uow.district_id, coupon_id)
    coupon = Coupon(
        district_id=uow.district_id,
        id=coupon_id,
        campaign_id=campaign.id,
        member_id=member_id,
        code_key=made.key,
        code_index=made.code_index,
        status="issued",
        way=way,
        issued_at=uow.now,
        usable_from=span.usable_from,
        expires_at=span.expires_at,
        set_aside=set_aside,
    )
    uow.session.add(coupon)
    uow.session.flush()
    uow.emit(CouponIssued(coupon.id, campaign.id, member_id, way))
    return coupon
