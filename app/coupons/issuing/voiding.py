"""Coupons that are taken back: by hand with a reason, or because their member has left."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import NamedTuple

from app.coupons.campaigns import queries as campaigns
from app.coupons.campaigns.ends import ends_at
from app.coupons.campaigns.paying import GiveBack, hold_to_give_back
from app.coupons.errors import CouponIsOver
from app.coupons.events import CouponVoided
from app.coupons.issuing import queries
from app.coupons.issuing.counting import Tally, count
from app.coupons.issuing.models import Coupon
from app.foundation.database.sql_arrays import id_array
from app.foundation.database.unit_of_work import Overtaken, UnitOfWork
from app.foundation.i18n import words as _l
from app.foundation.ids import hex_of, new_id
from app.foundation.problems import Forbidden
from app.members import queries as members

_OF_MEMBER = f"""
    UPDATE coupons AS c SET status = 'voided', ended_at = %(now)s, expires_at = {ends_at("c")}, set_aside = 0,
        reserved_by = NULL, reserved_reference = NULL, reserved_until = NULL
    WHERE c.district_id = %(district)s AND c.member_id = %(member)s AND c.status IN ('issued', 'reserved')
      AND {ends_at("c")} > %(now)s
"""
_LOCK_OF_MEMBER = f"""
    SELECT c.id, c.campaign_id, c.set_aside FROM coupons AS c
    WHERE c.district_id = %(district)s AND c.member_id = %(member)s AND c.status IN ('issued', 'reserved')
      AND {ends_at("c")} > %(now)s
    ORDER BY c.id FOR UPDATE
"""
_LOCK_SOME = f"""
    SELECT c.id, c.campaign_id, c.member_id, c.set_aside, c.way FROM coupons AS c
    WHERE c.district_id = %(district)s AND c.id = ANY(%(coupons)s::uuid[]) AND c.status IN ('issued', 'reserved')
      AND {ends_at("c")} > %(now)s
    ORDER BY c.id FOR UPDATE
"""
_VOID_SOME = f"""
    UPDATE coupons AS c SET status = 'voided', ended_at = %(now)s, expires_at = {ends_at("c")}, void_reason = %(reason)s,
        set_aside = 0, points_returned_in = n.journal, reserved_by = NULL, reserved_reference = NULL, reserved_until = NULL
    FROM unnest(%(coupons)s::uuid[], %(journals)s::uuid[]) AS n (id, journal)
    WHERE c.district_id = %(district)s AND c.id = n.id
"""
_FORGET_REASONS = "UPDATE coupons SET void_reason = NULL WHERE district_id = %(district)s AND member_id = %(member)s"


class Open(NamedTuple):
    """A coupon that could still be used when it was looked at, and by what it may have cost points."""

    coupon_id: str
    member_id: str | None
    way: str


def void(uow: UnitOfWork, code: str, reason: str) -> Coupon:
    """Takes back a coupon that hasn't been used; what was set aside for it returns to the budget, points to its member.

    Raises CodeMistyped, NotFound, CouponIsOver, and Forbidden to a merchant for a campaign that isn't its own.
    """
    coupon = queries.coupon_of_code(uow, code)
    campaign = campaigns.campaigns_by_id(uow, [coupon.campaign_id])[coupon.campaign_id]
    if uow.principal.merchant_id not in (None, campaign.merchant_id):
        raise Forbidden(_l("Only who runs the campaign takes its coupons back."))
    if not take_back(uow, [Open(coupon.id, coupon.member_id, coupon.way)], reason):
        raise CouponIsOver
    return queries.lock_coupon(uow, coupon.id)


def take_back(uow: UnitOfWork, found: Sequence[Open], reason: str) -> int:
    """Takes back those of some coupons that can still be used, for a reason; says how many these were.

    What was set aside for them returns to the budget, and the points that they cost to their members. Raises Overtaken where one
    that cost points has come to another member meanwhile.
    """
    payers = {one.member_id for one in found if one.way == "points" and one.member_id is not None}
    give_back = _hold_payers(uow, payers)
    coupons = id_array([one.coupon_id for one in found])
    rows = uow.rows(_LOCK_SOME, {"district": hex_of(uow.district_id), "coupons": coupons, "now": uow.now})
    if not rows:
        return 0
    costly = [(coupon, member) for coupon, _, member, _, way in rows if way == "points" and member is not None]
    if not payers >= {f"mem_{member}" for _, member in costly}:
        raise Overtaken
    journals = {f"cpn_{coupon}": new_id("cvd") for coupon, _ in costly}
    uow.write(
        _VOID_SOME,
        {
            "coupons": id_array([coupon for coupon, *_ in rows]),
            "journals": id_array([journals.get(f"cpn_{coupon}") for coupon, *_ in rows]),
            "reason": reason,
        },
    )
    if give_back is not None and journals:
        give_back(journals)
    count(uow, [(f"cam_{campaign}", Tally(voided=1, set_aside=-set_aside)) for _, campaign, _, set_aside, _ in rows])
    told = ((f"cpn_{coupon}", f"cam_{campaign}", member and f"mem_{member}") for coupon, campaign, member, *_ in rows)
    uow.emit(*(CouponVoided(*one, journals.get(one[0])) for one in told))
    return len(rows)


def _hold_payers(uow: UnitOfWork, member_ids: Collection[str]) -> GiveBack | None:
    """Holds the purses from which coupons were paid; None where all were free."""
    if not member_ids:
        return None
    members.lock_member_rows(uow, member_ids)
    return hold_to_give_back(uow, member_ids)


def void_of_member(uow: UnitOfWork, member_id: str) -> None:
    """Takes back all that a member who leaves could still use, and forgets what was written of its coupons. Hold the member."""
    rows = uow.rows(_LOCK_OF_MEMBER, {"district": hex_of(uow.district_id), "member": hex_of(member_id), "now": uow.now})
    uow.write(_OF_MEMBER, {"member": hex_of(member_id)})
    uow.write(_FORGET_REASONS, {"member": hex_of(member_id)})
    count(uow, [(f"cam_{campaign}", Tally(voided=1, set_aside=-set_aside)) for _, campaign, set_aside in rows])
    uow.emit(*(CouponVoided(f"cpn_{coupon}", f"cam_{campaign}", member_id) for coupon, campaign, _ in rows))
