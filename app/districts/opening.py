"""When a store is open, by the clock of its district. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, NamedTuple

from app.foundation.figures.time_windows import TimeWindow


@dataclass(frozen=True, slots=True)
class OpeningSpan:
    """A daily window of some weekdays (ISO 1 to 7; all where none is named), those on which it starts."""

    weekdays: frozenset[int]
    window: TimeWindow

    def holds(self, local: datetime) -> bool:
        """Whether a moment of local time lies in it."""
        day = self.window.day_of(local)
        return day is not None and self.starts_on(day)

    def starts_on(self, day: date) -> bool:
        """Whether it starts on a local day."""
        return not self.weekdays or day.isoweekday() in self.weekdays


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


class Opening(NamedTuple):
    """Whether a store is open, and the local moment until which that stays so; None where it always does."""

    is_open: bool
    until: datetime | None


_WEEK = timedelta(days=7)


def opening_at(hours: OpeningHours, local: datetime) -> Opening:
    """Whether a store is open at a moment of local time, and until when; spans that meet are one."""
    spell: tuple[datetime, datetime] | None = None
    for begins, ends in sorted(_spells(hours, local)):
        if spell is not None and begins <= spell[1]:
            spell = spell[0], max(spell[1], ends)
        elif spell is not None and local < spell[1]:
            break
        else:
            spell = begins, ends
    if spell is None or spell[1] <= local:
        return Opening(False, None)
    if local < spell[0]:
        return Opening(False, spell[0])
    return Opening(True, spell[1] if spell[1] - local <= _WEEK else None)


def _spells(hours: OpeningHours, local: datetime) -> Iterator[tuple[datetime, datetime]]:
    """When it opens and closes, from the day before to the same day of next week and one more."""
    for day in (local.date() + timedelta(days=number) for number in range(-1, 9)):
        for span in hours:
            if span.starts_on(day):
                start, until = span.window.ends
                ends_on = day if start < until else day + timedelta(days=1)
                yield _at(day, start, local), _at(ends_on, until, local)


def _at(day: date, clock: time, local: datetime) -> datetime:
    return datetime.combine(day, clock, local.tzinfo)
