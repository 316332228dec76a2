"""Tables of the programme and its rule sets."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import DateTime, Text, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.foundation.database.db import Base, PublicId

Instant = DateTime(timezone=True)


class Programme(Base):
    """A district's settings for points. `point_value`: minor units that one point takes off a bill."""

    __tablename__ = "programmes"

    district_id: Mapped[str] = mapped_column(PublicId("dis"), primary_key=True)
    point_value: Mapped[Decimal]
    rounding: Mapped[str] = mapped_column(Text)
    pending_days: Mapped[int]
    expiry: Mapped[dict[str, Any]] = mapped_column(JSONB)
    refund_policy: Mapped[str] = mapped_column(Text)
    max_spend_percent: Mapped[int]
    min_spend_points: Mapped[int]
    late_sale_days: Mapped[int | None]
    spend_proof: Mapped[str] = mapped_column(Text)
    merchant_campaigns: Mapped[bool]
    updated_at: Mapped[datetime] = mapped_column(Instant)


class RuleSetRow(Base):
    """A draft, or a numbered version that never changes again. `rules` as the API takes them.

    A draft with `discarded_at` is one that nobody wants; what was rehearsed by it still names it.
    """

    __tablename__ = "rule_sets"
    __table_args__ = (UniqueConstraint("district_id", "version"),)

    district_id: Mapped[str] = mapped_column(PublicId("dis"), primary_key=True)
    id: Mapped[str] = mapped_column(PublicId("rls"), primary_key=True)
    name: Mapped[str] = mapped_column(Text)
    version: Mapped[int | None]
    rules: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    effective_at: Mapped[datetime | None] = mapped_column(Instant)
    created_at: Mapped[datetime] = mapped_column(Instant)
    published_at: Mapped[datetime | None] = mapped_column(Instant)
    discarded_at: Mapped[datetime | None] = mapped_column(Instant)
