"""The registry of figures and what is said of a value."""

from __future__ import annotations

from datetime import date

import pytest

from app.insights.rules import FIGURES, Value, end_of, keys_of, mark_of, value_of

COUNT, SHARE = FIGURES["sales.count"], FIGURES["sales.member_share"]


def test_a_sum_has_no_denominator_and_may_be_nothing() -> None:
    assert value_of(COUNT, 0, None, of_members=None, mark="ok") == Value(0, 0, None, "ok")


def test_a_ratio_of_nothing_is_unknown_and_not_0() -> None:
    assert value_of(SHARE, 0, 0, of_members=None, mark="ok") == Value(None, 0, 0, "no-source")


@pytest.mark.parametrize(("of_members", "told"), [(None, True), (0, True), (1, False), (9, False), (10, True)], ids=str)
def test_merchants_learn_nothing_of_few_members(of_members: int | None, told: bool) -> None:
    value = value_of(SHARE, 300, 900, of_members=of_members, mark="ok")
    assert value == (Value(0.3333, 300, 900, "ok") if told else Value(None, None, None, "too-few"))


@pytest.mark.parametrize(
    ("last", "mark"),
    [("2026-01-31", "open"), ("2026-01-30", "provisional"), ("2026-01-24", "provisional"), ("2026-01-23", "ok")],
)
def test_a_span_is_open_then_provisional_while_sales_may_come_late(last: str, mark: str) -> None:
    assert mark_of(date.fromisoformat(last), date(2026, 1, 31), 7) == mark


def test_periods_have_no_holes() -> None:
    first, last = date(2026, 1, 31), date(2026, 2, 1)
    assert keys_of("day", first, last) == ["2026-01-31", "2026-02-01"]
    assert keys_of("month", first, last) == ["2026-01", "2026-02"]
    hours = keys_of("hour", first, last)
    assert (hours[0], hours[25], len(hours)) == ("2026-01-31T00", "2026-02-01T01", 48)
    assert keys_of("store", first, last) == []


@pytest.mark.parametrize(
    ("by", "key", "wanted"),
    [
        ("hour", "2026-01-31T23", "2026-01-31"),
        ("day", "2026-01-31", "2026-01-31"),
        ("month", "2026-01", "2026-01-31"),
        ("month", "2026-02", "2026-02-15"),
        ("zone", "east", "2026-02-15"),
    ],
)
def test_a_period_ends_with_its_own_last_day_but_not_after_the_span(by: str, key: str, wanted: str) -> None:
    assert end_of(by, key, date(2026, 2, 15)) == date.fromisoformat(wanted)
