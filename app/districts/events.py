"""What happens to districts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from app.foundation.database.outbox import Event


@dataclass(frozen=True, slots=True)
class DistrictCreated(Event):
    """The district has been created."""

    type: ClassVar[str] = "district.created"
    district_id: str


@dataclass(frozen=True, slots=True)
class MerchantCreated(Event):
    """A merchant has joined the district."""

    type: ClassVar[str] = "merchant.created"
    merchant_id: str


@dataclass(frozen=True, slots=True)
class StoreCreated(Event):
    """A merchant has opened a store."""

    type: ClassVar[str] = "store.created"
    store_id: str
    merchant_id: str
