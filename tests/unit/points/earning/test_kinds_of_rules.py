"""Multipliers and bonuses: the worked figures of the domain, and what must hold of any set."""

from __future__ import annotations

from datetime import UTC, datetime
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.points.earning.conditions import Conditions, SaleFacts
from app.points.earning.evaluate import evaluate
from app.points.earning.rule_sets import RuleSet
from app.points.earning.rules import Rule

ZONE = ZoneInfo("Asia/Shanghai")
BASE = Rule("base", "1 per yuan", points=1, per_amount=100)
HALF = Rule("tier", "Gold", kind="multiplier", factor=Fraction("1.5"), merchant_percent=0)
NIGHT = Rule("night", "Night double", kind="multiplier", factor=Fraction(2), merchant_percent=0)
OVER_200 = Rule("over200", "Over 200", kind="bonus", points=50, conditions=Conditions(min_amount=20_000))


def in_group(rule: Rule, factor: int) -> Rule:
    return Rule(rule.key, rule.name, kind="multiplier", factor=Fraction(factor), exclusive_group="one")


def sale(eligible: int) -> SaleFacts:
    return SaleFacts(eligible, datetime(2026, 1, 1, 12, tzinfo=UTC), "mer", "str")


def earned(eligible: int, *rules: Rule, rounding: Any = "floor") -> Any:
    return evaluate(RuleSet(1, None, rules), sale(eligible), ZONE, rounding)


@pytest.mark.parametrize(
    ("eligible", "rules", "points"),
    [
        (1280, (BASE,), 12),
        (1280, (BASE, HALF), 19),
        (1280, (BASE, HALF, NIGHT), 32),
        (1280, (BASE, in_group(NIGHT, 2), in_group(HALF, 3)), 38),
        (99, (BASE,), 0),
        (25_000, (BASE, OVER_200), 300),
        (19_000, (BASE, OVER_200), 190),
        (0, (BASE, NIGHT, OVER_200), 0),
    ],
)
def test_the_worked_figures(eligible: int, rules: tuple[Rule, ...], points: int) -> None:
    result = earned(eligible, *rules)
    assert result.points == points == sum(result.funded.values()) == sum(one.points for one in result.outcomes)


def test_shares_that_tie_go_by_the_order_of_the_rules() -> None:
    tenfold = Rule("tenfold", "", kind="multiplier", factor=Fraction(10))
    for rules, points in (((BASE, tenfold), [1, 4]), ((tenfold, BASE), [5, 0])):
        assert [one.points for one in earned(50, *rules).outcomes] == points


def test_every_rule_says_what_became_of_it() -> None:
    twice = Rule("twice", "", kind="multiplier", factor=Fraction(2), exclusive_group="one")
    thrice = Rule("thrice", "", kind="multiplier", factor=Fraction(3), exclusive_group="one")
    closed = Rule("weekend", "", kind="multiplier", factor=Fraction(9), conditions=Conditions(weekdays=frozenset({6})))
    result = earned(1280, BASE, twice, thrice, closed, OVER_200)
    assert [(one.rule_key, one.points, one.code) for one in result.outcomes] == [
        ("base", 13, "applied"),
        ("twice", 0, "smaller-factor"),
        ("thrice", 25, "applied"),
        ("weekend", 0, "outside-weekdays"),
        ("over200", 0, "below-min-amount"),
    ]


def test_of_equal_factors_in_a_group_the_first_counts() -> None:
    result = earned(1000, BASE, in_group(NIGHT, 2), in_group(HALF, 2))
    assert [one.code for one in result.outcomes] == ["applied", "applied", "smaller-factor"]


def test_without_base_points_there_is_nothing_to_multiply() -> None:
    result = earned(25_000, NIGHT, OVER_200)
    assert [(one.points, one.code) for one in result.outcomes] == [(0, "no-base-points"), (50, "applied")]


@pytest.mark.parametrize(
    ("rules", "points"),
    [
        ((Rule("base", "", 1, 100, most_per_sale=160),), 160),
        ((Rule("base", "", 1, 100, most_per_sale=160), NIGHT), 320),
        ((BASE, Rule("night", "", kind="multiplier", factor=Fraction(3), most_per_sale=100)), 350),
        ((BASE, Rule("b", "", kind="bonus", points=50, most_per_sale=20)), 270),
    ],
)
def test_a_cap_limits_its_own_rule_and_what_stands_on_it(rules: tuple[Rule, ...], points: int) -> None:
    assert earned(25_000, *rules).points == points


def test_each_funder_pays_its_part_of_the_sum() -> None:
    result = earned(1290, BASE, NIGHT)
    assert (result.points, dict(result.funded)) == (25, {"merchant": 13, "district": 12})
    assert dict(earned(25_000, BASE, NIGHT, OVER_200).funded) == {"merchant": 300, "district": 250}


def test_who_pays_for_a_bonus_pays_all_of_it_and_no_more() -> None:
    party = Rule("party", "", kind="bonus", points=50, merchant_percent=0)
    assert dict(earned(1280, BASE, party).funded) == {"merchant": 12, "district": 50}
    assert dict(earned(99, BASE, party).funded) == {"district": 50}


RULES = st.builds(
    lambda kind, key, percent, cap, number: Rule(
        key,
        key,
        kind=kind,
        points=number,
        per_amount=100,
        factor=1 + Fraction(number, 7),
        merchant_percent=percent,
        most_per_sale=cap,
        exclusive_group="one" if number % 3 == 0 else None,
    ),
    st.sampled_from(("base", "multiplier", "bonus")),
    st.text("abcdefgh", min_size=4, max_size=4),
    st.integers(0, 100),
    st.none() | st.integers(1, 500),
    st.integers(1, 40),
)


@given(
    st.lists(RULES, max_size=8, unique_by=lambda rule: rule.key),
    st.integers(0, 10**7),
    st.sampled_from(("floor", "half_up")),
)
def test_shares_of_rules_and_funders_add_to_the_sum(rules: list[Rule], eligible: int, rounding: Any) -> None:
    result = earned(eligible, *rules, rounding=rounding)
    by_rule = {one.rule_key: one.points for one in result.outcomes}
    assert sum(by_rule.values()) == sum(result.funded.values()) == result.points >= 0
    assert all(share > 0 for share in result.funded.values())
    if eligible == 0:
        assert result.points == 0
    for rule in rules:
        if rule.most_per_sale is not None:
            assert by_rule[rule.key] <= rule.most_per_sale + 1  # a share may be rounded up
