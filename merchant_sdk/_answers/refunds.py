"""What the calls on refunds answer. Amounts in minor units (fen), instants in UTC."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from merchant_sdk._answers.reading import INSTANT, Answer, many, one
from merchant_sdk._answers.sales import Balance, PointsByFunder
from merchant_sdk._http.errors import ApiError, error_of


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundItem(Answer):
    """Units of an item that came back; `line` is its place in the sale's `items`, from 0."""

    line: int
    quantity: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Refund(Answer):
    """A refund on record. Of the `amount` of the bill `money_amount` goes back in money, `discount_reversed` was coupons'.

    `points_reversed`: what the refunded part had earned, all of it; of these `points_owed` were spent before and are
    owed, `points_forgiven` are let go. `points_reversed_by`: what each funder gets back, of what had not ended. `points_restored`: points that were spent on the sale and come back. `items`: none
    where a part of the bill was given back.
    """

    id: str
    transaction_id: str
    reference: str
    amount: int
    merchant_id: str | None = None
    member_id: str | None = None
    eligible_amount: int | None = None
    currency: str = "CNY"
    money_amount: int = 0
    discount_reversed: int = 0
    points_reversed: int = 0
    points_reversed_by: PointsByFunder | None = field(default=None, metadata=one(PointsByFunder))
    points_owed: int = 0
    points_forgiven: int = 0
    points_restored: int = 0
    balance: Balance | None = field(default=None, metadata=one(Balance))
    reason: str | None = None
    items: tuple[RefundItem, ...] = field(default=(), metadata=many(RefundItem))
    occurred_at: datetime = field(metadata=INSTANT)
    recorded_at: datetime = field(metadata=INSTANT)


@dataclass(frozen=True, slots=True)
class RefundResult:
    """What became of one refund of many: `index` is its place in what was given, from 0.

    `status` is that of the refund posted alone: 201 recorded, 200 known before, else refused with `problem`.
    """

    index: int
    reference: str | None
    status: int
    refund: Refund | None = None
    problem: dict[str, Any] | None = field(default=None, hash=False)

    @property
    def error(self) -> ApiError | None:
        """The refusal as `refund` would have raised it, or None."""
        return None if self.refund is not None else error_of(self.status, self.problem or {})
