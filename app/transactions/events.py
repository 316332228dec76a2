"""What happens to sales. Ids and figures only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from app.foundation.outbox import Event


@dataclass(frozen=True, slots=True)
class TransactionRecorded(Event):
    """`figures`: the ids and figures of the sale."""

    type: ClassVar[str] = "transaction.recorded"
    figures: dict[str, Any]

    def payload(self) -> dict[str, Any]:
        return self.figures


@dataclass(frozen=True, slots=True)
class TransactionClaimed(Event):
    type: ClassVar[str] = "transaction.claimed"
    transaction_id: str
    member_id: str
    points_earned: int
