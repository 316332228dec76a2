"""What is wrong with rules, found before they are published, in words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from app.foundation.problems import Flaw
from app.points.compiling import compile_rule
from app.points.rules import Conditions, Rule

_SETS = ("merchant_ids", "store_ids", "categories", "channels", "payment_methods")
_RANGES = (("min_amount", "max_amount"), ("date_from", "date_to"))


def flaws_of_rules(given: Sequence[Mapping[str, Any]]) -> list[Flaw]:
    """Keys that stand twice, base rules that tie, bonuses without a minimum, sets that earn nothing."""
    rules = [compile_rule(rule) for rule in given]
    flaws = [*_double_keys(rules), *_ties(rules), *_bonuses_without_minimum(rules)]
    if all(rule.kind == "multiplier" for rule in rules):
        flaws.append(Flaw("/rules", "no-base-rule", "Without a base rule or a bonus nothing is earned."))
    return flaws


def warnings_of_rules(given: Sequence[Mapping[str, Any]]) -> list[Flaw]:
    """What a programme manager should look at again, though it does no harm: rules that can never count."""
    return list(_unreachable([compile_rule(rule) for rule in given]))


def _double_keys(rules: Sequence[Rule]) -> Iterator[Flaw]:
    seen: set[str] = set()
    for position, rule in enumerate(rules):
        if rule.key in seen:
            yield Flaw(f"/rules/{position}/key", "key-twice", f"The key {rule.key} stands here twice.")
        seen.add(rule.key)


def _ties(rules: Sequence[Rule]) -> Iterator[Flaw]:
    bases = [(position, rule) for position, rule in enumerate(rules) if rule.kind == "base"]
    for later, (position, rule) in enumerate(bases):
        for _, other in bases[:later]:
            if (
                other.key != rule.key
                and other.priority == rule.priority
                and may_meet(other.conditions, rule.conditions)
            ):
                words = f"{other.key} and {rule.key} have one priority: which counts where both match?"
                yield Flaw(f"/rules/{position}/priority", "tie", words)
                break


def _unreachable(rules: Sequence[Rule]) -> Iterator[Flaw]:
    for position, rule in enumerate(rules):
        for other in rules:
            if _outranks(other, rule) and covers(other.conditions, rule.conditions):
                words = f"{rule.key} never counts: {other.key} comes first wherever it matches."
                yield Flaw(f"/rules/{position}", "unreachable", words)
                break


def _outranks(one: Rule, other: Rule) -> bool:
    if one is other or one.kind != other.kind:
        return False
    if one.kind == "base":
        return one.priority > other.priority
    return (
        one.kind == "multiplier"
        and one.exclusive_group is not None
        and (one.exclusive_group == other.exclusive_group and one.factor > other.factor)
    )


def _bonuses_without_minimum(rules: Sequence[Rule]) -> Iterator[Flaw]:
    for position, rule in enumerate(rules):
        if rule.kind == "bonus" and not rule.conditions.min_amount:
            words = f"{rule.key} needs a min_amount: a fixed bonus on any amount invites sales of one fen."
            yield Flaw(f"/rules/{position}/conditions/min_amount", "no-minimum", words)


def may_meet(one: Conditions, other: Conditions) -> bool:
    """Whether a sale might meet both; False only where that is certain not to be."""
    for name in _SETS:
        first, second = getattr(one, name), getattr(other, name)
        if first and second and first.isdisjoint(second):
            return False
    for low, high in _RANGES:
        for first, second in ((one, other), (other, one)):
            start, end = getattr(first, low), getattr(second, high)
            if start is not None and end is not None and start > end:
                return False
    same_days = one.weekdays and other.weekdays and one.time_windows == other.time_windows
    return not (same_days and one.weekdays.isdisjoint(other.weekdays))


def covers(one: Conditions, other: Conditions) -> bool:
    """Whether every sale that meets the other meets this one; True only where that is certain."""
    for name in (*_SETS, "weekdays"):
        allowed, wanted = getattr(one, name), getattr(other, name)
        if allowed and not (wanted and wanted <= allowed):
            return False
    for low, high in _RANGES:
        start, end = getattr(one, low), getattr(one, high)
        inner_start, inner_end = getattr(other, low), getattr(other, high)
        if start is not None and (inner_start is None or inner_start < start):
            return False
        if end is not None and (inner_end is None or inner_end > end):
            return False
    return not one.time_windows or one.time_windows == other.time_windows
