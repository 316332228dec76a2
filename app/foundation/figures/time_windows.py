"""Daily windows of local time. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta


@dataclass(frozen=True, slots=True)
class TimeWindow:
    """A daily window of local time; `until` is exclusive, and one that ends before it starts crosses midnight."""

    start: time
    until: time

    @property
    def ends(self) -> tuple[time, time]:
        """Both of its ends."""
        return self.start, self.until

    def day_of(self, moment: datetime) -> date | None:
        """The local day to which a moment inside the window belongs: the day on which it started."""
        return self.day_at(moment.date(), moment.time())

    def day_at(self, today: date, clock: time) -> date | None:
        """The same, of a day and a time of day."""
        if self.start < self.until:
            return today if self.start <= clock < self.until else None
        if clock >= self.start:
            return today
        return today - timedelta(days=1) if clock < self.until else None
