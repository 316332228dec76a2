"""What the calls on sales answer. Amounts in minor units (fen), instants in UTC."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from merchant_sdk._answers.reading import DAY, INSTANT, Answer, many, one
from merchant_sdk._http.errors import ApiError, error_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Balance(Answer):
    """A member's points: free to spend, still waiting, and owed to the district."""

    available: int = 0
    pending: int = 0
    owed: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation(Answer):
    """What became of one rule: `outcome` is `applied`, or `skipped` with a stable `code` and words, `why`."""

    rule_key: str
    name: str = ""
    outcome: str = ""
    points: int = 0
    code: str | None = None
    why: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AppliedCoupon(Answer):
    """A coupon that took `discount_amount` off the bill."""

    code_hint: str = ""
    campaign_id: str | None = None
    discount_amount: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Item(Answer):
    """A line of the bill; `amount` is that of the whole line."""

    sku: str | None = None
    name: str | None = None
    category: str | None = None
    quantity: int = 1
    amount: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class PointsByFunder(Answer):
    """Points that the `merchant` of the sale pays, or gets back, and those of the `district`."""

    merchant: int = 0
    district: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Quote(Answer):
    """What a sale would earn. `amount` is the bill; `paid_amount` what remains after coupons and points.

    `points_spent` took `points_amount` off the bill.
    """

    reference: str
    amount: int
    merchant_id: str | None = None
    store_id: str | None = None
    member_id: str | None = None
    discount_amount: int = 0
    points_spent: int = 0
    points_amount: int = 0
    paid_amount: int = 0
    eligible_amount: int = 0
    refunded_amount: int = 0
    currency: str = "CNY"
    status: str = ""
    coupons: tuple[AppliedCoupon, ...] = field(default=(), metadata=many(AppliedCoupon))
    points_earned: int = 0
    points_funded: PointsByFunder | None = field(default=None, metadata=one(PointsByFunder))
    available_at: datetime | None = field(default=None, metadata=INSTANT)
    expires_at: datetime | None = field(default=None, metadata=INSTANT)
    balance: Balance | None = field(default=None, metadata=one(Balance))
    rule_set_version: int | None = None
    explanation: tuple[Explanation, ...] = field(default=(), metadata=many(Explanation))
    channel: str | None = None
    payment_method: str | None = None
    payment_reference: str | None = None
    items: tuple[Item, ...] = field(default=(), metadata=many(Item))
    metadata: Mapping[str, str] = field(default_factory=dict, hash=False)
    occurred_at: datetime | None = field(default=None, metadata=INSTANT)


@dataclass(frozen=True, slots=True, kw_only=True)
class Transaction(Quote):
    """A sale on record: `status` is `recorded`, `partially_refunded` or `refunded`.

    An unclaimed sale has no `member_id`, but a `claim_url` for the receipt: who has it may claim the points.
    """

    id: str
    occurred_at: datetime = field(metadata=INSTANT)
    recorded_at: datetime = field(metadata=INSTANT)
    claimed_at: datetime | None = field(default=None, metadata=INSTANT)
    claim_url: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary(Answer):
    """The totals of a day in the district's time zone, to reconcile a till. `member_count`: claimed sales."""

    on: date = field(metadata=DAY)
    store_id: str | None = None
    currency: str = "CNY"
    count: int = 0
    member_count: int = 0
    amount: int = 0
    discount_amount: int = 0
    points_amount: int = 0
    paid_amount: int = 0
    refunded_amount: int = 0
    points_earned: int = 0
    points_spent: int = 0


@dataclass(frozen=True, slots=True)
class BatchResult:
    """What became of one sale of many: `index` is its place in what was given, from 0.

    `status` is that of the sale posted alone: 201 recorded, 200 known before, else refused with `problem`.
    """

    index: int
    reference: str | None
    status: int
    transaction: Transaction | None = None
    problem: dict[str, Any] | None = field(default=None, hash=False)

    @property
    def error(self) -> ApiError | None:
        """The refusal as `report` would have raised it, or None."""
        return None if self.transaction is not None else error_of(self.status, self.problem or {})
