"""Tables of the ledger. The application role can add rows here and read them, and nothing else."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, DateTime, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.foundation.database.db import Base, PublicId

Instant = DateTime(timezone=True)


class Account(Base):
    """A place where an asset stands. Its id follows from asset, kind and owner (`rules.account_id`)."""

    __tablename__ = "accounts"
    __table_args__ = (UniqueConstraint("district_id", "asset", "kind", "owner_id"),)

    district_id: Mapped[str] = mapped_column(PublicId("dis"), primary_key=True)
    id: Mapped[str] = mapped_column(PublicId("acc"), primary_key=True)
    asset: Mapped[str] = mapped_column(Text)
    kind: Mapped[str] = mapped_column(Text)
    owner_id: Mapped[str] = mapped_column(PublicId("own"))
    created_at: Mapped[datetime] = mapped_column(Instant)


class JournalRow(Base):
    """Transfers that stand or fall together. Its id is that of what caused it: a sale's journal has the sale's digits."""

    __tablename__ = "journals"

    district_id: Mapped[str] = mapped_column(PublicId("dis"), primary_key=True)
    id: Mapped[str] = mapped_column(PublicId("jou"), primary_key=True)
    kind: Mapped[str] = mapped_column(Text)
    principal_id: Mapped[str] = mapped_column(PublicId("key"))
    occurred_at: Mapped[datetime] = mapped_column(Instant)
    recorded_at: Mapped[datetime] = mapped_column(Instant)


class TransferRow(Base):
    """An amount of an asset from the credit side of one account to another.

    `holder_id` is the account whose balance is kept under a lock, if either is one; `holder_sequence` counts that
    account's transfers and `holder_balance` is what stood there after this one, so that history needs no sum.
    """

    __tablename__ = "transfers"
    __table_args__ = (CheckConstraint("amount > 0"),)

    district_id: Mapped[str] = mapped_column(PublicId("dis"), primary_key=True)
    journal_id: Mapped[str] = mapped_column(PublicId("jou"), primary_key=True)
    line: Mapped[int] = mapped_column(primary_key=True)
    asset: Mapped[str] = mapped_column(Text)
    debit_account_id: Mapped[str] = mapped_column(PublicId("acc"))
    credit_account_id: Mapped[str] = mapped_column(PublicId("acc"))
    amount: Mapped[int]
    code: Mapped[str] = mapped_column(Text)
    subject_id: Mapped[str | None] = mapped_column(PublicId("lot"))
    holder_id: Mapped[str | None] = mapped_column(PublicId("acc"))
    holder_sequence: Mapped[int | None]
    holder_balance: Mapped[int | None]
