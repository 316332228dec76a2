"""What keeps rules from being published, and what a manager is warned of."""

from __future__ import annotations

from typing import Any

import pytest

from app.points.earning.review import flaws_of_rules, warnings_of_rules

DAY, NIGHT = {"from": "09:00", "to": "22:00"}, {"from": "22:00", "to": "02:00"}
ONE, TWO = "mer_" + "1" * 32, "mer_" + "2" * 32


def rule(key: str = "base", **changes: Any) -> dict[str, Any]:
    plain = {
        "key": key,
        "kind": "base",
        "name": "1 per yuan",
        "points": 1,
        "per_amount": 100,
        "priority": 0,
        "conditions": {},
        "funding": {"merchant": 100, "district": 0},
    }
    return plain | changes


def multiplier(key: str, factor: str = "2", **changes: Any) -> dict[str, Any]:
    funding = {"merchant": 0, "district": 100}
    return {
        "key": key,
        "kind": "multiplier",
        "name": key,
        "factor": factor,
        "conditions": {},
        "funding": funding,
    } | changes


def bonus(key: str, **conditions: Any) -> dict[str, Any]:
    funding = {"merchant": 100, "district": 0}
    return {"key": key, "kind": "bonus", "name": key, "points": 50, "conditions": conditions, "funding": funding}


def flaws(*rules: dict[str, Any]) -> list[tuple[str, str]]:
    return [(flaw.pointer, flaw.code) for flaw in flaws_of_rules(rules)]


def test_rules_that_can_be_published() -> None:
    assert flaws(rule()) == []
    assert flaws(rule("a", priority=0), rule("b", priority=1), rule("c", priority=2)) == []


def test_without_a_base_rule_nothing_is_earned() -> None:
    assert flaws() == flaws(multiplier("m")) == [("/rules", "no-base-rule")]
    assert flaws(bonus("b", min_amount=100)) == []


def test_a_key_stands_once() -> None:
    assert flaws(rule("a"), rule("b", priority=1), rule("a", priority=2)) == [("/rules/2/key", "key-twice")]


def test_base_rules_that_tie_are_refused() -> None:
    rules = [rule("a"), rule("b", priority=1), rule("c"), rule("d", priority=1)]
    assert flaws(*rules) == [("/rules/2/priority", "tie"), ("/rules/3/priority", "tie")]


def test_a_rule_that_stands_twice_is_refused_for_its_key() -> None:
    assert flaws(rule("a"), rule("a")) == [("/rules/1/key", "key-twice")]


def test_a_flaw_names_the_rules_it_is_about() -> None:
    [flaw] = flaws_of_rules([rule("weekday"), rule("weekend")])
    assert "weekday" in flaw.detail
    assert "weekend" in flaw.detail


@pytest.mark.parametrize(
    ("first", "second", "is_tie"),
    [
        ({"merchant_ids": [ONE]}, {"merchant_ids": [TWO]}, False),
        ({"merchant_ids": [ONE, TWO]}, {"merchant_ids": [TWO]}, True),
        ({"merchant_ids": [ONE]}, {}, True),
        ({"max_amount": 99}, {"min_amount": 100}, False),
        ({"max_amount": 100}, {"min_amount": 100}, True),
        ({"date_to": "2026-01-31"}, {"date_from": "2026-02-01"}, False),
        ({"date_to": "2026-02-01"}, {"date_from": "2026-02-01"}, True),
        ({"weekdays": [6, 7]}, {"weekdays": [1, 2, 3, 4, 5]}, False),
        ({"channels": ["till"]}, {"categories": ["tea"]}, True),
        ({"tags": ["staff"]}, {"tags": ["vip"]}, True),
        ({"first_at_merchant": True}, {"first_at_merchant": False}, False),
        ({"first_at_merchant": False}, {"first_in_district": True}, False),
        ({"first_at_merchant": True}, {"first_in_district": False}, True),
        ({"birthday": "day"}, {}, True),
        ({"time_windows": [DAY]}, {"time_windows": [NIGHT]}, False),
        ({"weekdays": [6], "time_windows": [NIGHT]}, {"weekdays": [7]}, True),
        ({"weekdays": [6], "time_windows": [DAY]}, {"weekdays": [7]}, False),
    ],
)
def test_rules_tie_only_where_one_sale_may_meet_both(first: Any, second: Any, is_tie: bool) -> None:
    found = flaws(rule("a", conditions=first), rule("b", conditions=second))
    assert found == ([("/rules/1/priority", "tie")] if is_tie else [])


