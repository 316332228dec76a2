"""Kinds and states of imports, and how much they may hold. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

Kind = Literal["sales", "refunds", "members", "merchants"]
KINDS: tuple[Kind, ...] = ("sales", "refunds", "members", "merchants")
MOST_ROWS = 200_000
MOST_UNPACKED = 400 << 20
"""Bytes of an XLSX unpacked: a packed one may hold a thousand times its size."""
ROWS_A_SET = 500
PREVIEWED = 20
KEPT = timedelta(days=30)
"""For so long the rows of an import are kept, sealed: after that only its figures are, and what it has made."""
DEAD_AFTER = timedelta(minutes=2)
"""An import at work of which nothing was told for this long has lost its job, and gets another one."""
STATES = ("queued", "reading", "ready", "running", "done", "failed", "cancelled", "undoing", "undone")
AT_WORK = ("queued", "reading", "running", "undoing")
CHANGEABLE = ("ready", "failed")
CANCELLABLE = ("queued", "reading", "ready", "running", "failed")
UNDOABLE: tuple[Kind, ...] = ("sales", "members")


@dataclass(frozen=True, slots=True)
class Needs:
    """The scope that an import of a kind needs; whether it is for the district alone; the prefix of what it makes."""

    scope: str
    is_alliance_only: bool
    makes: str


NEEDS: Mapping[str, Needs] = {
    "sales": Needs("transactions:write", False, "txn"),
    "refunds": Needs("transactions:write", False, "rfd"),
    "members": Needs("members:write", True, "mem"),
    "merchants": Needs("merchants:write", True, "str"),
}
