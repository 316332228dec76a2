"""Tables of points."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Computed, Date, DateTime, Text, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.foundation.db import Base, PublicId

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
    updated_at: Mapped[datetime] = mapped_column(Instant)


class RuleSetRow(Base):
    """A draft, or a numbered version that never changes again. `rules` as the API takes them."""

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


class Lot(Base):
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
    """Points that the alliance gave or took by hand, with the reason."""

    __tablename__ = "adjustments"

    district_id: Mapped[str] = mapped_column(PublicId("dis"), primary_key=True)
    id: Mapped[str] = mapped_column(PublicId("adj"), primary_key=True)
    member_id: Mapped[str] = mapped_column(PublicId("mem"))
    points: Mapped[int]
    reason: Mapped[str] = mapped_column(Text)
    principal_id: Mapped[str] = mapped_column(PublicId("key"))
    recorded_at: Mapped[datetime] = mapped_column(Instant)


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
