"""What `client.payments` answers. Amounts in minor units, above 0; instants in UTC."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

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


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentBatch(Answer):
    """Payments in one file for a bank. `noted`: what the bank's file told, where one was just sent."""

    id: str
    period_id: str = ""
    direction: str = ""
    profile: str = ""
    status: str = ""
    amount: int = 0
    payment_ids: tuple[str, ...] = field(default=(), metadata={"read": tuple})
    sha256: str = ""
    created_at: datetime | None = field(default=None, metadata=INSTANT)
    noted: Mapping[str, Any] = field(default_factory=dict, hash=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class BankStatement(Answer):
    """What a bank's statement has brought: new lines by what became of them; `known` ones change nothing."""

    booked: int = 0
    found: int = 0
    returned: int = 0
    ambiguous: int = 0
    left: int = 0
    known: int = 0
    not_read: tuple[int, ...] = field(default=(), metadata={"read": tuple})


@dataclass(frozen=True, slots=True, kw_only=True)
class BankLine(Answer):
    """A line of the bank's that is of no payment; `payment_ids`: which it may be of."""

    id: str
    booked_on: date | None = field(default=None, metadata=DAY)
    amount: int = 0
    reference: str = ""
    holder: str = ""
    purpose: str = ""
    state: str = ""
    payment_ids: tuple[str, ...] = field(default=(), metadata={"read": tuple})


@dataclass(frozen=True, slots=True, kw_only=True)
class UnseenPayment(Answer):
    """What is booked, and no line of the bank's has shown."""

    payment_id: str
    attempt: int = 0
    amount: int = 0
    reference: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reconciliation(Answer):
    """What is left on either side, and the cash that may be paid out."""

    cash: int = 0
    lines: tuple[BankLine, ...] = field(default=(), metadata=many(BankLine))
    payments: tuple[UnseenPayment, ...] = field(default=(), metadata=many(UnseenPayment))
