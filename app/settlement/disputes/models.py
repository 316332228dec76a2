"""Tables of this wing."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import DateTime, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.foundation.database.db import Base, PublicId

Instant = DateTime(timezone=True)


class Dispute(Base):
    """What a party says is wrong with its statement, which stays as it is.

    `lines` as the API takes them; amounts are what the party is to get more.
    """

    __tablename__ = "disputes"

    district_id: Mapped[str] = mapped_column(PublicId("dis"), primary_key=True)
    id: Mapped[str] = mapped_column(PublicId("dsp"), primary_key=True)
    statement_id: Mapped[str] = mapped_column(PublicId("stm"))
    party_kind: Mapped[str] = mapped_column(Text)
    party_id: Mapped[str] = mapped_column(PublicId("pty"))
    status: Mapped[str] = mapped_column(Text)
    reason: Mapped[str] = mapped_column(Text)
    text: Mapped[str | None] = mapped_column(Text)
    amount: Mapped[int]
    lines: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    opened_by: Mapped[str] = mapped_column(PublicId("key"))
    opened_at: Mapped[datetime] = mapped_column(Instant)
    answer: Mapped[str | None] = mapped_column(Text)
    accepted_amount: Mapped[int | None]
    correction_id: Mapped[str | None] = mapped_column(PublicId("cor"))
    ended_at: Mapped[datetime | None] = mapped_column(Instant)


class DisputeMessage(Base):
    """What a side has said on a dispute while it was open."""

    __tablename__ = "dispute_messages"

    district_id: Mapped[str] = mapped_column(PublicId("dis"), primary_key=True)
    id: Mapped[str] = mapped_column(PublicId("dsm"), primary_key=True)
    dispute_id: Mapped[str] = mapped_column(PublicId("dsp"))
    side: Mapped[str] = mapped_column(Text)
    text: Mapped[str] = mapped_column(Text)
    principal_id: Mapped[str] = mapped_column(PublicId("key"))
    sent_at: Mapped[datetime] = mapped_column(Instant)


class Correction(Base):
    """What a party is to get more from the district (below 0: it pays). It is posted once a second person approves it."""

    __tablename__ = "corrections"

    district_id: Mapped[str] = mapped_column(PublicId("dis"), primary_key=True)
    id: Mapped[str] = mapped_column(PublicId("cor"), primary_key=True)
    party_kind: Mapped[str] = mapped_column(Text)
    party_id: Mapped[str] = mapped_column(PublicId("pty"))
    amount: Mapped[int]
    reason: Mapped[str] = mapped_column(Text)
    status: Mapped[str] = mapped_column(Text)
    proposed_by: Mapped[str] = mapped_column(PublicId("key"))
    proposed_at: Mapped[datetime] = mapped_column(Instant)
    decided_by: Mapped[str | None] = mapped_column(PublicId("key"))
    decided_at: Mapped[datetime | None] = mapped_column(Instant)
