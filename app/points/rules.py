"""Earning rules as pure functions: what a sale earns, by which rules, at whose cost, and why. No database here.

All arithmetic is exact; a sum is rounded once, at the end (domain.md, "Earning rules").
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from fractions import Fraction
from functools import cached_property
from typing import Literal, NamedTuple
from zoneinfo import ZoneInfo

from app.points.conditions import ANY, Conditions, Room, SaleFacts, TimeWindow, day_before, why_not
from app.points.sharing import Rounding, quotient, rounded, shares

__all__ = [
    "ANY",
    "FUNDERS",
    "Conditions",
    "Evaluation",
    "Kind",
    "Outcome",
    "Room",
    "Rounding",
    "Rule",
    "RuleSet",
    "SaleFacts",
    "TimeWindow",
    "evaluate",
    "rounded",
    "shares",
    "version_in_force",
]

Kind = Literal["base", "multiplier", "bonus"]
FUNDERS = ("merchant", "district")
"""Who pays for points, in the order that breaks ties."""


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


@dataclass(frozen=True)
class RuleSet:
    """A numbered version. `effective_at` is None for the one that holds from the beginning of time."""

    version: int
    effective_at: datetime | None
    rules: tuple[Rule, ...]

    @cached_property
    def scale(self) -> int:
        """A number that every factor of the set, multiplied by it, makes whole."""
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
    def capped(self) -> tuple[Rule, ...]:
        """The rules whose caps count what was given before."""
        return tuple(rule for rule in self.rules if rule.counts_use)


class Outcome(NamedTuple):
    """What became of one rule: applied with its points, or skipped for a reason with a stable code."""

    rule_key: str
    points: int
    code: str = "applied"


class Evaluation(NamedTuple):
    """What a sale earns: points, what each funder pays of them, and every rule's outcome in rule order.

    `limited`: keys of rules that would have given more, had their room been larger.
    """

    version: int
    points: int
    funded: Mapping[str, int]
    outcomes: tuple[Outcome, ...]
    limited: tuple[str, ...] = ()


def version_in_force(rule_sets: Sequence[RuleSet], occurred_at: datetime) -> RuleSet:
    """The latest `effective_at` not after `occurred_at`, then the higher number. `rule_sets` hold a timeless one."""
    in_force = [one for one in rule_sets if one.effective_at is None or one.effective_at <= occurred_at]
    return max(in_force, key=lambda one: (one.effective_at is not None, one.effective_at or occurred_at, one.version))


def evaluate(rule_set: RuleSet, sale: SaleFacts, zone: ZoneInfo, rounding: Rounding) -> Evaluation:
    """What a sale earns under one version. An eligible amount of 0 earns 0 under every rule.

    The base points and what multipliers add to them are summed exactly and rounded once; bonuses are added. Each rule's
    points and each funder's are shares of the sum by largest remainder, and no share is above its rule's caps.
    """
    if not sale.eligible_amount:
        nothing = tuple(Outcome(rule.key, 0, "nothing-eligible") for rule in rule_set.rules)
        return Evaluation(rule_set.version, 0, {}, nothing)
    local = sale.occurred_at.astimezone(zone)
    sum_ = _Sum(rule_set, sale, [why_not(rule.conditions, sale, local) for rule in rule_set.rules])
    return sum_.evaluation(rounding)


class _Sum:
    """The exact parts of one sale's points, by the position of their rule, in whole numbers of `1 / unit` points.

    `codes` say why a rule doesn't count. `unit` is chosen so that every part is whole: fractions cost ten times as much.
    """

    def __init__(self, rule_set: RuleSet, sale: SaleFacts, codes: list[str | None]) -> None:
        self._rule_set = rule_set
        self._sale = sale
        self._codes = codes
        self._unit = 1
        self._parts: dict[int, int] = {}
        self._ceilings: dict[int, int] = {}
        self._limited: list[str] = []
        self._matching = [place for place, code in enumerate(codes) if code is None]
        self._take_multipliers(self._take_base())
        self._bonuses = self._take_bonuses()

    def _of_kind(self, kind: Kind) -> list[tuple[int, Rule]]:
        rules = self._rule_set.rules
        return [(place, rules[place]) for place in self._matching if rules[place].kind == kind]

    def _take_base(self) -> int:
        """The part of the base rule that counts: the largest priority, caps or not."""
        bases = self._of_kind("base")
        if not bases:
            return 0
        chosen, rule = max(bases, key=lambda one: one[1].priority)
        for place, _ in bases:
            if place != chosen:
                self._codes[place] = "lower-priority"
        eligible = self._sale.eligible_amount
        self._unit = rule.per_amount * eligible.denominator * self._rule_set.scale
        return self._take(chosen, rule, eligible.numerator * rule.points * self._rule_set.scale)

    def _take_multipliers(self, base: int) -> None:
        multipliers = self._of_kind("multiplier")
        largest = _largest_of_groups(multipliers)
        for place, rule in multipliers:
            if rule.exclusive_group is not None and largest[rule.exclusive_group] != place:
                self._codes[place] = "smaller-factor"
            elif not base:
                self._codes[place] = "no-base-points"
            else:
                factor = rule.factor
                self._take(place, rule, base * (factor.numerator - factor.denominator) // factor.denominator)

    def _take_bonuses(self) -> dict[int, int]:
        """Whole points of each bonus: they are added after the rounding."""
        points = {place: self._take(place, rule, rule.points * self._unit) for place, rule in self._of_kind("bonus")}
        return {place: self._parts.pop(place) // self._unit for place, part in points.items() if part}

    def _take(self, place: int, rule: Rule, part: int) -> int:
        """Counts a part, as far as the rule's caps have room for it."""
        room = self._sale.room.get(rule.key)
        ceiling = rule.most_per_sale
        if room is not None:
            if part > room.points * self._unit and (ceiling is None or room.points < ceiling):
                self._limited.append(rule.key)
            ceiling = room.points if ceiling is None else min(ceiling, room.points)
            if not ceiling:
                self._codes[place] = room.code
                return 0
        if ceiling is not None:
            self._ceilings[place] = ceiling
            part = min(part, ceiling * self._unit)
        self._parts[place] = part
        return part

    def evaluation(self, rounding: Rounding) -> Evaluation:
        """The parts rounded and shared."""
        total = quotient(sum(self._parts.values()), self._unit, rounding)
        points = shares(total, self._parts, self._ceilings) | self._bonuses
        outcomes = tuple(
            Outcome(rule.key, 0, code)
            if code is not None
            else Outcome(rule.key, points[place])
            if place in points
            else Outcome(rule.key, 0, "amount-too-small")
            for place, (rule, code) in enumerate(zip(self._rule_set.rules, self._codes, strict=True))
        )
        total += sum(self._bonuses.values())
        return Evaluation(self._rule_set.version, total, self._funded(total), outcomes, tuple(self._limited))

    def _funded(self, total: int) -> Mapping[str, int]:
        """What each funder pays of the sum, by its percent of every exact part."""
        rules, unit = self._rule_set.rules, self._unit
        exact = self._parts | {place: points * unit for place, points in self._bonuses.items()}
        by_merchant = sum(part * rules[place].merchant_percent for place, part in exact.items())
        return shares(total, {"merchant": by_merchant, "district": 100 * sum(exact.values()) - by_merchant})


def _largest_of_groups(multipliers: Sequence[tuple[int, Rule]]) -> dict[str, int]:
    """The place of the multiplier that counts of each exclusive group: the largest factor, then the first."""
    largest: dict[str, tuple[int, Rule]] = {}
    for place, rule in multipliers:
        if rule.exclusive_group is not None:
            known = largest.setdefault(rule.exclusive_group, (place, rule))
            if rule.factor > known[1].factor:
                largest[rule.exclusive_group] = (place, rule)
    return {group: place for group, (place, _) in largest.items()}
