"""Table of idempotency keys."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import DateTime, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.foundation.database.db import Base, PublicId

Instant = DateTime(timezone=True)


class IdempotencyKey(Base):
    """A key of a principal, with what the request under it was answered; `ends_at` where that is sooner than a day."""

    __tablename__ = "idempotency_keys"

    district_id: Mapped[str] = mapped_column(PublicId("dis"), primary_key=True)
    principal_id: Mapped[str] = mapped_column(PublicId("key"), primary_key=True)
    key: Mapped[str] = mapped_column(Text, primary_key=True)
    fingerprint: Mapped[bytes]
    status: Mapped[int]
    answer: Mapped[dict[str, Any]] = mapped_column(JSONB)
    recorded_at: Mapped[datetime] = mapped_column(Instant)
    ends_at: Mapped[datetime | None] = mapped_column(Instant)
