"""Tables of what is done with many coupons."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import DateTime, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.foundation.database.db import Base, PublicId

Instant = DateTime(timezone=True)


class CodeBatch(Base):
    """Coupons for bearers, ordered at once and made set by set: `issued` of `quantity` are there, `left_out` never come.

    They were counted in the campaign when they were ordered, each with `set_aside` minor units of the budget. `alive_at`: when
    a job last told how far it is. `downloads`: each time the codes were given out: when, by which key, and why again.
    """

    __tablename__ = "code_batches"

    district_id: Mapped[str] = mapped_column(PublicId("dis"), primary_key=True)
    id: Mapped[str] = mapped_column(PublicId("cbt"), primary_key=True)
    campaign_id: Mapped[str] = mapped_column(PublicId("cam"))
    name: Mapped[str] = mapped_column(Text)
    quantity: Mapped[int]
    set_aside: Mapped[int]
    status: Mapped[str] = mapped_column(Text)
    issued: Mapped[int] = mapped_column(default=0)
    left_out: Mapped[int] = mapped_column(default=0)
    alive_at: Mapped[datetime] = mapped_column(Instant)
    created_at: Mapped[datetime] = mapped_column(Instant)
    finished_at: Mapped[datetime | None] = mapped_column(Instant)
    downloads: Mapped[list[dict[str, Any]]] = mapped_column(JSONB, default=list)


class CampaignVoid(Base):
    """That the coupons of a campaign which were issued up to `asked_at` and aren't used are being taken back, for a `reason`."""

    __tablename__ = "campaign_voids"

    district_id: Mapped[str] = mapped_column(PublicId("dis"), primary_key=True)
    campaign_id: Mapped[str] = mapped_column(PublicId("cam"), primary_key=True)
    asked_at: Mapped[datetime] = mapped_column(Instant)
    reason: Mapped[str] = mapped_column(Text)
    alive_at: Mapped[datetime] = mapped_column(Instant)
