"""What the calls on tills and cashiers answer. Instants in UTC."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from merchant_sdk._answers.reading import INSTANT, Answer, one


@dataclass(frozen=True, slots=True, kw_only=True)
class Shift(Answer):
    """A cashier at an open till."""

    cashier_id: str
    opened_at: datetime | None = field(default=None, metadata=INSTANT)
    ends_at: datetime | None = field(default=None, metadata=INSTANT)


@dataclass(frozen=True, slots=True, kw_only=True)
class Till(Answer):
    """A till of a store; `status`: `unpaired`, `paired`, `revoked`. `closes_at`: a time of day of the district."""

    id: str
    merchant_id: str = ""
    store_id: str = ""
    name: str = ""
    status: str = ""
    locks_after_minutes: int = 0
    closes_at: str | None = None
    shift: Shift | None = field(default=None, metadata=one(Shift))
    pairing_ends_at: datetime | None = field(default=None, metadata=INSTANT)
    paired_at: datetime | None = field(default=None, metadata=INSTANT)
    last_seen_at: datetime | None = field(default=None, metadata=INSTANT)
    revoked_at: datetime | None = field(default=None, metadata=INSTANT)
    created_at: datetime | None = field(default=None, metadata=INSTANT)


@dataclass(frozen=True, slots=True, kw_only=True)
class PairingCode(Answer):
    """The code by which a browser becomes a till, told once; `url` is for its QR code."""

    till_id: str
    code: str = field(default="", repr=False)
    url: str = field(default="", repr=False)
    for_tests: bool = False
    expires_at: datetime | None = field(default=None, metadata=INSTANT)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cashier(Answer):
    """Who opens the tills of a store by PIN."""

    id: str
    store_id: str = ""
    name: str = ""
    removed_at: datetime | None = field(default=None, metadata=INSTANT)
    created_at: datetime | None = field(default=None, metadata=INSTANT)
