"""Government vouchers of sales that are refunded, as a part of a unit of work: told as negative rows, marked where it was soon."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from app.coupons.campaigns.queries import ask_screening
from app.coupons.events import RedemptionHeld
from app.coupons.redeeming.refunding import CouponOfSale
from app.coupons.vouchers.queries import first_rows
from app.coupons.vouchers.rows import NewRow, add_rows, followed_by, when_and_who
from app.coupons.vouchers.screening import Thresholds, is_refunded_soon, thresholds_of
from app.foundation.database.sql_arrays import id_array, json_array, text_array
from app.foundation.database.unit_of_work import UnitOfWork
from app.foundation.ids import hex_of

SOON = "refunded-soon"
_IDS = ("redemption_id", "campaign_id", "merchant_id", "store_id")
_MARKED = "SELECT id, state, reasons, redeemed_at FROM redemptions WHERE district_id = %s AND id = ANY(%s::uuid[])"
_MARK = """
    UPDATE redemptions AS r SET state = n.state, reasons = n.reasons
    FROM unnest(%(redemptions)s::uuid[], %(states)s::text[], %(reasons)s::jsonb[]) AS n (id, state, reasons)
    WHERE r.district_id = %(district)s AND r.id = n.id
"""


@dataclass(frozen=True, slots=True)
class VoucherRefund:
    """What a refund makes of a voucher; `amount` is the refund's, `by` the key that reported it."""

    before: CouponOfSale
    after: CouponOfSale
    amount: int
    occurred_at: datetime
    by: str


@dataclass(slots=True)
class Marks:
    """The state and the reasons of a redemption, as one refund after the other leaves them."""

    state: str
    reasons: list[str]
    redeemed_at: datetime

    def refund(self, now: datetime, state: str, limits: Thresholds) -> bool:
        """Marks a refund that came soon; a full one ends any wait. Gives whether it is held only now."""
        is_soon = SOON not in self.reasons and is_refunded_soon(self.redeemed_at, now, limits)
        if is_soon:
            self.reasons = [*self.reasons, SOON]
        before, self.state = self.state, "returned" if state == "returned" else self.state
        if is_soon and self.state in ("redeemed", "released"):
            self.state = "held"
        return self.state == "held" and before != "held"


class VouchersRefunded:
    """The government vouchers of a set of refunds, in order. Without any, nothing is asked or written."""

    def __init__(self, uow: UnitOfWork) -> None:
        self._uow = uow
        self._refunds: list[VoucherRefund] = []

    def add(self, refund: VoucherRefund) -> None:
        """Notes what a refund makes of a coupon, if that is a voucher."""
        if refund.before.funding.get("government", 0):
            self._refunds.append(refund)

    def write(self) -> None:
        """Sends the rows and the marks; what comes back of the coupons has been sent before."""
        if not self._refunds:
            return
        uow = self._uow
        ids = sorted({one.before.redemption_id for one in self._refunds})
        asked = ask_screening(uow, {one.before.campaign_id for one in self._refunds})
        found = uow.rows(_MARKED, (hex_of(uow.district_id), id_array(ids)))
        first = first_rows(uow, ids)
        limits = {campaign: thresholds_of(kept) for campaign, kept in asked().items()}
        marks = {f"red_{one}": Marks(state, reasons, at) for one, state, reasons, at in found}
        told, rows = list[RedemptionHeld](), list[NewRow]()
        for one in self._refunds:
            mark, content = marks[one.before.redemption_id], first[one.before.redemption_id]
            row = self._row(one, mark, content, limits[one.before.campaign_id], told)
            rows.append(row)
        uow.write(
            _MARK,
            {
                "redemptions": id_array(list(marks)),
                "states": text_array([one.state for one in marks.values()]),
                "reasons": json_array([one.reasons for one in marks.values()]),
            },
        )
        add_rows(uow, rows)
        uow.emit(*told)

    def _row(
        self, one: VoucherRefund, mark: Marks, first: str, limits: Thresholds, told: list[RedemptionHeld]
    ) -> NewRow:
        is_new = mark.refund(self._uow.now, one.after.state, limits)
        amounts = {
            "amount": -one.amount,
            "discount_amount": one.before.returned - one.after.returned,
            "government_amount": _government(one.after) - _government(one.before),
        }
        who: dict[str, Any] = when_and_who(self._uow, one.occurred_at, one.by)
        row = followed_by(first, "refund", **amounts, **who, state=mark.state, reasons=mark.reasons)
        if is_new:
            redemption, campaign, merchant, store = (row.content[name] for name in _IDS)
            told.append(RedemptionHeld(redemption, campaign, merchant, store, tuple(mark.reasons)))
        return row


def _government(coupon: CouponOfSale) -> int:
    return coupon.parts.get("government", 0)
