"""Which rules' use is counted: every key that some published version caps, for good, so that no cap starts anew."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from app.points.earning.rule_sets import RuleSet
from app.points.earning.rules import Rule

Keys = frozenset[str]


@dataclass(frozen=True, slots=True)
class Tracking:
    """Keys of rules whose points are counted by member and local day, by member, and against a budget."""

    by_day: Keys = frozenset()
    by_member: Keys = frozenset()
    budgets: Keys = frozenset()

    def __bool__(self) -> bool:
        return bool(self.by_day or self.by_member or self.budgets)

    def __sub__(self, other: Tracking) -> Tracking:
        """What is counted here and not there."""
        return Tracking(self.by_day - other.by_day, self.by_member - other.by_member, self.budgets - other.budgets)


def tracking_of(rule_sets: Iterable[RuleSet]) -> Tracking:
    """What published versions count together."""
    rules: list[Rule] = [rule for one in rule_sets for rule in one.capped]
    return Tracking(
        by_day=frozenset(rule.key for rule in rules if rule.most_per_day is not None),
        by_member=frozenset(rule.key for rule in rules if rule.most_per_member is not None),
        budgets=frozenset(rule.key for rule in rules if rule.budget is not None),
    )
