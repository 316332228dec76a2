"""From rules as the API takes them (JSON) to rules that can be evaluated."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time
from typing import Any

from app.foundation.problems import Flaw
from app.points.rules import Conditions, Rule, RuleSet, TimeWindow

_SETS = ("merchant_ids", "store_ids", "categories", "channels", "payment_methods", "weekdays")


def compile_rule_set(version: int, effective_at: datetime | None, rules: Sequence[Mapping[str, Any]]) -> RuleSet:
    """A version ready to be evaluated."""
    return RuleSet(version, effective_at, tuple(compile_rule(rule) for rule in rules))


def compile_rule(rule: Mapping[str, Any]) -> Rule:
    """A base rule ready to be evaluated."""
    return Rule(
        key=rule["key"],
        name=rule["name"],
        points=rule["points"],
        per_amount=rule["per_amount"],
        priority=rule["priority"],
        conditions=_conditions(rule["conditions"]),
        merchant_percent=rule["funding"]["merchant"],
    )


def _conditions(given: Mapping[str, Any]) -> Conditions:
    ready: dict[str, Any] = {name: frozenset(given.get(name) or ()) for name in _SETS}
    ready["time_windows"] = tuple(
        TimeWindow(time.fromisoformat(window["from"]), time.fromisoformat(window["to"]))
        for window in given.get("time_windows") or ()
    )
    for name in ("date_from", "date_to"):
        ready[name] = date.fromisoformat(given[name]) if given.get(name) else None
    return Conditions(**ready, min_amount=given.get("min_amount"), max_amount=given.get("max_amount"))


def flaws_of_rules(rules: Sequence[Mapping[str, Any]]) -> list[Flaw]:
    """What keeps rules from being published, in words: no base rule, a key twice, base rules that tie."""
    flaws = []
    if not any(rule["kind"] == "base" for rule in rules):
        flaws.append(Flaw("/rules", "no-base-rule", "Without a base rule nothing is earned."))
    seen: dict[str, int] = {}
    for position, rule in enumerate(rules):
        if rule["key"] in seen:
            flaws.append(Flaw(f"/rules/{position}/key", "key-twice", f"The key {rule['key']} stands here twice."))
        seen[rule["key"]] = position
    by_priority: dict[int, str] = {}
    for position, rule in enumerate(rules):
        other = by_priority.setdefault(rule["priority"], rule["key"])
        if other != rule["key"]:
            words = f"{other} and {rule['key']} have one priority: which counts where both match?"
            flaws.append(Flaw(f"/rules/{position}/priority", "tie", words))
    return flaws
