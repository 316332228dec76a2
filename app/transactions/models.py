"""Tables of sales and refunds."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import DateTime, Text, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.foundation.database.db import Base, PublicId

Instant = DateTime(timezone=True)


class Transaction(Base):
    """A sale, as `sales.record.Record` has it. `payment_rank`: see migration 0026."""

    __tablename__ = "transactions"
    __table_args__ = (UniqueConstraint("district_id", "merchant_id", "reference"),)

    district_id: Mapped[str] = mapped_column(PublicId("dis"), primary_key=True)
    id: Mapped[str] = mapped_column(PublicId("txn"), primary_key=True)
    merchant_id: Mapped[str] = mapped_column(PublicId("mer"))
    store_id: Mapped[str] = mapped_column(PublicId("str"))
    member_id: Mapped[str | None] = mapped_column(PublicId("mem"))
    reference: Mapped[str] = mapped_column(Text)
    body_print: Mapped[bytes]
    member_print: Mapped[bytes | None]
    phone_index: Mapped[bytes | None]
    amount: Mapped[int]
    discount_amount: Mapped[int]
    points_spent: Mapped[int]
    points_amount: Mapped[int]
    paid_amount: Mapped[int]
    eligible_amount: Mapped[int]
    refunded_amount: Mapped[int]
    currency: Mapped[str] = mapped_column(Text)
    points_earned: Mapped[int]
    available_at: Mapped[datetime | None] = mapped_column(Instant)
    expires_at: Mapped[datetime | None] = mapped_column(Instant)
    rule_set_version: Mapped[int | None]
    rounding: Mapped[str | None] = mapped_column(Text)
    facts: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    outcomes: Mapped[list[Any] | None] = mapped_column(JSONB)
    channel: Mapped[str | None] = mapped_column(Text)
    payment_method: Mapped[str | None] = mapped_column(Text)
    payment_reference: Mapped[str | None] = mapped_column(Text)
    items: Mapped[list[Any] | None] = mapped_column(JSONB)
    metadata_: Mapped[dict[str, Any] | None] = mapped_column("metadata", JSONB)
    claim_hash: Mapped[bytes | None]
    claimed_at: Mapped[datetime | None] = mapped_column(Instant)
    principal_id: Mapped[str] = mapped_column(PublicId("key"))
    occurred_at: Mapped[datetime] = mapped_column(Instant)
    recorded_at: Mapped[datetime] = mapped_column(Instant)
    payment_rank: Mapped[int]
    coupons: Mapped[list[Any] | None] = mapped_column(JSONB)
    by_coupon: Mapped[bool | None]
    merchant_funded: Mapped[int]


class RefundRow(Base):
    """A refund, as `refunds.rules.Refund` has it."""

    __tablename__ = "refunds"
    __table_args__ = (UniqueConstraint("district_id", "merchant_id", "reference"),)

    district_id: Mapped[str] = mapped_column(PublicId("dis"), primary_key=True)
    id: Mapped[str] = mapped_column(PublicId("rfd"), primary_key=True)
    transaction_id: Mapped[str] = mapped_column(PublicId("txn"))
    merchant_id: Mapped[str] = mapped_column(PublicId("mer"))
    member_id: Mapped[str | None] = mapped_column(PublicId("mem"))
    reference: Mapped[str] = mapped_column(Text)
    body_print: Mapped[bytes]
    amount: Mapped[int]
    eligible_amount: Mapped[int | None]
    money_amount: Mapped[int]
    discount_reversed: Mapped[int]
    points_reversed: Mapped[int]
    merchant_reversed: Mapped[int]
    points_lapsed: Mapped[int]
    points_taken: Mapped[int]
    points_owed: Mapped[int]
    points_forgiven: Mapped[int]
    points_restored: Mapped[int]
    reason: Mapped[str | None] = mapped_column(Text)
    principal_id: Mapped[str] = mapped_column(PublicId("key"))
    occurred_at: Mapped[datetime] = mapped_column(Instant)
    recorded_at: Mapped[datetime] = mapped_column(Instant)
    items: Mapped[list[Any] | None] = mapped_column(JSONB)
    by_coupon: Mapped[bool | None]
    discounts: Mapped[dict[str, int] | None] = mapped_column(JSONB)
    merchant_returned: Mapped[int]
