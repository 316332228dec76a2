"""What is told of a stock to anybody: pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

from app.coupons.issuing import limits
from app.coupons.issuing.limits import Limits, Slice

Remaining = Literal["many", "few", "none"]
REMAINING: tuple[Remaining, ...] = ("many", "few", "none")
_FEW = 10
"""Where less than one in so many is left, few are."""


def remaining(limited: Limits, slices: Sequence[Slice], local: datetime, returning: int = 0) -> Remaining:
    """How much is left to claim now, in a word. `local` is the district's time."""
    left = limits.left(limited, slices, local.date(), local.time(), returning)
    if not left.has(1):
        return "none"
    wholes = (
        (left.in_all, limited.stock),
        (left.in_all, None if limited.budget is None else limited.budget // limited.set_aside),
        (left.today, limited.per_day_stock),
    )
    pairs = [(some, whole) for some, whole in wholes if some is not None and whole is not None]
    return "few" if any(some * _FEW < whole for some, whole in pairs) else "many"
