"""When a store is open."""

from __future__ import annotations

from datetime import datetime, time, timedelta

from hypothesis import given
from hypothesis import strategies as st

from app.districts.opening import hours_of, is_open

MONDAY = datetime(2026, 1, 5)
CLOCKS = st.times().map(lambda at: at.replace(second=0, microsecond=0))
MINUTES = st.integers(0, 7 * 24 * 60 - 1)


def test_a_night_belongs_to_the_day_on_which_it_starts() -> None:
    friday = hours_of([{"weekdays": [5], "from": "18:00", "to": "02:00"}])
    begins = MONDAY + timedelta(days=4, hours=18)
    minute = timedelta(minutes=1)
    seen = [is_open(friday, at) for at in (begins - minute, begins, begins + 8 * 60 * minute - minute)]
    assert (seen, is_open(friday, begins + 8 * 60 * minute)) == ([False, True, True], False)


def test_around_the_clock_is_two_halves() -> None:
    hours = hours_of(
        [{"weekdays": [], "from": "00:00", "to": "12:00"}, {"weekdays": [], "from": "12:00", "to": "00:00"}]
    )
    assert all(is_open(hours, MONDAY + timedelta(minutes=minute)) for minute in range(24 * 60))


@given(st.sets(st.integers(1, 7)), CLOCKS, CLOCKS, MINUTES)
def test_a_span_is_open_from_its_start_until_its_end(days: set[int], start: time, until: time, minute: int) -> None:
    """Held against spans written out as instants of the week before, this one and the next."""
    at = MONDAY + timedelta(minutes=minute)
    spans = []
    for day in (MONDAY.date() + timedelta(days=number) for number in range(-7, 8)):
        if not days or day.isoweekday() in days:
            ends = day if start < until else day + timedelta(days=1)
            spans.append((datetime.combine(day, start), datetime.combine(ends, until)))
    kept = [{"weekdays": sorted(days), "from": f"{start:%H:%M}", "to": f"{until:%H:%M}"}]
    assert is_open(hours_of(kept), at) is any(begins <= at < ends for begins, ends in spans)
