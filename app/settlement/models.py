"""Tables of settlement."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import Date, DateTime, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.foundation.database.db import Base, PublicId

Instant = DateTime(timezone=True)


class SettlementTerms(Base):
    """A version of the terms; it never changes. Prices in minor units for a point."""

    __tablename__ = "settlement_terms"
    __table_args__ = (UniqueConstraint("district_id", "version"),)

    district_id: Mapped[str] = mapped_column(PublicId("dis"), primary_key=True)
    id: Mapped[str] = mapped_column(PublicId("trm"), primary_key=True)
    version: Mapped[int]
    effective_from: Mapped[date] = mapped_column(Date)
    starts_at: Mapped[datetime] = mapped_column(Instant)
    period: Mapped[str] = mapped_column(Text)
    issue_price: Mapped[Decimal]
    redemption_price: Mapped[Decimal]
    breakage_share: Mapped[int]
    own_points: Mapped[str] = mapped_column(Text)
    least_payment: Mapped[int]
    dispute_days: Mapped[int]
    payment_days: Mapped[int]
    exit_days: Mapped[int]
    principal_id: Mapped[str] = mapped_column(PublicId("key"))
    created_at: Mapped[datetime] = mapped_column(Instant)


class PriceOverride(Base):
    """Other prices of a version for what one merchant issues and accepts."""

    __tablename__ = "price_overrides"

    district_id: Mapped[str] = mapped_column(PublicId("dis"), primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True)
    merchant_id: Mapped[str] = mapped_column(PublicId("mer"), primary_key=True)
    issue_price: Mapped[Decimal]
    redemption_price: Mapped[Decimal]


class SettlementPeriod(Base):
    """A local calendar month or week, or what is left of it. `ends_on` is its last day, `ends_at` the instant after it.

    `reached_at` and `reached_id`: up to which journal it has been gathered. `pool`: what the parties' net positions lack to 0.
    `read_to`: up to which of its journals they stand in the trees of its statements; from its first value on it takes no more.
    `hash`: SHA-256 of the one before and of `content`, which has the root of the statements' tree.
    """

    __tablename__ = "settlement_periods"
    __table_args__ = (UniqueConstraint("district_id", "number"),)

    district_id: Mapped[str] = mapped_column(PublicId("dis"), primary_key=True)
    id: Mapped[str] = mapped_column(PublicId("per"), primary_key=True)
    number: Mapped[int]
    starts_on: Mapped[date] = mapped_column(Date)
    ends_on: Mapped[date] = mapped_column(Date)
    starts_at: Mapped[datetime] = mapped_column(Instant)
    ends_at: Mapped[datetime] = mapped_column(Instant)
    terms_version: Mapped[int]
    status: Mapped[str] = mapped_column(Text)
    reached_at: Mapped[datetime | None] = mapped_column(Instant)
    reached_id: Mapped[str | None] = mapped_column(PublicId("jou"))
    read_to: Mapped[str | None] = mapped_column(PublicId("jou"))
    pool: Mapped[int | None]
    closed_at: Mapped[datetime | None] = mapped_column(Instant)
    content: Mapped[str | None] = mapped_column(Text)
    tree: Mapped[bytes | None]
    previous_hash: Mapped[bytes | None]
    hash: Mapped[bytes | None]


class SettledJournal(Base):
    """The one period that has taken a journal."""

    __tablename__ = "settled_journals"

    district_id: Mapped[str] = mapped_column(PublicId("dis"), primary_key=True)
    journal_id: Mapped[str] = mapped_column(PublicId("jou"), primary_key=True)
    period_id: Mapped[str] = mapped_column(PublicId("per"))


class StatementRow(Base):
    """What a period comes to for a party; nobody is shown it before it is issued. Amounts in minor units."""

    __tablename__ = "statements"
    __table_args__ = (UniqueConstraint("district_id", "period_id", "party_kind", "party_id"),)

    district_id: Mapped[str] = mapped_column(PublicId("dis"), primary_key=True)
    id: Mapped[str] = mapped_column(PublicId("stm"), primary_key=True)
    period_id: Mapped[str] = mapped_column(PublicId("per"))
    party_kind: Mapped[str] = mapped_column(Text)
    party_id: Mapped[str] = mapped_column(PublicId("pty"))
    opening: Mapped[int]
    net_position: Mapped[int]
    payments: Mapped[int]
    closing: Mapped[int]
    is_final: Mapped[bool] = mapped_column(default=False)
    issued_at: Mapped[datetime | None] = mapped_column(Instant)
    dispute_until: Mapped[datetime | None] = mapped_column(Instant)
    approved_at: Mapped[datetime | None] = mapped_column(Instant)


class StatementHold(Base):
    """An amount that isn't paid, or asked for, until it is released. `source_id`: the dispute or claim for which it is held."""

    __tablename__ = "statement_holds"

    district_id: Mapped[str] = mapped_column(PublicId("dis"), primary_key=True)
    id: Mapped[str] = mapped_column(PublicId("hld"), primary_key=True)
    statement_id: Mapped[str] = mapped_column(PublicId("stm"))
    kind: Mapped[str] = mapped_column(Text)
    source_id: Mapped[str | None] = mapped_column(Text)
    amount: Mapped[int]
    reason: Mapped[str] = mapped_column(Text)
    placed_by: Mapped[str] = mapped_column(PublicId("key"))
    placed_at: Mapped[datetime] = mapped_column(Instant)
    released_by: Mapped[str | None] = mapped_column(PublicId("key"))
    released_at: Mapped[datetime | None] = mapped_column(Instant)


