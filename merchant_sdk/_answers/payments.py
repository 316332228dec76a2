"""What `client.payments` answers. Amounts in minor units, above 0; instants in UTC."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime

from merchant_sdk._answers.reading import DAY, INSTANT, Answer, many, one
from merchant_sdk._answers.settlement import SettlementParty


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentAttempt(Answer):
    """One try at a payment. `amount` and `booked_on` come with the money."""

    number: int
    provider: str = ""
    state: str = ""
    reference: str | None = None
    code: str | None = None
    amount: int | None = None
    booked_on: date | None = field(default=None, metadata=DAY)
    started_at: datetime | None = field(default=None, metadata=INSTANT)
    ended_at: datetime | None = field(default=None, metadata=INSTANT)


@dataclass(frozen=True, slots=True, kw_only=True)
class Payment(Answer):
    """Money that a party is asked for (`in`) or is to get (`out`). `may`: what can be done with it now."""

    id: str
    party: SettlementParty | None = field(default=None, metadata=one(SettlementParty))
    account: str = ""
    direction: str = ""
    amount: int = 0
    paid_amount: int = 0
    currency: str = ""
    statement_id: str | None = None
    due_on: date | None = field(default=None, metadata=DAY)
    provider: str = ""
    state: str = ""
    code: str | None = None
    retry_at: datetime | None = field(default=None, metadata=INSTANT)
    may: tuple[str, ...] = field(default=(), metadata={"read": tuple})
    attempts: tuple[PaymentAttempt, ...] = field(default=(), metadata=many(PaymentAttempt))
    created_at: datetime | None = field(default=None, metadata=INSTANT)
    changed_at: datetime | None = field(default=None, metadata=INSTANT)
