"""Tables of payments."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import Date, DateTime, Text
from sqlalchemy.orm import Mapped, mapped_column

from app.foundation.database.db import Base, PublicId

Instant = DateTime(timezone=True)


class PaymentRow(Base):
    """Money that a party is asked for (`in`) or is to get (`out`), in minor units. At most one is live for each of its accounts.

    `paid_amount`: what has moved, less what came back. `retries`: how many of its own it has used up; `retry_at`: when the
    next is due, in the district's time. `statement_id`: what it pays, once at most.
    """

    __tablename__ = "payments"

    district_id: Mapped[str] = mapped_column(PublicId("dis"), primary_key=True)
    id: Mapped[str] = mapped_column(PublicId("pay"), primary_key=True)
    party_kind: Mapped[str] = mapped_column(Text)
    party_id: Mapped[str] = mapped_column(PublicId("pty"))
    account: Mapped[str] = mapped_column(Text)
    direction: Mapped[str] = mapped_column(Text)
    amount: Mapped[int]
    paid_amount: Mapped[int]
    currency: Mapped[str] = mapped_column(Text)
    statement_id: Mapped[str | None] = mapped_column(PublicId("stm"))
    due_on: Mapped[date | None] = mapped_column(Date)
    provider: Mapped[str] = mapped_column(Text)
    customer: Mapped[str | None] = mapped_column(Text)
    state: Mapped[str] = mapped_column(Text)
    attempts: Mapped[int]
    retries: Mapped[int]
    retry_at: Mapped[datetime | None] = mapped_column(Instant)
    code: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(Instant)
    changed_at: Mapped[datetime] = mapped_column(Instant)


class PaymentAttempt(Base):
    """One try at a payment, committed before anybody is called. What moved is booked here, once.

    `amount`, `booked_on` and `journal_id` come with the money; `returned_in` is the journal by which it went back.
    `look_at`: when it is looked up next, in real time, while its outcome isn't known.
    """

    __tablename__ = "payment_attempts"

    district_id: Mapped[str] = mapped_column(PublicId("dis"), primary_key=True)
    payment_id: Mapped[str] = mapped_column(PublicId("pay"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    provider: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(Text)
    reference: Mapped[str | None] = mapped_column(Text)
    code: Mapped[str | None] = mapped_column(Text)
    amount: Mapped[int | None]
    booked_on: Mapped[date | None] = mapped_column(Date)
    journal_id: Mapped[str | None] = mapped_column(PublicId("jou"))
    returned_in: Mapped[str | None] = mapped_column(PublicId("jou"))
    look_at: Mapped[datetime | None] = mapped_column(Instant)
    started_at: Mapped[datetime] = mapped_column(Instant)
    ended_at: Mapped[datetime | None] = mapped_column(Instant)
