"""Numbered versions of rules."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import cast

from app.points.earning.conditions import day_before
from app.points.earning.outcomes import Outcome, Outcomes, outcomes_of
from app.points.earning.plans import Plans
from app.points.earning.rules import Rule


@dataclass(frozen=True)
class RuleSet:
    """A numbered version. `effective_at` is None for the one that holds from the beginning of time."""

    version: int
    effective_at: datetime | None
    rules: tuple[Rule, ...]

    @cached_property
    def scale(self) -> int:
        """The smallest number by which every factor of the set can be multiplied to become whole."""
        return math.lcm(*(rule.factor.denominator for rule in self.rules))

    @cached_property
    def needs(self) -> frozenset[str]:
        """The fields of `SaleFacts` that its rules look at, of those that have to be looked up."""
        found = set()
        for rule in self.rules:
            wanted = rule.conditions
            found |= {
                name
                for name, is_needed in (
                    ("category", wanted.categories),
                    ("tier_id", wanted.tier_ids),
                    ("tags", wanted.tags),
                    ("first_in_district", wanted.first_in_district is not None),
                    ("first_at_merchant", wanted.first_at_merchant is not None),
                    ("birthday", wanted.birthday),
                    ("room", rule.counts_use),
                )
                if is_needed
            }
        return frozenset(found)

    @cached_property
    def looked_for(self) -> Mapping[str, frozenset[str]]:
        """The values of `tags` and `birthday` that make a difference to its rules."""
        conditions = [rule.conditions for rule in self.rules]
        kinds = frozenset(one.birthday for one in conditions if one.birthday)
        return {
            "tags": frozenset[str]().union(*(one.tags for one in conditions)),
            "birthday": frozenset[str]().union(kinds, (day_before(kind) for kind in kinds)),
        }

    @cached_property
    def plans(self) -> Plans:
        """Which of its rules count for which sales."""
        return Plans(self.rules)

    @cached_property
    def by_key(self) -> Mapping[str, Rule]:
        """Its rules by key."""
        return {rule.key: rule for rule in self.rules}

    @cached_property
    def nothing(self) -> Outcomes:
        """The outcomes of a sale of which nothing is eligible: every rule skipped."""
        return outcomes_of(Outcome(rule.key, 0, "nothing-eligible") for rule in self.rules)

    @cached_property
    def paused(self) -> Outcomes:
        """The outcomes of a sale of a merchant that gives no points: every rule skipped."""
        return outcomes_of(Outcome(rule.key, 0, "awards-paused") for rule in self.rules)

    @cached_property
    def capped(self) -> tuple[Rule, ...]:
        """The rules whose caps count what was given before."""
        return tuple(rule for rule in self.rules if rule.counts_use)


def version_in_force(newest_first: Sequence[RuleSet], occurred_at: datetime) -> RuleSet:
    """The first version that was in force at an instant, of versions in the order of `newest_first`.

    Raises LookupError where none is timeless, which every district's first version is.
    """
    for one in newest_first:
        if one.effective_at is None or one.effective_at <= occurred_at:
            return one
    raise LookupError("no version is timeless")


def newest_first(rule_sets: Sequence[RuleSet]) -> list[RuleSet]:
    """Versions, the latest `effective_at` first and of equal ones the higher number; those without (timeless) last."""
    begun = sorted((one for one in rule_sets if one.effective_at is not None), key=_start, reverse=True)
    timeless = sorted((one for one in rule_sets if one.effective_at is None), key=lambda one: -one.version)
    return [*begun, *timeless]


def _start(rule_set: RuleSet) -> tuple[datetime, int]:
    return cast("datetime", rule_set.effective_at), rule_set.version
