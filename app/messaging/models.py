"""Tables of this room, and the outbox as a list to read."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ARRAY, DateTime, ForeignKeyConstraint, Text, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.foundation.database.db import Base, PublicId

Instant = DateTime(timezone=True)


class RecordedEvent(Base):
    """An event as the outbox keeps it. `is_taken`: the relay has handed it on."""

    __tablename__ = "outbox"

    district_id: Mapped[str] = mapped_column(PublicId("dis"), primary_key=True)
    id: Mapped[str] = mapped_column(PublicId("evt"), primary_key=True)
    type: Mapped[str] = mapped_column(Text)
    payload: Mapped[dict[str, Any]] = mapped_column(JSONB)
    recorded_at: Mapped[datetime] = mapped_column(Instant)
    is_taken: Mapped[bool]


class WebhookEndpoint(Base):
    """An address that is told events: of the district, or those of one merchant. Its secrets are sealed."""

    __tablename__ = "webhook_endpoints"
    __table_args__ = (ForeignKeyConstraint(["district_id", "merchant_id"], ["merchants.district_id", "merchants.id"]),)

    district_id: Mapped[str] = mapped_column(PublicId("dis"), primary_key=True)
    id: Mapped[str] = mapped_column(PublicId("whe"), primary_key=True)
    merchant_id: Mapped[str | None] = mapped_column(PublicId("mer"))
    url: Mapped[str] = mapped_column(Text)
    description: Mapped[str | None] = mapped_column(Text)
    events: Mapped[list[str]] = mapped_column(ARRAY(Text))
    secret: Mapped[bytes]
    previous_secret: Mapped[bytes | None]
    previous_until: Mapped[datetime | None] = mapped_column(Instant)
    status: Mapped[str] = mapped_column(Text)
    disabled_reason: Mapped[str | None] = mapped_column(Text)
    failing_since: Mapped[datetime | None] = mapped_column(Instant)
    created_at: Mapped[datetime] = mapped_column(Instant)


class WebhookDelivery(Base):
    """One event for one endpoint, until it is delivered or given up."""

    __tablename__ = "webhook_deliveries"
    __table_args__ = (
        UniqueConstraint("district_id", "endpoint_id", "event_id"),
        ForeignKeyConstraint(["district_id", "endpoint_id"], ["webhook_endpoints.district_id", "webhook_endpoints.id"]),
    )

    district_id: Mapped[str] = mapped_column(PublicId("dis"), primary_key=True)
    id: Mapped[str] = mapped_column(PublicId("whd"), primary_key=True)
    endpoint_id: Mapped[str] = mapped_column(PublicId("whe"))
    event_id: Mapped[str] = mapped_column(PublicId("evt"))
    event_type: Mapped[str] = mapped_column(Text)
    status: Mapped[str] = mapped_column(Text)
    attempts: Mapped[int]
    tries_left: Mapped[int]
    next_attempt_at: Mapped[datetime | None] = mapped_column(Instant)
    created_at: Mapped[datetime] = mapped_column(Instant)


class WebhookAttempt(Base):
    """One request made for a delivery, and what came back, both shortened. Only ever added."""

    __tablename__ = "webhook_attempts"
    __table_args__ = (
        ForeignKeyConstraint(
            ["district_id", "delivery_id"], ["webhook_deliveries.district_id", "webhook_deliveries.id"]
        ),
    )

    district_id: Mapped[str] = mapped_column(PublicId("dis"), primary_key=True)
    id: Mapped[str] = mapped_column(PublicId("wha"), primary_key=True)
    delivery_id: Mapped[str] = mapped_column(PublicId("whd"))
    attempted_at: Mapped[datetime] = mapped_column(Instant)
    duration_ms: Mapped[int]
    status_code: Mapped[int | None]
    error: Mapped[str | None] = mapped_column(Text)
    request: Mapped[dict[str, Any]] = mapped_column(JSONB)
    answer: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
