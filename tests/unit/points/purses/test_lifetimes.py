"""When points become available, when they end and when that is announced, in local days."""

from __future__ import annotations

import calendar
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.points.purses.lifetimes import NOTICE_DAYS, add_months, available_at, due_notices, expires_at, notice_stage

SHANGHAI, NEW_YORK = ZoneInfo("Asia/Shanghai"), ZoneInfo("America/New_York")
MONTHS = {"policy": "months", "months": 12}


@pytest.mark.parametrize(
    ("day", "months", "wanted"),
    [
        (date(2026, 1, 15), 1, date(2026, 2, 15)),
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2024, 1, 31), 1, date(2024, 2, 29)),
        (date(2026, 1, 30), 1, date(2026, 2, 28)),
        (date(2026, 3, 31), 1, date(2026, 4, 30)),
        (date(2026, 8, 31), 6, date(2027, 2, 28)),
        (date(2024, 2, 29), 12, date(2025, 2, 28)),
        (date(2024, 2, 29), 48, date(2028, 2, 29)),
        (date(2096, 2, 29), 48, date(2100, 2, 28)),
        (date(2026, 2, 28), 1, date(2026, 3, 28)),
        (date(2026, 12, 31), 1, date(2027, 1, 31)),
        (date(2026, 12, 1), 12, date(2027, 12, 1)),
        (date(2026, 11, 30), 3, date(2027, 2, 28)),
        (date(2026, 5, 5), 0, date(2026, 5, 5)),
        (date(2026, 5, 5), 120, date(2036, 5, 5)),
    ],
    ids=str,
)
def test_months_are_clamped_to_the_end_of_the_month(day: date, months: int, wanted: date) -> None:
    assert add_months(day, months) == wanted


@given(st.dates(date(2000, 1, 1), date(2100, 1, 1)), st.integers(0, 240))
def test_months_later_is_that_month_and_that_day_or_its_last(day: date, months: int) -> None:
    later = add_months(day, months)
    assert (later.year - day.year) * 12 + later.month - day.month == months
    last = calendar.monthrange(later.year, later.month)[1]
    assert later.day == day.day or (later.day == last and day.day > last)


@pytest.mark.parametrize(
    ("day", "expiry", "last_day"),
    [
        (date(2026, 1, 1), MONTHS, date(2027, 1, 1)),
        (date(2024, 2, 29), MONTHS, date(2025, 2, 28)),
        (date(2026, 1, 31), {"policy": "months", "months": 1}, date(2026, 2, 28)),
        (date(2026, 1, 1), {"policy": "year_end", "grace_months": 0}, date(2026, 12, 31)),
        (date(2026, 12, 31), {"policy": "year_end", "grace_months": 0}, date(2026, 12, 31)),
        (date(2026, 7, 1), {"policy": "year_end", "grace_months": 3}, date(2027, 3, 31)),
        (date(2026, 7, 1), {"policy": "year_end", "grace_months": 2}, date(2027, 2, 28)),
        (date(2027, 7, 1), {"policy": "year_end", "grace_months": 2}, date(2028, 2, 29)),
        (date(2026, 7, 1), {"policy": "year_end", "grace_months": 6}, date(2027, 6, 30)),
        (date(2026, 7, 1), {"policy": "year_end", "grace_months": 60}, date(2031, 12, 31)),
    ],
    ids=str,
)
@pytest.mark.parametrize("zone", [SHANGHAI, NEW_YORK], ids=str)
def test_points_are_good_until_the_end_of_their_last_day(
    day: date, expiry: dict[str, Any], last_day: date, zone: ZoneInfo
) -> None:
    end = expires_at(day, expiry, zone)
    assert end is not None
    assert end.tzinfo is UTC
    assert (end - timedelta(microseconds=1)).astimezone(zone).date() == last_day
    assert end.astimezone(zone).replace(tzinfo=None) == datetime.combine(last_day, datetime.min.time()) + timedelta(
        days=1
    )


def test_the_end_in_utc() -> None:
    assert expires_at(date(2026, 1, 1), MONTHS, SHANGHAI) == datetime(2027, 1, 1, 16, tzinfo=UTC)


