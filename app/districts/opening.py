"""When a store is open, by the clock of its district. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time
from typing import Any

from app.foundation.figures.time_windows import TimeWindow


@dataclass(frozen=True, slots=True)
class OpeningSpan:
    """A daily window of some weekdays (ISO 1 to 7; all where none is named), those on which it starts."""

    weekdays: frozenset[int]
    window: TimeWindow

    def holds(self, local: datetime) -> bool:
        """Whether a moment of local time lies in it."""
        day = self.window.day_of(local)
        return day is not None and (not self.weekdays or day.isoweekday() in self.weekdays)


OpeningHours = Sequence[OpeningSpan]


def hours_of(kept: Iterable[Mapping[str, Any]]) -> OpeningHours:
    """Hours as they are kept, in the API's own form."""
    return tuple(
        OpeningSpan(
            frozenset(one["weekdays"]), TimeWindow(time.fromisoformat(one["from"]), time.fromisoformat(one["to"]))
        )
        for one in kept
    )


def is_open(hours: OpeningHours, local: datetime) -> bool:
    """Whether a store with these hours is open at a moment of local time."""
    return any(span.holds(local) for span in hours)
