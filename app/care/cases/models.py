"""Tables of cases."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import DateTime, Text
from sqlalchemy.orm import Mapped, mapped_column

from app.foundation.database.db import Base, PublicId

Instant = DateTime(timezone=True)


class Case(Base):
    """What a member says is wrong with a purchase, and the answer. There is one open for each sale at most."""

    __tablename__ = "cases"

    district_id: Mapped[str] = mapped_column(PublicId("dis"), primary_key=True)
    id: Mapped[str] = mapped_column(PublicId("cas"), primary_key=True)
    kind: Mapped[str] = mapped_column(Text)
    step: Mapped[str] = mapped_column(Text)
    transaction_id: Mapped[str] = mapped_column(PublicId("txn"))
    merchant_id: Mapped[str] = mapped_column(PublicId("mer"))
    store_id: Mapped[str] = mapped_column(PublicId("str"))
    member_id: Mapped[str] = mapped_column(PublicId("mem"))
    reason: Mapped[str] = mapped_column(Text)
    description: Mapped[str | None] = mapped_column(Text)
    opened_at: Mapped[datetime] = mapped_column(Instant)
    answer: Mapped[str | None] = mapped_column(Text)
    answered_by: Mapped[str | None] = mapped_column(Text)
    ended_at: Mapped[datetime | None] = mapped_column(Instant)
