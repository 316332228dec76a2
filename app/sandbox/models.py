"""Table of test clocks."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import DateTime, ForeignKeyConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.foundation.database.db import Base, PublicId

Instant = DateTime(timezone=True)


class TestClock(Base):
    """By how much a sandbox is ahead, and who is moving it: see `clocks`."""

    __tablename__ = "test_clocks"
    __table_args__ = (ForeignKeyConstraint(["district_id"], ["districts.id"]),)

    district_id: Mapped[str] = mapped_column(PublicId("dis"), primary_key=True)
    ahead_us: Mapped[int]
    advancing_from: Mapped[datetime | None] = mapped_column(Instant)
    advancing_to: Mapped[datetime | None] = mapped_column(Instant)
    walker: Mapped[str | None] = mapped_column(PublicId("wlk"))
    alive_at: Mapped[datetime] = mapped_column(Instant)
