"""What happens to tills."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from app.foundation.database.outbox import Event


@dataclass(frozen=True, slots=True)
class TillCreated(Event):
    """A till has been made for a store; it works once a browser is paired with it."""

    type: ClassVar[str] = "till.created"
    till_id: str
    store_id: str
    merchant_id: str


@dataclass(frozen=True, slots=True)
class TillPaired(Event):
    """A browser has become a till; the one that was it before is none any more."""

    type: ClassVar[str] = "till.paired"
    till_id: str
    store_id: str
    merchant_id: str


@dataclass(frozen=True, slots=True)
class TillRevoked(Event):
    """A till has been revoked: its browser can do nothing any more."""

    type: ClassVar[str] = "till.revoked"
    till_id: str
    store_id: str
    merchant_id: str


@dataclass(frozen=True, slots=True)
class TillPinLocked(Event):
    """A cashier's PIN was wrong too often in a row at a till, where it isn't looked at for a while."""

    type: ClassVar[str] = "till.pin_locked"
    till_id: str
    store_id: str
    merchant_id: str
    cashier_id: str
