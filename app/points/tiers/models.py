"""Tables of tiers."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import Computed, DateTime, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.foundation.database.db import Base, PublicId

Instant = DateTime(timezone=True)


class TierRow(Base):
    """A tier. `terms_at`: since when its terms hold; `reviewed_at`: when all had been looked at by them."""

    __tablename__ = "tiers"
    __table_args__ = (UniqueConstraint("district_id", "rank"),)

    district_id: Mapped[str] = mapped_column(PublicId("dis"), primary_key=True)
    id: Mapped[str] = mapped_column(PublicId("tir"), primary_key=True)
    name: Mapped[str] = mapped_column(Text)
    rank: Mapped[int]
    qualifies_by: Mapped[str] = mapped_column(Text)
    threshold: Mapped[int]
    period_days: Mapped[int]
    terms_at: Mapped[datetime] = mapped_column(Instant)
    reviewed_at: Mapped[datetime | None] = mapped_column(Instant)
    created_at: Mapped[datetime] = mapped_column(Instant)
    updated_at: Mapped[datetime] = mapped_column(Instant)


class MemberDay(Base):
    """What a member earned and paid by sales of one local day, net of refunds; kept where there are tiers."""

    __tablename__ = "member_days"

    district_id: Mapped[str] = mapped_column(PublicId("dis"), primary_key=True)
    member_id: Mapped[str] = mapped_column(PublicId("mem"), primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    points_earned: Mapped[int]
    amount_spent: Mapped[int]


class MemberTier(Base):
    """A tier that a member holds, with the terms by which it was reached; from `ends_on` on it is looked at again."""

    __tablename__ = "member_tiers"

    district_id: Mapped[str] = mapped_column(PublicId("dis"), primary_key=True)
    member_id: Mapped[str] = mapped_column(PublicId("mem"), primary_key=True)
    tier_id: Mapped[str] = mapped_column(PublicId("tir"), primary_key=True)
    since: Mapped[datetime] = mapped_column(Instant)
    reached_on: Mapped[date]
    qualifies_by: Mapped[str] = mapped_column(Text)
    threshold: Mapped[int]
    period_days: Mapped[int]
    ends_on: Mapped[date] = mapped_column(Computed("reached_on + period_days"))
