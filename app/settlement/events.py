"""What happens in settlement."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from app.foundation.database.outbox import Event


@dataclass(frozen=True, slots=True)
class SettlementTermsPublished(Event):
    """New terms of settlement hold from the start of a period."""

    type: ClassVar[str] = "settlement.terms_published"
    version: int
    effective_from: str


@dataclass(frozen=True, slots=True)
class SettlementPeriodClosed(Event):
    """A period is closed, and its statements are issued. Nothing in it changes any more."""

    type: ClassVar[str] = "settlement.period_closed"
    period_id: str
    number: int
    pool: int


@dataclass(frozen=True, slots=True)
class ReserveDrawn(Event):
    """The district has drawn of what the pool holds beyond the points that are out."""

    type: ClassVar[str] = "settlement.reserve_drawn"
    period_id: str
    amount: int


@dataclass(frozen=True, slots=True)
class StatementIssued(Event):
    """A merchant has a new statement: read it, and approve it."""

    type: ClassVar[str] = "statement.issued"
    statement_id: str
    period_id: str
    merchant_id: str
    net_position: int
    closing: int


@dataclass(frozen=True, slots=True)
class StatementApproved(Event):
    """A merchant's statement is approved by a person or a program, not by silence."""

    type: ClassVar[str] = "statement.approved"
    statement_id: str
    period_id: str
    merchant_id: str


@dataclass(frozen=True, slots=True)
class StatementHeld(Event):
    """The alliance holds an amount of a merchant's statement, in all; or (0) nothing any more."""

    type: ClassVar[str] = "statement.held"
    statement_id: str
    period_id: str
    merchant_id: str
    amount: int
