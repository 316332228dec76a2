"""Plans are remembered for sales that no condition tells apart: what a used version gives is what a new one would."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.foundation.figures.time_windows import TimeWindow
from app.points.earning import plans
from app.points.earning.conditions import NO_LIMITS, Conditions, SaleFacts
from app.points.earning.evaluate import evaluate
from app.points.earning.rule_sets import RuleSet
from app.points.earning.rules import Rule

ZONE = ZoneInfo("Asia/Shanghai")
MIDNIGHT = datetime(2026, 1, 1, tzinfo=ZONE)
DAYS = st.integers(0, 3).map(lambda days: (MIDNIGHT + timedelta(days=days)).date())
CLOCKS = st.sampled_from(["00:00", "02:00", "12:00", "12:00:30", "22:00"]).map(
    lambda text: datetime.fromisoformat(f"2026-01-01T{text}").time()
)
WORDS = st.frozensets(st.sampled_from("ab"), max_size=1)
MAYBE = st.none() | st.booleans()
CONDITIONS = st.builds(
    Conditions,
    merchant_ids=WORDS,
    channels=WORDS,
    weekdays=st.frozensets(st.integers(1, 7), max_size=4),
    time_windows=st.lists(st.builds(TimeWindow, CLOCKS, CLOCKS), max_size=2).map(tuple),
    date_from=st.none() | DAYS,
    date_to=st.none() | DAYS,
    min_amount=st.none() | st.integers(0, 5),
    max_amount=st.none() | st.integers(0, 5),
    tier_ids=WORDS,
    tags=WORDS,
    first_in_district=MAYBE,
    first_at_merchant=MAYBE,
    birthday=st.sampled_from([None, "day", "month"]),
)
RULES = st.builds(
    Rule,
    key=st.sampled_from("uvwxyz"),
    name=st.just(""),
    points=st.integers(1, 9),
    priority=st.integers(0, 3),
    conditions=CONDITIONS | st.just(Conditions()),
    kind=st.sampled_from(("base", "multiplier", "bonus")),
    factor=st.just(Fraction(2)),
    exclusive_group=st.sampled_from([None, "g"]),
)
SETS = st.lists(RULES, max_size=6, unique_by=lambda rule: rule.key).map(tuple)
SALES = st.builds(
    SaleFacts,
    eligible_amount=st.integers(0, 6) | st.fractions(0, 6, max_denominator=2),
    occurred_at=st.integers(0, 4 * 24 * 120).map(
        lambda halves: (MIDNIGHT + timedelta(seconds=30 * halves)).astimezone(UTC)
    ),
    merchant_id=st.sampled_from("abc"),
    store_id=st.just("s"),
    category=st.none(),
    payment_method=st.none(),
    allowances=st.just(NO_LIMITS),
    channel=st.sampled_from([None, "a", "b"]),
    tier_id=st.sampled_from([None, "a", "b"]),
    tags=st.frozensets(st.sampled_from("abc")),
    first_in_district=st.booleans(),
    first_at_merchant=st.booleans(),
    birthday=st.frozensets(st.sampled_from(["day", "month", "day-before", "month-before"])),
)


@given(SETS, st.lists(SALES, min_size=2, max_size=20))
def test_a_used_version_gives_what_a_new_one_would(rules: tuple[Rule, ...], sales: list[SaleFacts]) -> None:
    used = RuleSet(1, None, rules)
    for one in (*sales, *sales):
        assert evaluate(used, one, ZONE, "floor") == evaluate(RuleSet(1, None, rules), one, ZONE, "floor")


@given(SETS, SALES)
def test_who_gives_points_was_a_candidate(rules: tuple[Rule, ...], sale: SaleFacts) -> None:
    """Also where less than the whole bill earns: budgets are held for candidates alone."""
    rule_set = RuleSet(1, None, rules)
    candidates = rule_set.plans.candidates(sale._replace(eligible_amount=6), sale.occurred_at.astimezone(ZONE))
    assert {key for key, _ in evaluate(rule_set, sale, ZONE, "floor").outcomes.given} <= candidates


def test_what_is_remembered_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plans, "_MOST_KNOWN", 3)
    open_late = Conditions(time_windows=(TimeWindow(MIDNIGHT.replace(hour=22).time(), MIDNIGHT.time()),))
    rule_set = RuleSet(
        1, None, (Rule("late", "", conditions=open_late), Rule("x", "", conditions=Conditions(tags=frozenset("x"))))
    )
    for minute in range(20):
        tags: Any = frozenset("x") if minute % 3 else frozenset()
        sale = SaleFacts(5, MIDNIGHT + timedelta(minutes=97 * minute), "m", "s", tags=tags)
        evaluate(rule_set, sale, ZONE, "floor")
        rule_set.plans.candidates(sale, sale.occurred_at)
    known = [one for one in vars(rule_set.plans).values() if isinstance(one, dict)]
    assert len(known) == 4
    assert all(0 < len(one) <= 3 for one in known)
