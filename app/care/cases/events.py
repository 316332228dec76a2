"""What happens to cases."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from app.foundation.database.outbox import Event


@dataclass(frozen=True, slots=True)
class CaseOpened(Event):
    """A shopper says that something is wrong with a purchase. Read it, and answer."""

    type: ClassVar[str] = "case.opened"
    case_id: str
    transaction_id: str
    merchant_id: str


@dataclass(frozen=True, slots=True)
class CaseAnswered(Event):
    """A case has been answered, and is over."""

    type: ClassVar[str] = "case.answered"
    case_id: str
    transaction_id: str
    merchant_id: str
    member_id: str  # is told of it; not told outside

    def payload(self) -> dict[str, object]:
        return {"case_id": self.case_id, "transaction_id": self.transaction_id, "merchant_id": self.merchant_id}


@dataclass(frozen=True, slots=True)
class CaseWithdrawn(Event):
    """A shopper wants no answer to its case any more."""

    type: ClassVar[str] = "case.withdrawn"
    case_id: str
    transaction_id: str
    merchant_id: str
