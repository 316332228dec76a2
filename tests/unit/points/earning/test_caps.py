"""Caps and budgets: the worked figures of the domain, and that nothing is ever given beyond them."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import UTC, datetime
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.points.earning.conditions import Allowance, Conditions, SaleFacts
from app.points.earning.evaluate import Evaluation, evaluate
from app.points.earning.rule_sets import RuleSet
from app.points.earning.rules import Rule

ZONE = ZoneInfo("Asia/Shanghai")
BASE = Rule("base", "1 per yuan", points=1, per_amount=100)
NIGHT = Rule("night", "Night double", kind="multiplier", factor=Fraction(2), merchant_percent=0)
OVER_200 = Rule("over200", "Over 200", kind="bonus", points=50, conditions=Conditions(min_amount=20_000))
ROUNDINGS: Any = st.sampled_from(("floor", "half_up"))


def earned(eligible: int | Fraction, *rules: Rule, rounding: Any = "floor", **room: Allowance) -> Evaluation:
    facts = SaleFacts(eligible, datetime(2026, 1, 1, 12, tzinfo=UTC), "mer", "str", allowances=room)
    return evaluate(RuleSet(1, None, rules), facts, ZONE, rounding)


def left(points: int) -> Allowance:
    return Allowance(points, "daily-cap-reached")


@pytest.mark.parametrize(
    ("rules", "room", "points", "limited"),
    [
        ((BASE,), {"base": left(160)}, 160, ("base",)),
        ((BASE, NIGHT), {"base": left(160)}, 320, ("base",)),
        ((BASE, NIGHT), {"night": left(7)}, 257, ("night",)),
        ((BASE, NIGHT), {"base": left(160), "night": left(20)}, 180, ("base", "night")),
        ((BASE, OVER_200), {"over200": left(30)}, 280, ("over200",)),
        ((BASE, OVER_200), {"over200": left(50)}, 300, ()),
        ((BASE, OVER_200), {"other": left(0)}, 300, ()),
        ((replace(BASE, most_per_sale=100),), {"base": left(160)}, 100, ()),
        ((replace(BASE, most_per_sale=200),), {"base": left(160)}, 160, ("base",)),
    ],
)
def test_the_room_limits_a_rule_and_what_stands_on_it(
    rules: tuple[Rule, ...], room: dict[str, Allowance], points: int, limited: tuple[str, ...]
) -> None:
    found = earned(25_000, *rules, **room)
    assert (found.points, found.limited) == (points, limited)
    assert points == sum(found.funded.values()) == sum(one.points for one in found.outcomes)


def test_a_rule_without_room_says_what_used_it_up() -> None:
    found = earned(
        25_000, BASE, NIGHT, OVER_200, base=Allowance(0, "budget-spent"), over200=Allowance(0, "member-cap-reached")
    )
    assert [(one.points, one.code) for one in found.outcomes] == [
        (0, "budget-spent"),
        (0, "no-base-points"),
        (0, "member-cap-reached"),
    ]
    assert (found.points, found.funded, found.limited) == (0, {}, ("base", "over200"))


def test_within_a_group_the_largest_factor_shadows_the_others_even_without_room() -> None:
    small = replace(NIGHT, key="small", exclusive_group="one")
    large = replace(NIGHT, key="large", factor=Fraction(3), exclusive_group="one")
    found = earned(1_000, BASE, small, large, large=left(0))
    assert [(one.points, one.code) for one in found.outcomes] == [
        (10, "applied"),
        (0, "smaller-factor"),
        (0, "daily-cap-reached"),
    ]


def test_the_largest_priority_counts_even_without_room() -> None:
    found = earned(1_000, BASE, replace(BASE, key="double", points=2, priority=1), double=left(0))
    assert [one.code for one in found.outcomes] == ["lower-priority", "daily-cap-reached"]


def test_a_sum_rounded_up_breaks_no_cap() -> None:
    """A largest remainder would fall to the base rule, which has no room for it."""
    third = replace(NIGHT, key="a", factor=Fraction("1.003"))
    found = earned(25_000, BASE, third, replace(third, key="b"), rounding="half_up", base=left(100))
    assert [one.points for one in found.outcomes] == [100, 1, 0]
    assert found.points == 101


@pytest.mark.parametrize(
    ("eligible", "rules", "points"),
    [
        (Fraction(19_000), (BASE, OVER_200), 190),
        (Fraction(25_000 * 2, 3), (BASE,), 166),
        (Fraction(199, 2), (BASE,), 0),
        (Fraction(20_000), (BASE, OVER_200), 250),
        (Fraction(59_999, 3), (BASE, OVER_200), 199),
        (Fraction(0), (BASE, OVER_200), 0),
    ],
)
def test_what_is_left_after_a_refund_is_exact(eligible: Fraction, rules: tuple[Rule, ...], points: int) -> None:
    assert earned(eligible, *rules).points == points


PERCENTS = st.integers(0, 100)
CAPPED = st.lists(
    st.builds(
        lambda kind, number, tenths, percent, cap, room, is_grouped: (
            Rule(
                "",
                "",
                kind=kind,
                points=number,
                per_amount=137,
                factor=1 + Fraction(tenths, 10),
                priority=number,
                merchant_percent=percent,
                most_per_sale=cap,
                exclusive_group="one" if is_grouped else None,
            ),
            room,
        ),
        st.sampled_from(("base", "multiplier", "multiplier", "bonus")),
        st.integers(1, 60),
        st.integers(1, 40),
        PERCENTS,
        st.none() | st.integers(1, 300),
        st.none() | st.integers(0, 300),
        st.booleans(),
    ),
    min_size=1,
    max_size=8,
).map(
    lambda pairs: [(replace(rule, key=f"r{place}", priority=place), room) for place, (rule, room) in enumerate(pairs)]
)


@given(CAPPED, st.integers(0, 10**6), ROUNDINGS)
def test_no_rule_gives_more_than_its_caps(pairs: list[Any], eligible: int, rounding: Any) -> None:
    room = {rule.key: left(points) for rule, points in pairs if points is not None}
    found = earned(eligible, *(rule for rule, _ in pairs), rounding=rounding, **room)
    assert sum(one.points for one in found.outcomes) == sum(found.funded.values()) == found.points
    for (rule, points), outcome in zip(pairs, found.outcomes, strict=True):
        assert 0 <= outcome.points <= min(10**9 if one is None else one for one in (points, rule.most_per_sale))


@given(CAPPED, st.integers(0, 10**6), ROUNDINGS, st.randoms(use_true_random=False))
def test_the_order_of_rules_changes_no_sum(
    pairs: list[Any], eligible: int, rounding: Any, shuffler: random.Random
) -> None:
    """But for a group's equal factors, where the first counts."""
    room = {rule.key: left(points) for rule, points in pairs if points is not None}
    rules = [replace(rule, exclusive_group=None) for rule, _ in pairs]
    found = earned(eligible, *rules, rounding=rounding, **room)
    shuffler.shuffle(rules)
    again = earned(eligible, *rules, rounding=rounding, **room)
    assert (again.points, again.funded) == (found.points, found.funded)
    assert {one.rule_key: one.code for one in again.outcomes if not one.points and one.code != "amount-too-small"} == {
        one.rule_key: one.code for one in found.outcomes if not one.points and one.code != "amount-too-small"
    }


@given(CAPPED, st.integers(0, 10**6), ROUNDINGS)
def test_more_room_never_gives_less(pairs: list[Any], eligible: int, rounding: Any) -> None:
    rules = [rule for rule, _ in pairs]
    room = {rule.key: points for rule, points in pairs if points is not None}
    tight = earned(eligible, *rules, rounding=rounding, **{key: left(points) for key, points in room.items()})
    wide = earned(eligible, *rules, rounding=rounding, **{key: left(points + 5) for key, points in room.items()})
    assert tight.points <= wide.points
