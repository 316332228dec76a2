"""Which rules' use is counted: those that any version caps, for good."""

from __future__ import annotations

from typing import Any

from app.points.caps.tracking import Tracking, tracking_of
from app.points.earning.rule_sets import RuleSet
from app.points.earning.rules import Rule


def version(number: int, **caps: Any) -> RuleSet:
    return RuleSet(number, None, (Rule("base", "", **caps), Rule("other", "")))


def test_plain_rules_are_not_counted() -> None:
    tracking = tracking_of([version(1), version(2, most_per_sale=5)])
    assert tracking == Tracking()
    assert not tracking


def test_each_cap_is_counted_in_its_way() -> None:
    assert tracking_of([version(1, most_per_day=5)]) == Tracking(by_day=frozenset({"base"}))
    assert tracking_of([version(1, most_per_member=5)]) == Tracking(by_member=frozenset({"base"}))
    assert tracking_of([version(1, budget=5)]) == Tracking(budgets=frozenset({"base"}))


def test_what_one_version_capped_is_counted_for_good() -> None:
    tracking = tracking_of([version(1, budget=5), version(2, most_per_day=5), version(3)])
    assert tracking == Tracking(by_day=frozenset({"base"}), budgets=frozenset({"base"}))
    assert tracking - tracking_of([version(1, budget=5)]) == Tracking(by_day=frozenset({"base"}))
