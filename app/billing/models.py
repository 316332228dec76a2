"""Tables of billing. Times are the installation's, not a sandbox's: this is between the operator and the district."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import Date, DateTime, Numeric, Text
from sqlalchemy.orm import Mapped, mapped_column

from app.foundation.database.db import Base, PublicId

Instant = DateTime(timezone=True)


class PlanRow(Base):
    """What the operator offers; it never changes. `base_amount` in minor units a month, `sale_amount` for each sale, up to 4 decimals."""

    __tablename__ = "plans"

    district_id: Mapped[str] = mapped_column(PublicId("dis"), primary_key=True)
    id: Mapped[str] = mapped_column(PublicId("pln"), primary_key=True)
    name: Mapped[str] = mapped_column(Text)
    currency: Mapped[str] = mapped_column(Text)
    base_amount: Mapped[int]
    sale_amount: Mapped[Decimal] = mapped_column(Numeric)
    trial_days: Mapped[int]
    created_at: Mapped[datetime] = mapped_column(Instant)


class Subscription(Base):
    """What a district has agreed to, with the plan as it was then. `told`: what the provider calls its state.

    `seen_at`: when what is known was begun to be asked, so that an answer that was overtaken changes nothing. `retries`: of what is
    unpaid; `retry_at`: the next. `ends`: it is to be ended.
    """

    __tablename__ = "subscriptions"

    district_id: Mapped[str] = mapped_column(PublicId("dis"), primary_key=True)
    plan_id: Mapped[str] = mapped_column(PublicId("pln"))
    plan_name: Mapped[str] = mapped_column(Text)
    currency: Mapped[str] = mapped_column(Text)
    base_amount: Mapped[int]
    sale_amount: Mapped[Decimal] = mapped_column(Numeric)
    trial_ends_at: Mapped[datetime | None] = mapped_column(Instant)
    status: Mapped[str] = mapped_column(Text)
    told: Mapped[str | None] = mapped_column(Text)
    customer: Mapped[str | None] = mapped_column(Text)
    reference: Mapped[str | None] = mapped_column(Text)
    has_mandate: Mapped[bool]
    period_ends_at: Mapped[datetime | None] = mapped_column(Instant)
    retries: Mapped[int]
    retry_at: Mapped[datetime | None] = mapped_column(Instant)
    ends: Mapped[bool]
    seen_at: Mapped[datetime | None] = mapped_column(Instant)
    created_at: Mapped[datetime] = mapped_column(Instant)


class UsageReport(Base):
    """The sales of a local day, told to a meter once. `state`: sent, taken, or missed where it was too old when it could be told."""

    __tablename__ = "usage_reports"

    district_id: Mapped[str] = mapped_column(PublicId("dis"), primary_key=True)
    meter: Mapped[str] = mapped_column(Text, primary_key=True)
    day: Mapped[date] = mapped_column(Date, primary_key=True)
    quantity: Mapped[int]
    state: Mapped[str] = mapped_column(Text)
    sent_at: Mapped[datetime] = mapped_column(Instant)


class BillingInvoice(Base):
    """An invoice of the provider's, as it was seen last. Amounts in minor units."""

    __tablename__ = "billing_invoices"

    district_id: Mapped[str] = mapped_column(PublicId("dis"), primary_key=True)
    reference: Mapped[str] = mapped_column(Text, primary_key=True)
    number: Mapped[str | None] = mapped_column(Text)
    status: Mapped[str] = mapped_column(Text)
    currency: Mapped[str] = mapped_column(Text)
    amount: Mapped[int]
    paid_amount: Mapped[int]
    page: Mapped[str | None] = mapped_column(Text)
    issued_at: Mapped[datetime] = mapped_column(Instant)
