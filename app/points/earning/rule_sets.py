"""Rules and their numbered versions, and what a version works out once for many sales."""

from __future__ import annotations

import math
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from fractions import Fraction
from functools import cached_property, lru_cache
from typing import Literal, NamedTuple, cast

from app.points.earning.conditions import PLACES, Conditions, Moment, SaleFacts, day_before, not_here, not_then

Kind = Literal["base", "multiplier", "bonus"]


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule of a set, of a kind:

    `base`: `points` per `per_amount` minor units of the eligible amount; of those that match, the largest `priority`.
    `multiplier`: `factor` (above 1) adds its surplus times the base points; of an `exclusive_group`, the largest factor.
    `bonus`: a fixed number of `points`.

    `merchant_percent`: what the merchant pays, the district the rest. Caps in points: `most_per_sale`; `most_per_day`
    of a member on one local day, `most_per_member` ever, and the `budget` of the rule in the district.
    """

    key: str
    name: str
    points: int = 0
    per_amount: int = 1
    priority: int = 0
    conditions: Conditions = field(default_factory=Conditions)
    merchant_percent: int = 100
    kind: Kind = "base"
    factor: Fraction = Fraction(1)
    exclusive_group: str | None = None
    most_per_sale: int | None = None
    most_per_day: int | None = None
    most_per_member: int | None = None
    budget: int | None = None

    @property
    def counts_use(self) -> bool:
        """Whether what it gave before matters, to this member or to anybody."""
        return (self.most_per_day, self.most_per_member, self.budget) != (None, None, None)

    @property
    def looks_at_member(self) -> bool:
        """Whether it depends on who bought, or on what they bought before."""
        of_member = self.conditions.look_at_member or self.conditions.birthday is not None
        return of_member or (self.most_per_day, self.most_per_member) != (None, None)

    @property
    def is_simple(self) -> bool:
        """Whether it is the merchant's base rule without caps, and looks at no more than the shop and the way to pay."""
        looks_further = self.conditions.look_at_buyer or self.conditions.look_at_clock
        is_whole = self.kind == "base" and self.merchant_percent == 100
        return is_whole and self.most_per_sale is None and not self.counts_use and not looks_further


class Outcome(NamedTuple):
    """What became of one rule: applied with its points, or skipped for a reason with a stable code."""

    rule_key: str
    points: int
    code: str = "applied"


@lru_cache(maxsize=16_384)
def skipped(rule_key: str, code: str) -> Outcome:
    """The outcome of a rule that doesn't count: most rules don't, and for few reasons."""
    return Outcome(rule_key, 0, code)


Placed = tuple[int, Rule]
"""A rule and its place in the set."""


class RulesAtShop(NamedTuple):
    """How rules stand at one shop, for one way to pay: the outcomes of those that never count there, and the others.

    Base rules come with the largest priority first. `sole`: the only rule that isn't ruled out there, if it
    is simple (`Rule.is_simple`): then nothing else need be evaluated.
    """

    outcomes: tuple[Outcome | None, ...]
    bases: tuple[Placed, ...]
    multipliers: tuple[Placed, ...]
    bonuses: tuple[Placed, ...]
    sole: Placed | None

    @property
    def rules(self) -> tuple[Placed, ...]:
        """Those that may count."""
        return (*self.bases, *self.multipliers, *self.bonuses)


_MOST_KNOWN = 4_096
"""Shops with ways to pay, and minutes, that a version remembers."""


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

    def rules_at_shop(self, sale: SaleFacts) -> RulesAtShop:
        """How its rules stand at the sale's shop. What sales at places share that no rule tells apart is worked out once."""
        where = tuple([sale[place] if sale[place] in named else None for place, named in self._told_apart])
        known = self._at_shops.get(where)
        if known is None:
            if len(self._at_shops) >= _MOST_KNOWN:
                self._at_shops.clear()
            known = self._at_shops[where] = self._rules_at_shop(sale)
        return known

    @cached_property
    def _at_shops(self) -> dict[tuple[object, ...], RulesAtShop]:
        return {}

    @cached_property
    def _told_apart(self) -> tuple[tuple[int, frozenset[str]], ...]:
        """The fields of a sale, by their places, that say where it was and how it was paid, and the values with a rule."""
        conditions = [rule.conditions for rule in self.rules]
        named = (
            (SaleFacts._fields.index(field), frozenset[str]().union(*(getattr(one, condition) for one in conditions)))
            for field, condition, _ in PLACES
        )
        return tuple(one for one in named if one[1])

    def _rules_at_shop(self, sale: SaleFacts) -> RulesAtShop:
        codes = [not_here(rule.conditions, sale) for rule in self.rules]
        outcomes = tuple(
            skipped(rule.key, code) if code else None for rule, code in zip(self.rules, codes, strict=True)
        )
        open_ = [(place, rule) for place, rule in enumerate(self.rules) if codes[place] is None]
        of_kind = {kind: [one for one in open_ if one[1].kind == kind] for kind in ("base", "multiplier", "bonus")}
        of_kind["base"].sort(key=lambda one: -one[1].priority)
        sole = open_[0] if len(open_) == 1 and open_[0][1].is_simple else None
        bases, multipliers, bonuses = (tuple(of_kind[kind]) for kind in ("base", "multiplier", "bonus"))
        return RulesAtShop(outcomes, bases, multipliers, bonuses, sole)

    def closed(self, sale: SaleFacts, moment: Moment) -> Mapping[int, str]:
        """Rules (by place) that the clock shuts out, with the code; birthdays are not looked at.

        Sales of one minute are many, and windows begin and end with minutes.
        """
        today, clock = moment
        minute = (today, clock.hour, clock.minute) if self._keeps_to_minutes else moment
        known = self._closed.get(minute)
        if known is None:
            if len(self._closed) >= _MOST_KNOWN:
                self._closed.clear()
                self._ways_to_shut.clear()
            codes = ((place, not_then(rule.conditions, sale, moment)) for place, rule in self._clocked)
            shut = {place: code for place, code in codes if code is not None}
            known = self._closed[minute] = self._ways_to_shut.setdefault(tuple(shut.items()), shut)
        return known

    @cached_property
    def _closed(self) -> dict[Hashable, dict[int, str]]:
        return {}

    @cached_property
    def _ways_to_shut(self) -> dict[tuple[tuple[int, str], ...], dict[int, str]]:
        """Most minutes shut out the same rules: they share what is remembered of them."""
        return {}

    @cached_property
    def _clocked(self) -> tuple[Placed, ...]:
        rules = enumerate(self.rules)
        return tuple(one for one in rules if one[1].conditions.look_at_clock and not one[1].conditions.birthday)

    @cached_property
    def _keeps_to_minutes(self) -> bool:
        clocks = [clock for _, rule in self._clocked for one in rule.conditions.time_windows for clock in one.ends]
        return all(clock == clock.replace(second=0, microsecond=0) for clock in clocks)

    @cached_property
    def by_key(self) -> Mapping[str, Rule]:
        """Its rules by key."""
        return {rule.key: rule for rule in self.rules}

    @cached_property
    def nothing(self) -> tuple[Outcome, ...]:
        """The outcomes of a sale of which nothing is eligible: every rule skipped."""
        return tuple(skipped(rule.key, "nothing-eligible") for rule in self.rules)

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
