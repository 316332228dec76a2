"""Instants on the wire, and local days in every kind of zone."""

from __future__ import annotations

import contextlib
import zoneinfo
from datetime import UTC, date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from app.foundation.clock import end_of_day, format_instant, parse_instant, shifts, start_of_day, utc_now

ZONES = [
    "Asia/Shanghai",
    "America/New_York",
    "America/Sao_Paulo",  # skipped midnight until 2018
    "America/Havana",  # repeats midnight
    "Africa/Cairo",
    "Asia/Beirut",
    "Asia/Pyongyang",  # jumped over the last half hour of a day
    "Australia/Lord_Howe",  # half an hour of summer time
    "Pacific/Apia",  # skipped a whole day
    "Asia/Kathmandu",
]
MICROSECOND = timedelta(microseconds=1)


def test_now_is_in_utc() -> None:
    assert utc_now().utcoffset() == timedelta(0)


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("2026-01-01T20:15:00+08:00", datetime(2026, 1, 1, 12, 15, tzinfo=UTC)),
        ("2026-01-01T20:15:00Z", datetime(2026, 1, 1, 20, 15, tzinfo=UTC)),
        ("2026-01-01t20:15:00z", datetime(2026, 1, 1, 20, 15, tzinfo=UTC)),
        ("2026-01-01T00:00:00-00:00", datetime(2026, 1, 1, tzinfo=UTC)),
        ("2026-01-01T00:00:00-09:30", datetime(2026, 1, 1, 9, 30, tzinfo=UTC)),
        ("2026-01-01T00:00:00+23:59", datetime(2025, 12, 31, 0, 1, tzinfo=UTC)),
        ("2024-02-29T12:00:00.5Z", datetime(2024, 2, 29, 12, 0, 0, 500_000, tzinfo=UTC)),
        ("2026-01-01T00:00:00.123456Z", datetime(2026, 1, 1, 0, 0, 0, 123_456, tzinfo=UTC)),
        ("2026-01-01T00:00:00.123456789Z", datetime(2026, 1, 1, 0, 0, 0, 123_456, tzinfo=UTC)),
    ],
)
def test_reads_rfc_3339(text: str, instant: datetime) -> None:
    parsed = parse_instant(text)
    assert (parsed, parsed.utcoffset()) == (instant, timedelta(0))


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("2026-01-01T20:15:00", id="no offset"),
        pytest.param("2026-01-01 20:15:00Z", id="blank for T"),
        pytest.param("2026-01-01", id="a date"),
        pytest.param("20260101T201500Z", id="basic form"),
        pytest.param("2026-W01-1T20:15:00Z", id="week date"),
        pytest.param("2026-01-01T20:15Z", id="no seconds"),
        pytest.param("2026-01-01T20:15:00.Z", id="a point and no fraction"),
        pytest.param("2026-01-01T20:15:00,5Z", id="comma"),
        pytest.param("2026-01-01T20:15:00.1234567890Z", id="ten decimals"),
        pytest.param("2026-01-01T20:15:00+0800", id="offset without colon"),
        pytest.param("2026-01-01T20:15:00+08:60", id="offset of sixty minutes"),
        pytest.param("2026-01-01T20:15:00+24:00", id="offset of a day"),
        pytest.param("2026-01-01T20:15:00+08:00\n", id="line end"),
        pytest.param(" 2026-01-01T20:15:00Z", id="leading blank"),
        pytest.param("2026-02-29T00:00:00Z", id="no leap year"),
        pytest.param("2026-13-01T00:00:00Z", id="month 13"),
        pytest.param("2026-01-01T24:00:00Z", id="hour 24"),
        pytest.param("2026-01-01T00:60:00Z", id="minute 60"),
        pytest.param("0000-01-01T00:00:00Z", id="year 0"),
        pytest.param("0001-01-01T00:00:00+08:00", id="before time in UTC"),
        pytest.param("9999-12-31T23:59:59-08:00", id="after time in UTC"),
        pytest.param("２０２６-01-01T00:00:00Z", id="wide digits"),
        pytest.param("2026-01-01T00:00:0٢Z", id="arabic digit"),
        pytest.param("", id="empty"),
    ],
)
def test_refuses_what_is_no_instant(text: str) -> None:
    with pytest.raises(ValueError):
        parse_instant(text)


