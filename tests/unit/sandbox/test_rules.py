"""How far a test clock goes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from app.sandbox.rules import END, latest, percent

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("now", "last"),
    [
        (NOON, datetime(2029, 6, 1, 12, tzinfo=UTC)),
        (datetime(2028, 2, 29, tzinfo=UTC), datetime(2031, 2, 28, tzinfo=UTC)),
        (datetime(2098, 1, 1, tzinfo=UTC), END),
        (END + timedelta(days=1), END),
    ],
)
def test_three_years_of_the_calendar_and_not_beyond_2099(now: datetime, last: datetime) -> None:
    assert latest(now) == last


@pytest.mark.parametrize(("hours", "done"), [(-1, 0), (0, 0), (1, 10), (9.99, 99), (10, 100), (11, 100)])
def test_the_way_is_done_only_at_its_end(hours: float, done: int) -> None:
    assert percent(NOON, NOON + timedelta(hours=hours), NOON + timedelta(hours=10)) == done
