"""Instants: UTC inside, RFC 3339 on the wire, spoken in the district's time zone.

Local days are reckoned here and nowhere else. The rules of time zones are those of the package `tzdata`, which is locked:
the same on all machines, whatever their systems have.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo, reset_tzpath

Clock = Callable[[], datetime]

reset_tzpath(to=())

_RFC3339 = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d{1,9})?([Zz]|[+-]\d\d:[0-5]\d)", re.ASCII)


def utc_now() -> datetime:
    """The present instant in UTC, to the microsecond."""
    return datetime.now(UTC)


def parse_instant(text: str) -> datetime:
    """The instant of an RFC 3339 text with an offset, in UTC. Raises ValueError for anything else."""
    if not _RFC3339.fullmatch(text):
        raise ValueError("not an RFC 3339 instant with an offset")
    try:
        return datetime.fromisoformat(text.upper()).astimezone(UTC)
    except OverflowError as error:
        raise ValueError("out of range") from error


def format_instant(instant: datetime) -> str:
    """RFC 3339 in UTC, ending in Z."""
    if instant.tzinfo is not UTC:
        instant = instant.astimezone(UTC)
    return instant.isoformat()[:-6] + "Z"


def start_of_day(day: date, zone: ZoneInfo) -> datetime:
    """The first instant (UTC) of a local day, also where the clock skips midnight."""
    return datetime.combine(day, time(), zone).astimezone(UTC)


def end_of_day(day: date, zone: ZoneInfo) -> datetime:
    """The first instant (UTC) after a local day: what is usable until the end of that day is usable before it."""
    return start_of_day(day + timedelta(days=1), zone)


class Shift(NamedTuple):
    """From an instant (UTC) until before another a zone's clock is so many seconds ahead of UTC."""

    since: datetime
    until: datetime
    seconds: int


def shifts(zone: ZoneInfo, first: datetime, last: datetime) -> list[Shift]:
    """How a zone's clock stands to UTC from one instant to another, both included."""
    last = last.astimezone(UTC)
    found, since, here = list[Shift](), first.astimezone(UTC), first.astimezone(UTC)
    while here <= last:
        after = min(here + timedelta(days=1), last + timedelta(seconds=1))
        if _seconds(zone, after) != _seconds(zone, here):
            turn = _turn(zone, here, after)
            found.append(Shift(since, turn, _seconds(zone, here)))
            since = turn
        here = after
    return [*found, Shift(since, last + timedelta(seconds=1), _seconds(zone, last))]


def _seconds(zone: ZoneInfo, instant: datetime) -> int:
    offset = instant.astimezone(zone).utcoffset()
    assert offset is not None, "a zone has an offset at each instant"
    return int(offset.total_seconds())


def _turn(zone: ZoneInfo, before: datetime, after: datetime) -> datetime:
    """The whole second at which the clock of a zone is moved, between two instants that it is."""
    low, high = int(before.timestamp()), int(after.timestamp()) + 1
    while high - low > 1:
        middle = (low + high) // 2
        is_before = _seconds(zone, datetime.fromtimestamp(middle, UTC)) == _seconds(zone, before)
        low, high = (middle, high) if is_before else (low, middle)
    return datetime.fromtimestamp(high, UTC)
