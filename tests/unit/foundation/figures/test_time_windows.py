"""Daily windows: half open, and of the day on which they start."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from app.foundation.figures.time_windows import TimeWindow

SHANGHAI = ZoneInfo("Asia/Shanghai")
NEW_YORK = ZoneInfo("America/New_York")
FRIDAY, SATURDAY = date(2026, 1, 2), date(2026, 1, 3)
INSTANTS = st.datetimes(timezones=st.just(UTC)).filter(lambda one: 2000 <= one.year < 2100)


def window(start: str, until: str) -> TimeWindow:
    return TimeWindow(time.fromisoformat(start), time.fromisoformat(until))


def at(local: str) -> datetime:
    return datetime.fromisoformat(local).replace(tzinfo=SHANGHAI)


@pytest.mark.parametrize(
    ("moment", "day"),
    [
        ("2026-01-02T21:59:59", None),
        ("2026-01-02T22:00:00", FRIDAY),
        ("2026-01-02T23:59:59.999999", FRIDAY),
        ("2026-01-03T00:00:00", FRIDAY),
        ("2026-01-03T01:59:59.999999", FRIDAY),
        ("2026-01-03T02:00:00", None),
        ("2026-01-03T22:00:00", SATURDAY),
    ],
)
def test_a_window_over_midnight_belongs_to_the_day_it_starts(moment: str, day: date | None) -> None:
    assert window("22:00", "02:00").day_of(at(moment)) == day


@pytest.mark.parametrize(
    ("moment", "day"),
    [
        ("2026-01-02T17:59:59", None),
        ("2026-01-02T18:00:00", FRIDAY),
        ("2026-01-02T23:59:59.999999", FRIDAY),
        ("2026-01-03T00:00:00", None),
    ],
)
def test_a_window_may_end_at_midnight(moment: str, day: date | None) -> None:
    assert window("18:00", "00:00").day_of(at(moment)) == day


@given(st.times(), st.times(), INSTANTS, st.sampled_from([SHANGHAI, NEW_YORK]))
def test_a_window_and_its_complement_share_the_day(start: time, until: time, utc: datetime, zone: ZoneInfo) -> None:
    moment = utc.astimezone(zone)
    naive = moment.replace(tzinfo=None)
    assume(start != until)
    days = TimeWindow(start, until).day_of(moment), TimeWindow(until, start).day_of(moment)
    assert sum(day is not None for day in days) == 1
    [day] = [day for day in days if day is not None]
    began = datetime.combine(day, start if days[0] else until)
    assert began <= naive < began + timedelta(days=1)
