"""What happens to merchants' accounts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from app.foundation.database.outbox import Event


@dataclass(frozen=True, slots=True)
class BankDetailsChanged(Event):
    """A merchant is to be paid to another bank account. Payouts wait 48 hours, and for a second person's approval."""

    type: ClassVar[str] = "settlement_account.bank_details_changed"
    merchant_id: str


@dataclass(frozen=True, slots=True)
class BankDetailsApproved(Event):
    """A second person has approved a merchant's new bank details."""

    type: ClassVar[str] = "settlement_account.bank_details_approved"
    merchant_id: str


@dataclass(frozen=True, slots=True)
class CreditNearlyUsed(Event):
    """A merchant owes 80% of its credit limit or more, beyond its deposit."""

    type: ClassVar[str] = "credit.nearly_used"
    merchant_id: str
    exposure: int
    credit_limit: int


@dataclass(frozen=True, slots=True)
class CreditExceeded(Event):
    """A merchant owes more than its credit limit, beyond its deposit. `is_paused`: its sales earn no points meanwhile."""

    type: ClassVar[str] = "credit.exceeded"
    merchant_id: str
    exposure: int
    credit_limit: int
    is_paused: bool


@dataclass(frozen=True, slots=True)
class CreditRestored(Event):
    """A merchant owes no more than its credit limit again."""

    type: ClassVar[str] = "credit.restored"
    merchant_id: str
    exposure: int


@dataclass(frozen=True, slots=True)
class MerchantExitAnnounced(Event):
    """A merchant leaves: after these local days it gives no points, and takes no points and coupons."""

    type: ClassVar[str] = "merchant.exit_announced"
    merchant_id: str
    last_award_on: str
    last_accept_on: str


@dataclass(frozen=True, slots=True)
class MerchantExitEnded(Event):
    """A merchant that has left owes nothing any more; `written_off` is what the district bears for it."""

    type: ClassVar[str] = "merchant.exit_ended"
    merchant_id: str
    written_off: int


@dataclass(frozen=True, slots=True)
class DepositMoved(Event):
    """A merchant's deposit was received, returned, or set off against what it owes."""

    type: ClassVar[str] = "deposit.moved"
    deposit_id: str
    merchant_id: str
    movement: str
    amount: int
    deposit: int