@pytest.mark.parametrize("day", [date(2000, 1, 1), date(2026, 12, 31), date(9999, 12, 31)], ids=str)
def test_never_is_no_end(day: date) -> None:
    assert expires_at(day, {"policy": "never"}, SHANGHAI) is None


@pytest.mark.parametrize(
    ("day", "end"),
    [
        (date(2025, 3, 7), datetime(2026, 3, 8, 5, tzinfo=UTC)),
        (date(2025, 3, 8), datetime(2026, 3, 9, 4, tzinfo=UTC)),
        (date(2025, 11, 1), datetime(2026, 11, 2, 5, tzinfo=UTC)),
    ],
    ids=["the day before summer time", "its short day", "its long day"],
)
def test_the_last_day_is_as_long_as_the_clock_says(day: date, end: datetime) -> None:
    assert expires_at(day, MONTHS, NEW_YORK) == end


def test_the_end_where_midnight_is_skipped() -> None:
    sao_paulo = ZoneInfo("America/Sao_Paulo")  # at midnight of 2018-11-04 it was one o'clock
    end = expires_at(date(2017, 11, 3), MONTHS, sao_paulo)
    assert end == datetime(2018, 11, 4, 3, tzinfo=UTC)


@pytest.mark.parametrize(
    ("day", "pending_days", "zone", "start"),
    [
        (date(2026, 1, 1), 0, SHANGHAI, datetime(2025, 12, 31, 16, tzinfo=UTC)),
        (date(2026, 1, 1), 7, SHANGHAI, datetime(2026, 1, 7, 16, tzinfo=UTC)),
        (date(2024, 2, 28), 1, SHANGHAI, datetime(2024, 2, 28, 16, tzinfo=UTC)),
        (date(2024, 2, 28), 2, SHANGHAI, datetime(2024, 2, 29, 16, tzinfo=UTC)),
        (date(2025, 12, 31), 365, SHANGHAI, datetime(2026, 12, 30, 16, tzinfo=UTC)),
        (date(2026, 3, 1), 7, NEW_YORK, datetime(2026, 3, 8, 5, tzinfo=UTC)),
        (date(2026, 3, 1), 8, NEW_YORK, datetime(2026, 3, 9, 4, tzinfo=UTC)),
    ],
)
def test_points_are_available_from_the_start_of_a_local_day(
    day: date, pending_days: int, zone: ZoneInfo, start: datetime
) -> None:
    assert available_at(day, pending_days, zone) == start


def test_points_that_are_not_pending_were_available_before_the_sale() -> None:
    occurred_at = datetime(2026, 1, 1, 0, 0, tzinfo=SHANGHAI)
    assert available_at(occurred_at.date(), 0, SHANGHAI) <= occurred_at


@pytest.mark.parametrize(
    ("days_left", "stage"),
    [(-1, None), (0, 1), (1, 1), (2, 7), (6, 7), (7, 7), (8, 30), (29, 30), (30, 30), (31, None), (365, None)],
)
def test_the_stage_is_the_smallest_that_is_no_less_than_what_is_left(days_left: int, stage: int | None) -> None:
    assert notice_stage(days_left) == stage


def test_every_day_up_to_the_first_stage_is_due() -> None:
    due = due_notices(date(2026, 2, 20))
    assert due[0] == (date(2026, 2, 20), 1)
    assert due[-1] == (date(2026, 3, 22), 30)
    assert len(due) == len(set(due)) == max(NOTICE_DAYS) + 1


@given(st.integers(0, 400), st.lists(st.integers(1, 20), max_size=60))
def test_whenever_the_job_runs_stages_of_an_end_only_go_down(first: int, pauses: list[int]) -> None:
    end, today, stages = date(2027, 6, 30), date(2027, 6, 30) - timedelta(days=first), []
    for pause in [0, *pauses]:
        today += timedelta(days=pause)
        stages += [stage for day, stage in due_notices(today) if day == end]
    assert stages == sorted(stages, reverse=True)
