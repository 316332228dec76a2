"""Account ids and entries, as pure functions and values."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache


@lru_cache(maxsize=65_536)
def account_id(asset: str, kind: str, owner_id: str) -> str:
    """The id of the account of a kind that an owner has: a name-based UUID (RFC 9562, version 5) in the owner's space.

    So that a posting needs no look-up, and anyone can compute it.
    """
    return "acc_" + uuid.uuid5(uuid.UUID(owner_id[-32:]), f"{asset}:{kind}").hex


@dataclass(frozen=True, slots=True)
class Journal:
    """What stands or falls together. `id` is the public id of its cause; instants in UTC."""

    id: str
    kind: str
    principal_id: str
    occurred_at: datetime


@dataclass(frozen=True, slots=True)
class Transfer:
    """`amount` units (> 0) of an asset, debited here and credited there; see `models.Transfer` for the holder."""

    journal_id: str
    line: int
    asset: str
    debit_account_id: str
    credit_account_id: str
    amount: int
    code: str
    subject_id: str | None = None
    holder_id: str | None = None
    holder_sequence: int | None = None
    holder_balance: int | None = None
