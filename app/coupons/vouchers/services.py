"""Verbs of government vouchers after their redemption: reviewed by the alliance, refunded."""

from __future__ import annotations

from typing import Literal, NamedTuple

from app.coupons.errors import WrongRedemptionState
from app.coupons.events import RedemptionRejected, RedemptionReleased
from app.coupons.redeeming.models import Redemption
from app.coupons.redeeming.queries import lock_redemption
from app.coupons.redeeming.rolling_back import owe_no_more
from app.coupons.vouchers.queries import first_rows, holder_of
from app.coupons.vouchers.rows import add_rows, followed_by, when_and_who
from app.foundation.database.sql_arrays import id_array
from app.foundation.database.unit_of_work import Overtaken, UnitOfWork
from app.members import queries as members

Verdict = Literal["released", "rejected"]
_TOLD = {"released": RedemptionReleased, "rejected": RedemptionRejected}
_FORGET_REASONS = """
    UPDATE redemptions AS r SET review_reason = NULL
    WHERE r.district_id = %(district)s AND r.review_reason IS NOT NULL AND EXISTS (
        SELECT FROM evidence AS e WHERE e.district_id = %(district)s AND e.redemption_id = r.id AND e.kind = 'redemption'
          AND e.member_id = ANY(%(members)s::uuid[])
    )
"""


class Reviewed(NamedTuple):
    """A redemption, and whether this review changed it: whoever repeats one changes nothing."""

    redemption: Redemption
    is_new: bool


def review(uow: UnitOfWork, redemption_id: str, verdict: Verdict, reason: str | None) -> Reviewed:
    """Ends the wait of a redemption that is held; where its member has left, nothing is kept of what is written of it.

    Raises NotFound, WrongRedemptionState, and Overtaken where the member has become another meanwhile.
    """
    is_nobodys = _hold_holder(uow, redemption_id)
    row = lock_redemption(uow, redemption_id)
    if row.state == verdict:
        return Reviewed(row, False)
    if row.state != "held":
        raise WrongRedemptionState
    row.state, row.review_reason = verdict, None if is_nobodys else reason
    if verdict == "rejected":
        owe_no_more(uow, row, "coupon-rejection")
    uow.session.flush()
    first = first_rows(uow, [row.id])[row.id]
    nothing = {"amount": 0, "discount_amount": 0, "government_amount": 0}
    who = when_and_who(uow, uow.now, uow.principal.id)
    add_rows(uow, [followed_by(first, "review", **nothing, **who, state=row.state, reasons=row.reasons)])
    uow.emit(_TOLD[verdict](row.id, row.campaign_id, row.merchant_id, row.store_id))
    return Reviewed(row, True)


def _hold_holder(uow: UnitOfWork, redemption_id: str) -> bool:
    """Holds the member whose voucher it was; says whether that one has left."""
    holder = holder_of(uow, redemption_id)
    if holder is None:
        return False
    member_id = members.survivor_of(uow, holder)
    members.lock_member_row(uow, member_id)
    if members.survivor_of(uow, holder) != member_id:
        raise Overtaken
    return members.members_of(uow, [member_id])[member_id].is_gone


def forget_reasons(uow: UnitOfWork, member_id: str) -> None:
    """Forgets what was written of the vouchers of a member who leaves, and of those who became part of it. Hold the member."""
    uow.write(_FORGET_REASONS, {"members": id_array(members.with_merged(uow, member_id))})
