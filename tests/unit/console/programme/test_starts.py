"""Rules to start from are whole rules, and rules are moved."""

from __future__ import annotations

from typing import Any

import pytest

from app.console.programme.starts import STARTS, Shops, Start, moved, rule_from
from app.points.earning.review import flaws_of_rules
from app.points.schemas import RuleBody

pytestmark = pytest.mark.usefixtures("context")
KNOWN = Shops(["餐饮"], "tir_" + "1" * 32)


@pytest.mark.parametrize("start", STARTS, ids=lambda start: start.name)
def test_each_start_is_a_rule_that_can_be_published(start: Start) -> None:
    base = rule_from(next(one for one in STARTS if one.name == "base"), KNOWN, [])
    assert base is not None
    rule = rule_from(start, KNOWN, [base])
    assert rule is not None
    assert RuleBody().load(rule) == rule
    assert flaws_of_rules([base, rule]) == []


def test_its_key_and_priority_are_nobody_else_s() -> None:
    rules: list[dict[str, Any]] = []
    for _ in range(3):
        rules += [rule for start in STARTS if (rule := rule_from(start, KNOWN, rules)) is not None]
    assert len({rule["key"] for rule in rules}) == len(rules)
    assert flaws_of_rules(rules) == []


def test_what_a_district_has_not_is_not_offered() -> None:
    assert {start.name for start in STARTS if rule_from(start, Shops(), []) is None} == {"category", "tier"}


def base(key: str, priority: int) -> dict[str, Any]:
    return {"key": key, "kind": "base", "priority": priority}


def test_of_two_base_rules_the_upper_one_counts() -> None:
    rules = [base("a", 5), {"key": "b", "kind": "bonus"}, base("c", 5), base("d", 2)]
    up = moved(rules, 2, -1)
    assert [rule["key"] for rule in up] == ["a", "c", "b", "d"]
    first = moved(up, 1, -1)
    assert [(rule["key"], rule.get("priority")) for rule in first] == [("c", 6), ("a", 5), ("b", None), ("d", 2)]
    last = moved(rules, 3, -1)
    assert [(rule["key"], rule.get("priority")) for rule in last][2:] == [("d", 5), ("c", 2)]


@pytest.mark.parametrize(("place", "by"), [(0, -1), (1, 1), (7, -1), (-1, 1)])
def test_beyond_the_ends_nothing_moves(place: int, by: int) -> None:
    rules = [base("a", 1), base("b", 0)]
    assert moved(rules, place, by) == rules
