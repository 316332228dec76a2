"""When a store is open."""

from __future__ import annotations

from datetime import datetime, time, timedelta

from hypothesis import given
from hypothesis import strategies as st

from app.districts.opening import hours_of, is_open, opening_at

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


def test_it_says_until_when_it_is_open_and_when_it_opens_again() -> None:
    weekdays = hours_of([{"weekdays": [1, 2, 3, 4, 5], "from": "10:00", "to": "22:00"}])
    hour, friday = timedelta(hours=1), MONDAY + timedelta(days=4)
    assert opening_at(weekdays, MONDAY + 9 * hour) == (False, MONDAY + 10 * hour)
    assert opening_at(weekdays, MONDAY + 10 * hour) == (True, MONDAY + 22 * hour)
    assert opening_at(weekdays, friday + 22 * hour) == (False, MONDAY + timedelta(days=7, hours=10))


def test_spans_that_meet_are_one_and_around_the_clock_has_no_end() -> None:
    hour = timedelta(hours=1)
    lunch_and_night = hours_of(
        [{"weekdays": [], "from": "11:00", "to": "17:00"}, {"weekdays": [], "from": "17:00", "to": "02:00"}]
    )
    assert opening_at(lunch_and_night, MONDAY + 12 * hour) == (True, MONDAY + 26 * hour)
    assert opening_at(lunch_and_night, MONDAY + 1 * hour) == (True, MONDAY + 2 * hour)
    always = hours_of([{"weekdays": [], "from": "00:00", "to": "00:00"}])
    assert opening_at(always, MONDAY + 12 * hour) == (True, None)


SPANS = st.lists(st.tuples(st.sets(st.integers(1, 7)), CLOCKS, CLOCKS), min_size=1, max_size=3)


@given(SPANS, MINUTES)
def test_until_then_it_stays_as_it_is(spans: list[tuple[set[int], time, time]], minute: int) -> None:
    """Held against each hour, and the minutes around the change."""
    kept = [
        {"weekdays": sorted(days), "from": f"{begins:%H:%M}", "to": f"{ends:%H:%M}"} for days, begins, ends in spans
    ]
    hours, at = hours_of(kept), MONDAY + timedelta(minutes=minute)
    told = opening_at(hours, at)
    assert told.is_open is is_open(hours, at)
    if told.until is None:
        assert all(is_open(hours, at + timedelta(hours=one)) is told.is_open for one in range(7 * 24))
        return
    last = told.until - timedelta(minutes=1)
    hourly = [at + timedelta(hours=one) for one in range(int((last - at) / timedelta(hours=1)) + 1)]
    assert {is_open(hours, one) for one in (*hourly, last)} == {told.is_open}
    assert is_open(hours, told.until) is not told.is_open
