"""What subscriptions come to."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from app.billing.rules import (
    OLDEST_DAYS,
    READ_ONLY,
    days_to_report,
    identifier_of,
    next_retry,
    span_of,
    status_of,
)

SHANGHAI = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 3, 10, 2, tzinfo=UTC)


@pytest.mark.parametrize(
    ("told", "retries", "status"),
    [
        ("trialing", 0, "trialing"),
        ("active", 0, "active"),
        ("active", 4, "active"),
        ("past_due", 0, "past_due"),
        ("past_due", 3, "past_due"),
        ("past_due", 4, "limited"),
        ("incomplete", 0, "past_due"),
        ("unpaid", 0, "limited"),
        ("paused", 0, "limited"),
        ("canceled", 0, "ended"),
        ("incomplete_expired", 0, "ended"),
    ],
)
def test_a_status_follows_from_the_provider_s_and_the_tries(told: str, retries: int, status: str) -> None:
    assert status_of(told, retries) == status
    assert (status in READ_ONLY) == (status in ("limited", "ended"))


def test_tries_follow_after_3_5_and_7_days() -> None:
    days = [next_retry(number, NOW) for number in range(4)]
    assert days == [NOW + timedelta(days=3), NOW + timedelta(days=5), NOW + timedelta(days=7), None]


def test_days_are_told_once_they_are_over_and_not_too_old() -> None:
    begun = datetime(2026, 3, 7, 17, tzinfo=UTC)  # the 8th in Shanghai
    assert list(days_to_report(begun, NOW, SHANGHAI)) == [date(2026, 3, 8), date(2026, 3, 9)]
    assert list(days_to_report(NOW, NOW, SHANGHAI)) == []
    just_over = datetime(2026, 3, 9, 16, 30, tzinfo=UTC)  # half an hour into the 10th
    assert list(days_to_report(begun, just_over, SHANGHAI)) == [date(2026, 3, 8)]
    all_days = list(days_to_report(begun - timedelta(days=400), NOW, SHANGHAI))
    assert (len(all_days), all_days[-1]) == (OLDEST_DAYS, date(2026, 3, 9))
    assert NOW - span_of(all_days[0], SHANGHAI)[0] < timedelta(days=35)


def test_a_local_day_has_the_hours_that_it_has() -> None:
    start, end = span_of(date(2026, 3, 29), ZoneInfo("Europe/Berlin"))
    assert end - start == timedelta(hours=23)
    assert identifier_of("dis_1", date(2026, 3, 29)) == "dis_1:2026-03-29"
