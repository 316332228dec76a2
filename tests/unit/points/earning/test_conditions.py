"""Conditions on the member: tier, tags, first sales, birthdays. Those on place, way and clock are in `test_rules.py`."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.foundation.figures.time_windows import TimeWindow
from app.points.earning.conditions import Conditions, SaleFacts, celebrated
from app.points.earning.evaluate import evaluate
from app.points.earning.rule_sets import RuleSet
from app.points.earning.rules import Rule

ZONE = ZoneInfo("Asia/Shanghai")
NOON = datetime(2026, 5, 1, 12, tzinfo=ZONE)
GOLD, SILVER = "tir_" + "1" * 32, "tir_" + "2" * 32
NIGHT = TimeWindow(time(22), time(2))


def code(conditions: Conditions, moment: datetime = NOON, **facts: Any) -> str | None:
    """Why a rule with these conditions doesn't count; None if it does."""
    rules = (Rule("one", "1 per yuan", points=1, per_amount=100, conditions=conditions),)
    sale = SaleFacts(1280, moment, "mer", "str", **facts)
    [outcome] = evaluate(RuleSet(1, None, rules), sale, ZONE, "floor").outcomes
    return None if outcome.points else outcome.code


@pytest.mark.parametrize(
    ("conditions", "facts", "wanted"),
    [
        (Conditions(tier_ids=frozenset({GOLD})), {"tier_id": GOLD}, None),
        (Conditions(tier_ids=frozenset({GOLD, SILVER})), {"tier_id": SILVER}, None),
        (Conditions(tier_ids=frozenset({GOLD})), {"tier_id": SILVER}, "other-tier"),
        (Conditions(tier_ids=frozenset({GOLD})), {}, "other-tier"),
        (Conditions(tags=frozenset({"staff", "vip"})), {"tags": frozenset({"vip", "old"})}, None),
        (Conditions(tags=frozenset({"staff"})), {"tags": frozenset({"vip"})}, "other-tag"),
        (Conditions(tags=frozenset({"staff"})), {}, "other-tag"),
        (Conditions(first_in_district=True), {"first_in_district": True}, None),
        (Conditions(first_in_district=True), {}, "not-first-in-district"),
        (Conditions(first_in_district=False), {}, None),
        (Conditions(first_in_district=False), {"first_in_district": True}, "first-in-district"),
        (Conditions(first_at_merchant=True), {"first_at_merchant": True}, None),
        (Conditions(first_at_merchant=True), {}, "not-first-at-merchant"),
        (Conditions(first_at_merchant=False), {}, None),
        (Conditions(first_at_merchant=False), {"first_at_merchant": True}, "first-at-merchant"),
        (Conditions(birthday="day"), {"birthday": frozenset({"day", "month"})}, None),
        (Conditions(birthday="day"), {"birthday": frozenset({"month"})}, "not-birthday"),
        (Conditions(birthday="day"), {"birthday": frozenset({"day-before", "month"})}, "not-birthday"),
        (Conditions(birthday="month"), {"birthday": frozenset({"month"})}, None),
        (Conditions(birthday="month"), {}, "not-birthday"),
    ],
)
def test_conditions_on_the_member(conditions: Conditions, facts: dict[str, Any], wanted: str | None) -> None:
    assert code(conditions, **facts) == wanted


def test_several_conditions_on_the_member_must_all_hold() -> None:
    both = Conditions(tier_ids=frozenset({GOLD}), first_at_merchant=True)
    assert code(both, tier_id=GOLD, first_at_merchant=True) is None
    assert code(both, tier_id=GOLD) == "not-first-at-merchant"
    assert code(both, first_at_merchant=True) == "other-tier"


@pytest.mark.parametrize(
    ("moment", "wanted"),
    [
        ("2026-05-01T22:00:00", None),
        ("2026-05-02T01:59:59", None),
        ("2026-05-01T01:59:59", "not-birthday"),
        ("2026-05-02T22:00:00", "not-birthday"),
        ("2026-05-02T02:00:00", "outside-time-windows"),
    ],
    ids=["evening", "after midnight", "night before", "night after", "too late"],
)
def test_a_birthday_looks_at_the_day_on_which_the_window_started(moment: str, wanted: str | None) -> None:
    sold = datetime.fromisoformat(moment).replace(tzinfo=ZONE)
    facts = celebrated(date(1990, 5, 1), sold.date())
    assert code(Conditions(birthday="day", time_windows=(NIGHT,)), sold, birthday=facts) == wanted


@pytest.mark.parametrize(
    ("birthday", "day", "wanted"),
    [
        ("1990-05-01", "2026-05-01", {"day", "month"}),
        ("1990-05-01", "2026-05-02", {"month", "day-before", "month-before"}),
        ("1990-05-01", "2026-05-31", {"month", "month-before"}),
        ("1990-05-01", "2026-06-01", {"month-before"}),
        ("1990-05-01", "2026-04-30", set()),
        ("1992-02-29", "2026-02-28", {"day", "month", "month-before"}),
        ("1992-02-29", "2026-03-01", {"day-before", "month-before"}),
        ("1992-02-29", "2028-02-28", {"month", "month-before"}),
        ("1992-02-29", "2028-02-29", {"day", "month", "month-before"}),
        ("1992-02-28", "2028-02-29", {"month", "day-before", "month-before"}),
        ("1991-12-31", "2027-01-01", {"day-before", "month-before"}),
        ("1991-01-29", "2026-01-28", {"month", "month-before"}),
    ],
)
def test_what_is_celebrated(birthday: str, day: str, wanted: set[str]) -> None:
    assert celebrated(date.fromisoformat(birthday), date.fromisoformat(day)) == wanted


@given(st.dates(date(1900, 1, 1), date(2026, 1, 1)), st.integers(2026, 2100))
def test_everybody_has_one_birthday_a_year(birthday: date, year: int) -> None:
    days = [date(year, 1, 1) + timedelta(days=n) for n in range(366)]
    found = [day for day in days if day.year == year and "day" in celebrated(birthday, day)]
    assert len(found) == 1
    assert found[0].month == birthday.month
