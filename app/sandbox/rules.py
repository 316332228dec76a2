"""How far a test clock goes, as pure functions."""

from __future__ import annotations

import calendar
from datetime import UTC, datetime

MOST_YEARS = 3
"""In one call."""
END = datetime(2100, 1, 1, tzinfo=UTC)
"""No test clock goes further: tokens have eight hexadecimal digits for their end, which last until 2106."""


def latest(now: datetime) -> datetime:
    """The last instant to which a clock goes in one call: the same date some years later, or the end of February."""
    year = now.year + MOST_YEARS
    day = min(now.day, calendar.monthrange(year, now.month)[1])
    return min(now.replace(year=year, day=day), END)


def percent(start: datetime, now: datetime, end: datetime) -> int:
    """How much of a way is behind, from 0 to 100; all of it only once the end is reached."""
    if now >= end:
        return 100
    return max(0, int(100 * (now - start) / (end - start)))
