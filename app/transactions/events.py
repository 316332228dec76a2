"""What happens to sales. Ids and figures only."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, ClassVar

from app.foundation.database.outbox import Event


@dataclass(frozen=True, slots=True)
class TransactionRecorded(Event):
    """A sale has been recorded. Amounts in minor units; `member_id` is null for a sale that nobody has claimed yet, and for
    one whose buyer a coupon alone has named (`by_coupon`): its merchant isn't told who that is.
    """

    type: ClassVar[str] = "transaction.recorded"
    transaction_id: str
    merchant_id: str
    store_id: str
    member_id: str | None
    amount: int
    paid_amount: int
    eligible_amount: int
    points_earned: int
    points_spent: int
    by_coupon: bool = False

    def payload(self) -> Any:
        """The fields, but whom a coupon has named."""
        return replace(self, member_id=None) if self.by_coupon else self


@dataclass(frozen=True, slots=True)
class TransactionClaimed(Event):
    """An unclaimed sale has been given to a member, with the points that it earns."""

    type: ClassVar[str] = "transaction.claimed"
    transaction_id: str
    merchant_id: str
    member_id: str
    points_earned: int


@dataclass(frozen=True, slots=True)
class ClaimFlagged(Event):
    """An unclaimed sale was claimed by somebody whose claims should be looked at. `reason`: `staff`."""

    type: ClassVar[str] = "transaction.claim_flagged"
    transaction_id: str
    merchant_id: str
    member_id: str
    reason: str


@dataclass(frozen=True, slots=True)
class PaymentShared(Event):
    """Two merchants have reported a sale with the same payment reference, the other one first. No merchant is told."""

    type: ClassVar[str] = "transaction.payment_shared"
    transaction_id: str
    other_transaction_id: str


@dataclass(frozen=True, slots=True)
class RefundRecorded(Event):
    """Money on a sale has been given back: `amount` of its bill, with the points that went either way.

    `discount_reversed`: what coupons had taken off that. `transaction_status`: `partially_refunded` or `refunded`, what the
    sale is with it. `member_id` is null where the sale is nobody's, or a coupon alone has named its buyer (`by_coupon`).
    """

    type: ClassVar[str] = "refund.recorded"
    refund_id: str
    transaction_id: str
    merchant_id: str
    member_id: str | None
    amount: int
    money_amount: int
    points_reversed: int
    points_owed: int
    points_restored: int
    discount_reversed: int
    transaction_status: str
    by_coupon: bool = False

    def payload(self) -> Any:
        """The fields, but whom a coupon has named."""
        return replace(self, member_id=None) if self.by_coupon else self