@given(st.text(max_size=40))
def test_any_text_is_an_instant_or_a_value_error(text: str) -> None:
    with contextlib.suppress(ValueError):
        assert parse_instant(text).tzinfo is UTC


@given(st.datetimes(timezones=st.just(UTC)), st.integers(-23 * 60 - 59, 23 * 60 + 59))
def test_what_is_written_reads_as_the_same_instant(utc: datetime, offset_minutes: int) -> None:
    assume(2 < utc.year < 9998)  # room for offsets
    instant = utc.astimezone(timezone(timedelta(minutes=offset_minutes)))
    text = format_instant(instant)
    assert text.endswith("Z")
    assert "+" not in text
    assert parse_instant(text) == instant


def test_writes_utc() -> None:
    instant = datetime(2026, 1, 1, 8, tzinfo=ZoneInfo("Asia/Shanghai"))
    assert format_instant(instant) == "2026-01-01T00:00:00Z"
    assert format_instant(instant + MICROSECOND) == "2026-01-01T00:00:00.000001Z"


@pytest.mark.parametrize(
    ("zone", "day", "start"),
    [
        ("Asia/Shanghai", date(2026, 1, 1), datetime(2025, 12, 31, 16, tzinfo=UTC)),
        ("America/New_York", date(2026, 3, 8), datetime(2026, 3, 8, 5, tzinfo=UTC)),
        ("America/New_York", date(2026, 3, 9), datetime(2026, 3, 9, 4, tzinfo=UTC)),
        ("America/Sao_Paulo", date(2018, 11, 4), datetime(2018, 11, 4, 3, tzinfo=UTC)),
        ("America/Havana", date(2025, 11, 2), datetime(2025, 11, 2, 4, tzinfo=UTC)),
    ],
    ids=["plain", "spring begins", "day after", "midnight skipped", "midnight twice"],
)
def test_a_local_day_starts(zone: str, day: date, start: datetime) -> None:
    assert start_of_day(day, ZoneInfo(zone)) == start


@pytest.mark.parametrize(
    ("day", "hours"), [(date(2026, 3, 8), 23), (date(2026, 11, 1), 25), (date(2026, 7, 1), 24)], ids=str
)
def test_days_last_as_long_as_clocks_say(day: date, hours: int) -> None:
    zone = ZoneInfo("America/New_York")
    assert end_of_day(day, zone) - start_of_day(day, zone) == timedelta(hours=hours)


@given(st.sampled_from(ZONES), st.dates(date(2000, 1, 1), date(2037, 12, 30)))
def test_the_start_is_the_first_instant_of_the_day(name: str, day: date) -> None:
    zone = ZoneInfo(name)
    start = start_of_day(day, zone)
    assert start.tzinfo is UTC
    assert start.astimezone(zone).date() >= day  # later only where the zone skipped that day
    assert (start - MICROSECOND).astimezone(zone).date() < day
    assert end_of_day(day, zone) == start_of_day(day + timedelta(days=1), zone)


SINCE, UNTIL = datetime(2024, 1, 1, tzinfo=UTC), datetime(2025, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize("name", ["Asia/Shanghai", "America/New_York", "Australia/Lord_Howe", "Africa/Casablanca"])
def test_shifts_say_of_each_instant_what_the_zone_says(name: str) -> None:
    zone = ZoneInfo(name)
    spans = shifts(zone, SINCE, UNTIL)
    assert (spans[0].since, spans[-1].until) == (SINCE, UNTIL + timedelta(seconds=1))
    assert [one.until for one in spans[:-1]] == [one.since for one in spans[1:]]
    for one in spans:
        for instant in (one.since, one.since + (one.until - one.since) / 2, one.until - timedelta(seconds=1)):
            assert instant.astimezone(zone).utcoffset() == timedelta(seconds=one.seconds)


def test_a_clock_that_is_never_moved_has_one_shift() -> None:
    assert len(shifts(ZoneInfo("Asia/Shanghai"), SINCE, UNTIL)) == 1
    assert len(shifts(ZoneInfo("America/New_York"), SINCE, UNTIL)) == 3
    assert len(shifts(ZoneInfo("America/New_York"), SINCE, SINCE)) == 1


def test_zones_are_those_of_the_locked_package() -> None:
    assert zoneinfo.TZPATH == ()
