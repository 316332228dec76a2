"""What happens to disputes and corrections."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from app.foundation.database.outbox import Event


@dataclass(frozen=True, slots=True)
class DisputeOpened(Event):
    """Something is said to be wrong with a merchant's statement; the amount is held until that is answered."""

    type: ClassVar[str] = "dispute.opened"
    dispute_id: str
    statement_id: str
    merchant_id: str
    amount: int


@dataclass(frozen=True, slots=True)
class DisputeMessageSent(Event):
    """The merchant or the alliance (`side`) has said something more on a dispute."""

    type: ClassVar[str] = "dispute.message_sent"
    dispute_id: str
    statement_id: str
    merchant_id: str
    side: str


@dataclass(frozen=True, slots=True)
class DisputeEnded(Event):
    """A dispute was accepted, rejected or withdrawn (`outcome`), and holds nothing any more."""

    type: ClassVar[str] = "dispute.ended"
    dispute_id: str
    statement_id: str
    merchant_id: str
    outcome: str


@dataclass(frozen=True, slots=True)
class CorrectionApproved(Event):
    """A merchant gets more from the district (below 0: it pays), in the period that is open."""

    type: ClassVar[str] = "correction.approved"
    correction_id: str
    merchant_id: str
    amount: int
