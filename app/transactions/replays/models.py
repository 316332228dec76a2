"""Table of replays."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import DateTime, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.foundation.database.db import Base, PublicId

Instant = DateTime(timezone=True)


class Replay(Base):
    """Rules rehearsed over the sales of a past period. `alive_at`: when its job last told how far it is."""

    __tablename__ = "replays"

    district_id: Mapped[str] = mapped_column(PublicId("dis"), primary_key=True)
    id: Mapped[str] = mapped_column(PublicId("rpl"), primary_key=True)
    rule_set_id: Mapped[str] = mapped_column(PublicId("rls"))
    from_at: Mapped[datetime] = mapped_column(Instant)
    to_at: Mapped[datetime] = mapped_column(Instant)
    status: Mapped[str] = mapped_column(Text)
    sales_total: Mapped[int | None]
    sales_done: Mapped[int]
    result: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    principal_id: Mapped[str] = mapped_column(PublicId("key"))
    created_at: Mapped[datetime] = mapped_column(Instant)
    alive_at: Mapped[datetime] = mapped_column(Instant)
    finished_at: Mapped[datetime | None] = mapped_column(Instant)
