"""Instants as the API takes them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from app.foundation.clock import format_instant


def now() -> datetime:
    """The present, in UTC."""
    return datetime.now(UTC)


def ago(**delta: float) -> str:
    """An instant before now."""
    return format_instant(now() - timedelta(**delta))


def ahead(**delta: float) -> str:
    """An instant after now."""
    return format_instant(now() + timedelta(**delta))


class SetClock:
    """A clock that stands still until somebody moves it."""

    def __init__(self) -> None:
        self.moment = now()

    def __call__(self) -> datetime:
        return self.moment.astimezone(UTC)
