"""Redemptions that are undone before their sale is reported."""

from __future__ import annotations

from typing import NamedTuple
from zoneinfo import ZoneInfo

from app.coupons.bill.terms import Funder
from app.coupons.campaigns import queries as campaigns
from app.coupons.errors import RedemptionOfSale, RolledBackAlready
from app.coupons.events import RedemptionRolledBack
from app.coupons.issuing import queries as coupons
from app.coupons.issuing.models import Coupon
from app.coupons.redeeming import money, queries
from app.coupons.redeeming.models import Redemption
from app.coupons.redeeming.returning import ReturnedCoupon, give_back
from app.districts import queries as districts
from app.foundation.database.sql_arrays import id_array
from app.foundation.database.unit_of_work import Overtaken, UnitOfWork
from app.members import queries as members

_FORGET = """
    UPDATE redemptions SET rollback_reason = NULL, items = NULL
    WHERE district_id = %(district)s AND member_id = ANY(%(members)s::uuid[])
      AND (rollback_reason IS NOT NULL OR items IS NOT NULL)
"""


class RolledBack(NamedTuple):
    """A redemption that is undone, and whether it was only now."""

    redemption: Redemption
    is_new: bool


def roll_back(uow: UnitOfWork, redemption_id: str, reference: str, reason: str) -> RolledBack:
    """Undoes a redemption that is no sale's, and gives its coupon back as a full refund does, whatever `on_refund` says.

    Raises NotFound, RedemptionOfSale, RolledBackAlready.
    """
    named = queries.name_redemption(uow, redemption_id)
    queries.lock_reference(uow, named.merchant_id, named.reference)
    coupon, is_nobodys = _lock_coupon(uow, named.coupon_id)
    row = queries.lock_redemption(uow, redemption_id)
    if row.transaction_id is not None:
        raise RedemptionOfSale(transaction_id=row.transaction_id)
    if row.rolled_back_reference is not None:
        if row.rolled_back_reference != reference:
            raise RolledBackAlready
        return RolledBack(row, False)
    left = row.discount_amount - row.discount_returned
    owe_no_more(uow, row, "coupon-rollback")
    row.state, row.ended_at, row.discount_returned = "rolled_back", uow.now, row.discount_amount
    row.district_part = row.merchant_part = row.government_part = 0
    row.rolled_back_reference, row.rollback_reason = reference, None if is_nobodys else reason
    uow.session.flush()
    give_back(
        uow,
        [
            ReturnedCoupon(
                coupon.id,
                coupon.campaign_id,
                coupon.member_id,
                row.merchant_id,
                left,
                row.set_aside,
                coupon.expires_at,
                coupon.given_back,
                is_nobodys,
            )
        ],
        ZoneInfo(districts.district(uow).time_zone),
    )
    uow.emit(RedemptionRolledBack(row.id, row.coupon_id, row.campaign_id, row.merchant_id, row.store_id))
    return RolledBack(row, True)


def owe_no_more(uow: UnitOfWork, row: Redemption, kind: str) -> None:
    """Gives funders back, in a journal of a kind, what they still pay of a redemption."""
    [campaign] = campaigns.campaigns_by_id(uow, [row.campaign_id]).values()
    left: dict[Funder, int] = {
        "district": row.district_part,
        "merchant": row.merchant_part,
        "government": row.government_part,
    }
    journal, sponsor_id = money.journal_of_return(uow, kind), campaign.terms["sponsor_merchant_id"]
    money.post(uow, [money.FundingChange(journal, row.id, row.merchant_id, sponsor_id, left, money.NOTHING)])


def _lock_coupon(uow: UnitOfWork, coupon_id: str) -> tuple[Coupon, bool]:
    """A coupon, with its member held; and whether that one has left. Raises Overtaken where it has become another's."""
    member_id = coupons.owner_of(uow, coupon_id)
    if member_id is not None:
        members.lock_member_row(uow, member_id)
    coupon = coupons.lock_coupon(uow, coupon_id)
    if coupon.member_id != member_id:
        raise Overtaken
    is_nobodys = member_id is not None and members.members_of(uow, [member_id])[member_id].is_gone
    return coupon, is_nobodys


def forget(uow: UnitOfWork, member_id: str) -> None:
    """Forgets what a member who leaves bought, and what was written of roll-backs. Hold the member."""
    uow.write(_FORGET, {"members": id_array(members.with_merged(uow, member_id))})
