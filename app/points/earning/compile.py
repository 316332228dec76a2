"""From rules as the API takes them (JSON) to rules that can be evaluated."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time
from fractions import Fraction
from typing import Any

from app.foundation.figures.time_windows import TimeWindow
from app.points.earning.conditions import Conditions
from app.points.earning.rule_sets import RuleSet
from app.points.earning.rules import Rule

_SETS = ("merchant_ids", "store_ids", "categories", "channels", "payment_methods", "weekdays", "tier_ids", "tags")
_AS_GIVEN = ("min_amount", "max_amount", "first_in_district", "first_at_merchant", "birthday")


def compile_rule_set(version: int, effective_at: datetime | None, rules: Sequence[Mapping[str, Any]]) -> RuleSet:
    """A version ready to be evaluated."""
    return RuleSet(version, effective_at, tuple(compile_rule(rule) for rule in rules))


def compile_rule(rule: Mapping[str, Any]) -> Rule:
    """A rule ready to be evaluated."""
    caps = rule.get("caps", {})
    return Rule(
        key=rule["key"],
        name=rule["name"],
        kind=rule["kind"],
        points=rule.get("points", 0),
        per_amount=rule.get("per_amount", 1),
        priority=rule.get("priority", 0),
        factor=Fraction(rule.get("factor", "1")),
        exclusive_group=rule.get("exclusive_group"),
        conditions=_conditions(rule["conditions"]),
        merchant_percent=rule["funding"]["merchant"],
        most_per_sale=caps.get("per_transaction"),
        most_per_day=caps.get("per_member_per_day"),
        most_per_member=caps.get("per_member_total"),
        budget=caps.get("budget"),
    )


def _conditions(given: Mapping[str, Any]) -> Conditions:
    ready: dict[str, Any] = {name: frozenset(given.get(name) or ()) for name in _SETS}
    ready["time_windows"] = tuple(
        TimeWindow(time.fromisoformat(window["from"]), time.fromisoformat(window["to"]))
        for window in given.get("time_windows") or ()
    )
    for name in ("date_from", "date_to"):
        ready[name] = date.fromisoformat(given[name]) if given.get(name) else None
    ready |= {name: given.get(name) for name in _AS_GIVEN}
    return Conditions(**ready)
