"""Tables of purses: lots, balances, adjustments, notices."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import Date, DateTime, Text
from sqlalchemy.orm import Mapped, mapped_column

from app.foundation.database.db import Base, PublicId

Instant = DateTime(timezone=True)


class LotRow(Base):
    """Points of one member with one origin, one funder and one end."""

    __tablename__ = "lots"

    district_id: Mapped[str] = mapped_column(PublicId("dis"), primary_key=True)
    id: Mapped[str] = mapped_column(PublicId("lot"), primary_key=True)
    member_id: Mapped[str] = mapped_column(PublicId("mem"))
    merchant_id: Mapped[str | None] = mapped_column(PublicId("mer"))
    funder: Mapped[str] = mapped_column(Text)
    source_id: Mapped[str] = mapped_column(PublicId("txn"))
    points: Mapped[int]
    remaining: Mapped[int]
    available_at: Mapped[datetime] = mapped_column(Instant)
    expires_at: Mapped[datetime | None] = mapped_column(Instant)
    recorded_at: Mapped[datetime] = mapped_column(Instant)
    expired: Mapped[int]
    reclaimed: Mapped[int]
    restored_from: Mapped[str | None] = mapped_column(PublicId("lot"))


class PointBalance(Base):
    """A member's points: `ledger` is what its lots hold; `available` and `pending` hold from `counted_at`
    until `next_change_at`.
    """

    __tablename__ = "point_balances"

    district_id: Mapped[str] = mapped_column(PublicId("dis"), primary_key=True)
    member_id: Mapped[str] = mapped_column(PublicId("mem"), primary_key=True)
    ledger: Mapped[int]
    available: Mapped[int]
    pending: Mapped[int]
    owed: Mapped[int]
    earned: Mapped[int]
    spent: Mapped[int]
    expired: Mapped[int]
    sequence: Mapped[int]
    next_change_at: Mapped[datetime | None] = mapped_column(Instant)
    is_frozen: Mapped[bool]
    is_spend_locked: Mapped[bool]
    merged_into: Mapped[str | None] = mapped_column(PublicId("mem"))
    is_erased: Mapped[bool]
    counted_at: Mapped[datetime | None] = mapped_column(Instant)
    spend_rests_until: Mapped[datetime | None] = mapped_column(Instant)


class Adjustment(Base):
    """Points that the alliance gave or took, with the reason; at the cost of `merchant_id`, or else of the district.

    `opening_of`: the programme of which a member brought them. `reverses_id`: the adjustment that this one takes back.
    """

    __tablename__ = "adjustments"

    district_id: Mapped[str] = mapped_column(PublicId("dis"), primary_key=True)
    id: Mapped[str] = mapped_column(PublicId("adj"), primary_key=True)
    member_id: Mapped[str] = mapped_column(PublicId("mem"))
    points: Mapped[int]
    reason: Mapped[str] = mapped_column(Text)
    principal_id: Mapped[str] = mapped_column(PublicId("key"))
    recorded_at: Mapped[datetime] = mapped_column(Instant)
    merchant_id: Mapped[str | None] = mapped_column(PublicId("mer"))
    opening_of: Mapped[str | None] = mapped_column(Text)
    reverses_id: Mapped[str | None] = mapped_column(PublicId("adj"))


class PointsNotice(Base):
    """How far the announcement of points with a last local day has come, at a stage: the days before it."""

    __tablename__ = "points_notices"

    district_id: Mapped[str] = mapped_column(PublicId("dis"), primary_key=True)
    ends_on: Mapped[date] = mapped_column(Date, primary_key=True)
    stage: Mapped[int] = mapped_column(primary_key=True)
    reached: Mapped[str] = mapped_column(PublicId("mem"))
    members: Mapped[int]
    started_at: Mapped[datetime] = mapped_column(Instant)
    finished_at: Mapped[datetime | None] = mapped_column(Instant)
