"""Verbs of government vouchers after their redemption: reviewed by the alliance, refunded."""

from __future__ import annotations

from typing import Literal, NamedTuple

from app.coupons.errors import WrongRedemptionState
from app.coupons.events import RedemptionRejected, RedemptionReleased
from app.coupons.redeeming.models import Redemption
from app.coupons.redeeming.queries import lock_redemption
from app.coupons.vouchers.queries import first_rows
from app.coupons.vouchers.rows import add_rows, followed_by, when_and_who
from app.foundation.database.unit_of_work import UnitOfWork
from app.foundation.ids import hex_of

Verdict = Literal["released", "rejected"]
_TOLD = {"released": RedemptionReleased, "rejected": RedemptionRejected}
_FORGET_REASONS = """
    UPDATE redemptions SET review_reason = NULL WHERE district_id = %(district)s AND member_id = %(member)s
"""


class Reviewed(NamedTuple):
    """A redemption, and whether this review changed it: whoever repeats one changes nothing."""

    redemption: Redemption
    is_new: bool


def review(uow: UnitOfWork, redemption_id: str, verdict: Verdict, reason: str | None) -> Reviewed:
    """Ends the wait of a redemption that is held. Raises NotFound, WrongRedemptionState."""
    row = lock_redemption(uow, redemption_id)
    if row.state == verdict:
        return Reviewed(row, False)
    if row.state != "held":
        raise WrongRedemptionState
    row.state, row.review_reason = verdict, reason
    uow.session.flush()
    first = first_rows(uow, [row.id])[row.id]
    nothing = {"amount": 0, "discount_amount": 0, "government_amount": 0}
    who = when_and_who(uow, uow.now, uow.principal.id)
    add_rows(uow, [followed_by(first, "review", **nothing, **who, state=row.state, reasons=row.reasons)])
    uow.emit(_TOLD[verdict](row.id, row.campaign_id, row.merchant_id, row.store_id))
    return Reviewed(row, True)


def forget_reasons(uow: UnitOfWork, member_id: str) -> None:
    """Forgets what was written of the vouchers of a member who leaves."""
    uow.write(_FORGET_REASONS, {"member": hex_of(member_id)})
