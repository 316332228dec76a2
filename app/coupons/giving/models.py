"""Tables of coupons that nobody claims."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import DateTime, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.foundation.database.db import Base, PublicId

Instant = DateTime(timezone=True)


class OccurrenceRow(Base):
    """Something for which a campaign has given a coupon by itself, or was to: it does so once. `transaction_id`: of a sale."""

    __tablename__ = "occurrences"

    district_id: Mapped[str] = mapped_column(PublicId("dis"), primary_key=True)
    campaign_id: Mapped[str] = mapped_column(PublicId("cam"), primary_key=True)
    occurrence: Mapped[str] = mapped_column(Text, primary_key=True)
    member_id: Mapped[str | None] = mapped_column(PublicId("mem"))
    transaction_id: Mapped[str | None] = mapped_column(PublicId("txn"))
    coupon_id: Mapped[str | None] = mapped_column(PublicId("cpn"))
    noted_at: Mapped[datetime] = mapped_column(Instant)


class Issue(Base):
    """Coupons of a campaign for members who are named, or for an audience, given set by set.

    `reached`: the member up to whom it has come, in the order of ids; `issued` and `left_out` count those before. `alive_at`:
    when a job last told how far it is. `finished_at`: when it was done, or stopped because nothing is issued any more.
    """

    __tablename__ = "issues"

    district_id: Mapped[str] = mapped_column(PublicId("dis"), primary_key=True)
    id: Mapped[str] = mapped_column(PublicId("iss"), primary_key=True)
    campaign_id: Mapped[str] = mapped_column(PublicId("cam"))
    member_ids: Mapped[list[str] | None] = mapped_column(JSONB(none_as_null=True), deferred=True)
    audience: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    status: Mapped[str] = mapped_column(Text)
    reached: Mapped[str] = mapped_column(PublicId("mem"))
    issued: Mapped[int] = mapped_column(default=0)
    left_out: Mapped[int] = mapped_column(default=0)
    principal_id: Mapped[str] = mapped_column(PublicId("key"))
    alive_at: Mapped[datetime] = mapped_column(Instant)
    created_at: Mapped[datetime] = mapped_column(Instant)
    finished_at: Mapped[datetime | None] = mapped_column(Instant)
