"""Coupons come into being."""

from __future__ import annotations

from collections.abc import Sequence
from zoneinfo import ZoneInfo

from app.coupons.bill.validity import span_of
from app.coupons.campaigns.rules import Terms
from app.coupons.events import CouponIssued
from app.coupons.issuing import code_index
from app.coupons.issuing.limits import limits_of
from app.coupons.issuing.models import Coupon
from app.foundation.database.sql_arrays import bytes_array, id_array, instant_array, number_array, text_array, unnested
from app.foundation.database.unit_of_work import UnitOfWork
from app.foundation.ids import new_id

_ADD = f"""
    INSERT INTO coupons (district_id, status, issued_at, id, campaign_id, member_id, code_key, code_index, way, usable_from,
                         expires_at, set_aside)
    VALUES (%(district)s::uuid, 'issued', %(now)s::timestamptz,
            {
    unnested(
        ids="uuid",
        campaigns="uuid",
        members="uuid",
        keys="smallint",
        indexes="bytea",
        ways="text",
        starts="timestamptz",
        ends="timestamptz",
        set_aside="bigint",
    )
})
"""


def make_coupon(uow: UnitOfWork, campaign_id: str, terms: Terms, member_id: str, zone: ZoneInfo, *, way: str) -> Coupon:
    """A coupon that has been counted in its campaign, before it is added."""
    coupon_id = new_id("cpn")
    made = code_index.make(uow.district_id, coupon_id)
    span = span_of(terms["validity"], uow.now, zone)
    return Coupon(
        district_id=uow.district_id,
        id=coupon_id,
        campaign_id=campaign_id,
        member_id=member_id,
        code_key=made.key,
        code_index=made.code_index,
        status="issued",
        way=way,
        issued_at=uow.now,
        usable_from=span.usable_from,
        expires_at=span.expires_at,
        set_aside=limits_of(terms).set_aside,
    )


def add_coupons(uow: UnitOfWork, coupons: Sequence[Coupon]) -> None:
    """Adds coupons that members claim now. A code that is taken asks for the unit of work to be done again."""
    if not coupons:
        return
    uow.write(
        _ADD,
        {
            "ids": id_array([one.id for one in coupons]),
            "campaigns": id_array([one.campaign_id for one in coupons]),
            "members": id_array([one.member_id for one in coupons]),
            "keys": number_array([one.code_key for one in coupons]),
            "indexes": bytes_array([one.code_index for one in coupons]),
            "ways": text_array([one.way for one in coupons]),
            "starts": instant_array([one.usable_from for one in coupons]),
            "ends": instant_array([one.expires_at for one in coupons]),
            "set_aside": number_array([one.set_aside for one in coupons]),
        },
    )
    uow.emit(*(CouponIssued(one.id, one.campaign_id, one.member_id, one.way) for one in coupons))
