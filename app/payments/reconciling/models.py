"""Table of what a bank's statements have said."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import Date, DateTime, LargeBinary, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.foundation.database.db import Base, PublicId

Instant = DateTime(timezone=True)


class BankLineRow(Base):
    """A line, once for all statements that have it (`print`). `words` are sealed: they name people.

    `payment_id`: what it was booked for, found for, or brought back; `state` says which, or `ambiguous`, or `left`.
    """

    __tablename__ = "bank_lines"
    __table_args__ = (UniqueConstraint("district_id", "print"),)

    district_id: Mapped[str] = mapped_column(PublicId("dis"), primary_key=True)
    id: Mapped[str] = mapped_column(PublicId("bln"), primary_key=True)
    print: Mapped[bytes] = mapped_column(LargeBinary)
    booked_on: Mapped[date] = mapped_column(Date)
    amount: Mapped[int]
    words: Mapped[bytes]
    state: Mapped[str] = mapped_column(Text)
    payment_id: Mapped[str | None] = mapped_column(PublicId("pay"))
    recorded_at: Mapped[datetime] = mapped_column(Instant)
