"""What happens with payments."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from app.foundation.database.outbox import Event


@dataclass(frozen=True, slots=True)
class PaymentSucceeded(Event):
    """Money of a payment has moved, and is booked: `paid_amount` by this attempt. Without a merchant it is the district's or the public's."""

    type: ClassVar[str] = "payment.succeeded"
    payment_id: str
    attempt: int
    merchant_id: str | None
    account: str
    direction: str
    paid_amount: int


@dataclass(frozen=True, slots=True)
class PaymentFailed(Event):
    """A payment has failed, `code` says why; `will_retry`: it is tried again by itself."""

    type: ClassVar[str] = "payment.failed"
    payment_id: str
    attempt: int
    merchant_id: str | None
    account: str
    direction: str
    amount: int
    code: str | None
    will_retry: bool


@dataclass(frozen=True, slots=True)
class PaymentReturned(Event):
    """Money that had moved has come back, and is booked back: the party's balance is what it was before."""

    type: ClassVar[str] = "payment.returned"
    payment_id: str
    attempt: int
    merchant_id: str | None
    account: str
    direction: str
    paid_amount: int
