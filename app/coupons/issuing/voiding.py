"""Coupons that are taken back: by hand with a reason, or because their member has left."""

from __future__ import annotations

from app.coupons.campaigns import queries as campaigns
from app.coupons.campaigns.paying import GiveBack, hold_to_give_back
from app.coupons.errors import CouponIsOver
from app.coupons.events import CouponVoided
from app.coupons.issuing import queries
from app.coupons.issuing.counting import Tally, count
from app.coupons.issuing.models import Coupon
from app.coupons.issuing.rules import status_at
from app.foundation.database.unit_of_work import Overtaken, UnitOfWork
from app.foundation.i18n import words as _l
from app.foundation.ids import hex_of, new_id
from app.foundation.problems import Forbidden
from app.members import queries as members

_OF_MEMBER = """
    UPDATE coupons SET status = 'voided', ended_at = %(now)s, set_aside = 0,
        reserved_by = NULL, reserved_reference = NULL, reserved_until = NULL
    WHERE district_id = %(district)s AND member_id = %(member)s AND status IN ('issued', 'reserved')
      AND expires_at > %(now)s
"""
_LOCK_OF_MEMBER = """
    SELECT id, campaign_id, set_aside FROM coupons
    WHERE district_id = %s AND member_id = %s AND status IN ('issued', 'reserved') AND expires_at > %s
    ORDER BY id FOR UPDATE
"""
_FORGET_REASONS = "UPDATE coupons SET void_reason = NULL WHERE district_id = %(district)s AND member_id = %(member)s"


def void(uow: UnitOfWork, code: str, reason: str) -> Coupon:
    """Takes back a coupon that hasn't been used; what was set aside for it returns to the budget, points to its member.

    Raises CodeMistyped, NotFound, CouponIsOver, and Forbidden to a merchant for a campaign that isn't its own.
    """
    before = queries.coupon_of_code(uow, code)
    give_back = _hold_payer(uow, before)
    coupon = queries.coupon_of_code(uow, code, lock=True)
    campaign = campaigns.campaigns_by_id(uow, [coupon.campaign_id])[coupon.campaign_id]
    if uow.principal.merchant_id not in (None, campaign.merchant_id):
        raise Forbidden(_l("Only who runs the campaign takes its coupons back."))
    if status_at(coupon.status, coupon.expires_at, coupon.reserved_until, uow.now) not in queries.OPEN:
        raise CouponIsOver
    returned, coupon.set_aside = coupon.set_aside, 0
    coupon.status, coupon.ended_at, coupon.void_reason = "voided", uow.now, reason
    coupon.reserved_by = coupon.reserved_reference = coupon.reserved_until = None
    if give_back is not None:
        coupon.points_returned_in = new_id("cvd")
        give_back({coupon.id: coupon.points_returned_in})
    uow.session.flush()
    count(uow, [(coupon.campaign_id, Tally(voided=1, set_aside=-returned))])
    uow.emit(CouponVoided(coupon.id, coupon.campaign_id, coupon.member_id))
    return coupon


def _hold_payer(uow: UnitOfWork, coupon: Coupon) -> GiveBack | None:
    """Holds the purse from which a coupon was paid; None where it was free. Raises Overtaken where that moves meanwhile."""
    if coupon.way != "points" or coupon.member_id is None:
        return None
    members.lock_member_row(uow, coupon.member_id)
    if members.survivor_of(uow, coupon.member_id) != coupon.member_id:
        raise Overtaken
    return hold_to_give_back(uow, [coupon.member_id])


def void_of_member(uow: UnitOfWork, member_id: str) -> None:
    """Takes back all that a member who leaves could still use, and forgets what was written of its coupons. Hold the member."""
    rows = uow.rows(_LOCK_OF_MEMBER, (hex_of(uow.district_id), hex_of(member_id), uow.now))
    uow.write(_OF_MEMBER, {"member": hex_of(member_id)})
    uow.write(_FORGET_REASONS, {"member": hex_of(member_id)})
    count(uow, [(f"cam_{campaign}", Tally(voided=1, set_aside=-set_aside)) for _, campaign, set_aside in rows])
    uow.emit(*(CouponVoided(f"cpn_{coupon}", f"cam_{campaign}", member_id) for coupon, campaign, _ in rows))