class StatementInvoice(Base):
    """A tax invoice that the party of a statement has issued (`to_invoice`) or got (`to_be_invoiced`), as a side has noted it."""

    __tablename__ = "statement_invoices"
    __table_args__ = (UniqueConstraint("district_id", "party_kind", "party_id", "direction", "number"),)

    district_id: Mapped[str] = mapped_column(PublicId("dis"), primary_key=True)
    id: Mapped[str] = mapped_column(PublicId("ivc"), primary_key=True)
    statement_id: Mapped[str] = mapped_column(PublicId("stm"))
    party_kind: Mapped[str] = mapped_column(Text)
    party_id: Mapped[str] = mapped_column(PublicId("pty"))
    direction: Mapped[str] = mapped_column(Text)
    number: Mapped[str] = mapped_column(Text)
    amount: Mapped[int]
    issued_on: Mapped[date] = mapped_column(Date)
    side: Mapped[str] = mapped_column(Text)
    principal_id: Mapped[str] = mapped_column(PublicId("key"))
    noted_at: Mapped[datetime] = mapped_column(Instant)


class StatementLine(Base):
    """Points of one kind and price, or a campaign's money, summed while the period is gathered (`key` says which).

    Its number and its amount come when the period is closed. `of_earlier_periods`: items that undo what an earlier one had.
    """

    __tablename__ = "statement_lines"

    district_id: Mapped[str] = mapped_column(PublicId("dis"), primary_key=True)
    statement_id: Mapped[str] = mapped_column(PublicId("stm"), primary_key=True)
    key: Mapped[str] = mapped_column(Text, primary_key=True)
    line: Mapped[int | None]
    kind: Mapped[str] = mapped_column(Text)
    price: Mapped[Decimal | None]
    campaign_id: Mapped[str | None] = mapped_column(PublicId("cam"))
    funder_kind: Mapped[str | None] = mapped_column(Text)
    funder_id: Mapped[str | None] = mapped_column(PublicId("pty"))
    terms_version: Mapped[int | None]
    points: Mapped[int]
    items: Mapped[int]
    of_earlier_periods: Mapped[int]
    amount: Mapped[int | None]


class StatementPiece(Base):
    """Some of the journals that a statement's rows are of, in the order of their ids, and its tree after them (`size`, `peaks`)."""

    __tablename__ = "statement_pieces"

    district_id: Mapped[str] = mapped_column(PublicId("dis"), primary_key=True)
    statement_id: Mapped[str] = mapped_column(PublicId("stm"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    journals: Mapped[bytes]
    size: Mapped[int]
    peaks: Mapped[bytes]


class StatementLeaf(Base):
    """A statement in the tree of its period, at its place from 0: what its leaf takes in."""

    __tablename__ = "statement_leaves"
    __table_args__ = (UniqueConstraint("district_id", "period_id", "place"),)

    district_id: Mapped[str] = mapped_column(PublicId("dis"), primary_key=True)
    statement_id: Mapped[str] = mapped_column(PublicId("stm"), primary_key=True)
    period_id: Mapped[str] = mapped_column(PublicId("per"))
    place: Mapped[int]
    content: Mapped[str] = mapped_column(Text)
