"""Instants as the API takes them."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from app.foundation.clock import format_instant

SHANGHAI = ZoneInfo("Asia/Shanghai")


def now() -> datetime:
    """The present, in UTC."""
    return datetime.now(UTC)


def ago(**delta: float) -> str:
    """An instant before now."""
    return format_instant(now() - timedelta(**delta))


def ahead(**delta: float) -> str:
    """An instant after now."""
    return format_instant(now() + timedelta(**delta))


DAY = now().astimezone(SHANGHAI).date() + timedelta(days=1)
"""The local day from which a clock that is set counts: ahead of the database's, whatever the time is."""


def local(days: int, at: str = "12:00") -> datetime:
    """An instant of the local day that is so many days from DAY, in Shanghai."""
    return datetime.combine(DAY + timedelta(days=days), time.fromisoformat(at), SHANGHAI)


class SetClock:
    """A clock that stands still until somebody moves it."""

    def __init__(self) -> None:
        self.moment = now()

    def __call__(self) -> datetime:
        return self.moment.astimezone(UTC)

    def set(self, moment: datetime) -> None:
        """Moves it to an instant."""
        self.moment = moment.astimezone(UTC)

    def go(self, days: int, at: str = "12:00") -> None:
        """Moves it to a time of the local day (Shanghai) that is so many days from DAY."""
        self.set(local(days, at))

    def move(self, delta: timedelta) -> None:
        """Lets time pass."""
        self.moment += delta
