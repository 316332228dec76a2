"""What `client.provider` and `client.billing` answer. Amounts in minor units; instants in UTC."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from merchant_sdk._answers.reading import DECIMAL, INSTANT, Answer, many, one


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentProvider(Answer):
    """The district's account at a payment provider; of its key only the end is shown."""

    provider: str
    account: str | None = None
    key_hint: str | None = None
    is_live: bool = False
    events_url: str = ""
    changed_at: datetime | None = field(default=None, metadata=INSTANT)


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan(Answer):
    """What the operator offers: `base_amount` a month, `sale_amount` for each sale; a district's own has no `trial_days`."""

    id: str
    name: str
    currency: str
    base_amount: int
    sale_amount: Decimal = field(metadata=DECIMAL)
    trial_days: int = 0
    created_at: datetime | None = field(default=None, metadata=INSTANT)


@dataclass(frozen=True, slots=True, kw_only=True)
class BillingInvoice(Answer):
    """A bill; `page`: where it is shown and paid."""

    number: str | None = None
    status: str = ""
    currency: str = ""
    amount: int = 0
    paid_amount: int = 0
    page: str | None = None
    issued_at: datetime | None = field(default=None, metadata=INSTANT)


@dataclass(frozen=True, slots=True, kw_only=True)
class Billing(Answer):
    """What a district pays the operator: `status` is None without a plan. Tills go on whatever it is."""

    status: str | None = None
    plan: Plan | None = field(default=None, metadata=one(Plan))
    trial_ends_at: datetime | None = field(default=None, metadata=INSTANT)
    period_ends_at: datetime | None = field(default=None, metadata=INSTANT)
    has_mandate: bool = False
    retry_at: datetime | None = field(default=None, metadata=INSTANT)
    is_read_only: bool = False
    invoices: tuple[BillingInvoice, ...] = field(default=(), metadata=many(BillingInvoice))
