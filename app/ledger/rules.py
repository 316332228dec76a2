"""Account ids and entries, as pure functions and values."""

from __future__ import annotations

import hashlib
from datetime import datetime
from functools import lru_cache
from typing import NamedTuple


def account_id(asset: str, kind: str, owner_id: str) -> str:
    """The id of the account of a kind that an owner has: the owner's 128 bits, xor a mask for asset and kind.

    So that a posting needs no look-up, anyone can compute it, and the accounts of one kind lie in their owners' order.
    """
    return f"acc_{int(owner_id[-32:], 16) ^ _mask(asset, kind):032x}"


@lru_cache(maxsize=256)
def _mask(asset: str, kind: str) -> int:
    return int.from_bytes(hashlib.sha256(f"{asset}:{kind}".encode()).digest()[:16])


class Journal(NamedTuple):
    """What stands or falls together. `id` is the public id of its cause; instants in UTC."""

    id: str
    kind: str
    principal_id: str
    occurred_at: datetime


class Transfer(NamedTuple):
    """`amount` units (> 0) of an asset, debited here and credited there; see `models.TransferRow` for the holder."""

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