def test_a_bonus_needs_a_minimum() -> None:
    found = flaws(rule(), bonus("none"), bonus("zero", min_amount=0), bonus("some", min_amount=1))
    assert found == [(f"/rules/{place}/conditions/min_amount", "no-minimum") for place in (1, 2)]


@pytest.mark.parametrize(
    ("rules", "warned"),
    [
        ([rule("a"), rule("b", priority=1)], ["/rules/0"]),
        ([rule("a"), rule("b", priority=1, conditions={"weekdays": [6]})], []),
        (
            [rule("a", conditions={"weekdays": [6]}), rule("b", priority=1, conditions={"weekdays": [5, 6]})],
            ["/rules/0"],
        ),
        (
            [rule("a", conditions={"min_amount": 500}), rule("b", priority=1, conditions={"min_amount": 100})],
            ["/rules/0"],
        ),
        ([rule("a", conditions={"max_amount": 500}), rule("b", priority=1, conditions={"min_amount": 100})], []),
        ([multiplier("a"), multiplier("b", "3")], []),
        ([multiplier("a", exclusive_group="g"), multiplier("b", "3", exclusive_group="g")], ["/rules/0"]),
        ([multiplier("a", exclusive_group="g"), multiplier("b", "3", exclusive_group="h")], []),
    ],
)
def test_a_rule_that_can_never_count_is_named(rules: list[dict[str, Any]], warned: list[str]) -> None:
    assert [flaw.pointer for flaw in warnings_of_rules(rules)] == warned


@pytest.mark.parametrize(
    ("conditions", "field"),
    [
        ({"first_in_district": True, "first_at_merchant": False}, "first_at_merchant"),
        ({"max_amount": 0}, "max_amount"),
        ({"date_from": "2026-01-01", "date_to": "2026-01-02", "weekdays": [6, 7]}, "weekdays"),
    ],
)
def test_conditions_that_exclude_each_other_are_refused(conditions: dict[str, Any], field: str) -> None:
    assert flaws(rule(), rule("never", priority=1, conditions=conditions)) == [
        (f"/rules/1/conditions/{field}", "contradiction")
    ]


@pytest.mark.parametrize(
    "conditions",
    [
        {"first_in_district": False, "first_at_merchant": True},
        {"date_from": "2026-01-01", "date_to": "2026-01-03", "weekdays": [6, 7]},
        {"date_from": "2026-01-01", "weekdays": [7]},
        {"date_from": "2026-01-05", "date_to": "2026-01-11", "weekdays": [7]},
    ],
)
def test_conditions_that_go_together(conditions: dict[str, Any]) -> None:
    assert flaws(rule(), rule("at times", priority=1, conditions=conditions)) == []


def test_a_multiplier_that_meets_no_base_rule_is_named() -> None:
    rules = [
        rule(conditions={"channels": ["till"]}),
        multiplier("web", conditions={"channels": ["web"]}),
        multiplier("gold", conditions={"tags": ["gold"]}),
    ]
    assert [(flaw.pointer, flaw.code) for flaw in warnings_of_rules(rules)] == [("/rules/1", "nothing-to-multiply")]


@pytest.mark.parametrize(
    ("kind", "caps", "warned"),
    [
        ("base", {"per_transaction": 5, "per_member_per_day": 5, "per_member_total": 9, "budget": 9}, []),
        ("base", {"per_member_per_day": 10, "per_member_total": 9}, [("per_member_per_day", "idle-cap")]),
        (
            "base",
            {"per_transaction": 90, "per_member_per_day": 80, "budget": 70},
            [("per_transaction", "idle-cap"), ("per_member_per_day", "idle-cap")],
        ),
        ("bonus", {"per_member_per_day": 50}, []),
        ("bonus", {"per_transaction": 49}, [("per_transaction", "bonus-above-cap")]),
    ],
)
def test_caps_that_never_count_are_named(kind: str, caps: dict[str, int], warned: list[tuple[str, str]]) -> None:
    capped = {**(rule("capped") if kind == "base" else bonus("capped", min_amount=1)), "caps": caps}
    found = [(flaw.pointer, flaw.code) for flaw in warnings_of_rules([capped])]
    assert found == [(f"/rules/0/caps/{name}", code) for name, code in warned]
