"""From when until when coupons are usable: local days, also where the clock is moved."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.coupons.bill.validity import end_after_return, span_of

SHANGHAI, NEW_YORK, SANTIAGO = map(ZoneInfo, ("Asia/Shanghai", "America/New_York", "America/Santiago"))


def after(days: int, wait: int = 0) -> dict[str, int]:
    return {"days_after_issue": days, "wait_days": wait}


JANUARY = {"from": "2026-01-01T00:00:00Z", "to": "2026-02-01T00:00:00Z"}


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("validity", "issued", "zone", "usable_from", "expires"),
    [
        (after(30), "2026-01-01T04:00", SHANGHAI, "2026-01-01T04:00", "2026-01-31T16:00"),
        (after(1), "2026-01-01T15:59:59", SHANGHAI, "2026-01-01T15:59:59", "2026-01-02T16:00"),
        (after(1), "2026-01-01T16:00", SHANGHAI, "2026-01-01T16:00", "2026-01-03T16:00"),
        (after(1, 1), "2026-01-01T15:59:59", SHANGHAI, "2026-01-01T16:00", "2026-01-03T16:00"),
        (after(730, 365), "2026-01-01T04:00", SHANGHAI, "2026-12-31T16:00", "2028-12-31T16:00"),
        (after(1), "2026-03-07T12:00", NEW_YORK, "2026-03-07T12:00", "2026-03-09T04:00"),
        (after(1), "2026-10-31T12:00", NEW_YORK, "2026-10-31T12:00", "2026-11-02T05:00"),
        (after(1, 1), "2026-09-05T12:00", SANTIAGO, "2026-09-06T04:00", "2026-09-08T03:00"),
        (JANUARY, "2025-12-01", SHANGHAI, "2026-01-01", "2026-02-01"),
        (JANUARY, "2026-01-15", SHANGHAI, "2026-01-15", "2026-02-01"),
    ],
    ids=[
        "thirty days",
        "before midnight",
        "at midnight",
        "a day's wait",
        "the longest",
        "a day of 23 hours",
        "a day of 25 hours",
        "no midnight",
        "issued before",
        "issued within",
    ],
)
def test_a_coupon_is_usable_by_local_days(
    validity: dict[str, Any], issued: str, zone: ZoneInfo, usable_from: str, expires: str
) -> None:
    assert span_of(validity, utc(issued), zone) == (utc(usable_from), utc(expires))


@pytest.mark.parametrize(
    ("old_end", "is_first", "wanted"),
    [
        ("2026-01-05T00:00", True, "2026-01-08T16:00"),
        ("2026-01-08T16:00", True, "2026-01-08T16:00"),
        ("2026-03-01T00:00", True, "2026-03-01T00:00"),
        ("2025-06-01T00:00", True, "2026-01-08T16:00"),
        ("2026-01-05T00:00", False, "2026-01-05T00:00"),
    ],
    ids=["a week more", "that very end", "a later end", "long over", "a second time"],
)
def test_what_is_given_back_lasts_a_week_once(old_end: str, is_first: bool, wanted: str) -> None:
    returned = utc("2026-01-01T15:59:59")
    assert end_after_return(utc(old_end), returned, SHANGHAI, is_first=is_first) == utc(wanted)


@given(
    st.datetimes(datetime(2020, 1, 1), datetime(2035, 1, 1), timezones=st.just(UTC)),
    st.integers(1, 730),
    st.integers(0, 365),
    st.sampled_from([SHANGHAI, NEW_YORK, SANTIAGO]),
)
def test_a_coupon_lasts_whole_days_and_is_never_usable_before_its_issue(
    issued: datetime, days: int, wait: int, zone: ZoneInfo
) -> None:
    span = span_of(after(days, wait), issued, zone)
    assert issued <= span.usable_from < span.expires_at
    last = (span.expires_at - timedelta(microseconds=1)).astimezone(zone).date()
    assert last - issued.astimezone(zone).date() == timedelta(days=days + wait)
    assert span.expires_at.astimezone(zone).date() == last + timedelta(days=1)
    if wait:
        before = (span.usable_from - timedelta(microseconds=1)).astimezone(zone).date()
        assert span.usable_from.astimezone(zone).date() == before + timedelta(days=1)
