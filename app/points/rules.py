"""Earning rules as pure functions: what a sale earns, by which rules, at whose cost, and why. No database here.

All arithmetic is exact; a sum is rounded once, at the end (domain.md, "Earning rules").
"""

from __future__ import annotations

import math
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from fractions import Fraction
from functools import cached_property, lru_cache
from typing import Literal, NamedTuple, cast
from zoneinfo import ZoneInfo

from app.points.conditions import (
    ANY,
    NO_LIMITS,
    PLACES,
    Conditions,
    Moment,
    Room,
    SaleFacts,
    TimeWindow,
    day_before,
    not_for,
    not_here,
    not_then,
)
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
    "newest_first",
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


class Standing(NamedTuple):
    """How rules stand at one shop, for one way to pay: the outcomes of those that never count there, and the others.

    Base rules come with the largest priority first. `sole`: the one rule that counts for every sale there, whole.
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

    def standing(self, sale: SaleFacts) -> Standing:
        """How its rules stand at the sale's shop. What sales at places share that no rule tells apart is worked out once."""
        where = tuple([sale[place] if sale[place] in named else None for place, named in self._told_apart])
        known = self._standings.get(where)
        if known is None:
            if len(self._standings) >= _MOST_KNOWN:
                self._standings.clear()
            known = self._standings[where] = self._stand(sale)
        return known

    @cached_property
    def _standings(self) -> dict[tuple[object, ...], Standing]:
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

    def _stand(self, sale: SaleFacts) -> Standing:
        codes = [not_here(rule.conditions, sale) for rule in self.rules]
        outcomes = tuple(
            skipped(rule.key, code) if code else None for rule, code in zip(self.rules, codes, strict=True)
        )
        open_ = [(place, rule) for place, rule in enumerate(self.rules) if codes[place] is None]
        of_kind = {kind: [one for one in open_ if one[1].kind == kind] for kind in ("base", "multiplier", "bonus")}
        of_kind["base"].sort(key=lambda one: -one[1].priority)
        sole = open_[0] if len(open_) == 1 and open_[0][1].is_simple else None
        bases, multipliers, bonuses = (tuple(of_kind[kind]) for kind in ("base", "multiplier", "bonus"))
        return Standing(outcomes, bases, multipliers, bonuses, sole)

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
        """What becomes of its rules where no part of a sale earns."""
        return tuple(skipped(rule.key, "nothing-eligible") for rule in self.rules)

    @cached_property
    def capped(self) -> tuple[Rule, ...]:
        """The rules whose caps count what was given before."""
        return tuple(rule for rule in self.rules if rule.counts_use)


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
    return next(one for one in newest_first(rule_sets) if one.effective_at is None or one.effective_at <= occurred_at)


def newest_first(rule_sets: Sequence[RuleSet]) -> list[RuleSet]:
    """By `effective_at`, then by number, the timeless ones last."""
    begun = sorted((one for one in rule_sets if one.effective_at is not None), key=_start, reverse=True)
    timeless = sorted((one for one in rule_sets if one.effective_at is None), key=lambda one: -one.version)
    return [*begun, *timeless]


def _start(rule_set: RuleSet) -> tuple[datetime, int]:
    return cast("datetime", rule_set.effective_at), rule_set.version


def evaluate(rule_set: RuleSet, sale: SaleFacts, zone: ZoneInfo, rounding: Rounding) -> Evaluation:
    """What a sale earns under one version. An eligible amount of 0 earns 0 under every rule.

    The base points and what multipliers add to them are summed exactly and rounded once; bonuses are added. Each rule's
    points and each funder's are shares of the sum by largest remainder, and no share is above its rule's caps.
    """
    if not sale.eligible_amount:
        return Evaluation(rule_set.version, 0, {}, rule_set.nothing)
    standing = rule_set.standing(sale)
    if standing.sole is not None and sale.room is NO_LIMITS:
        return _of_sole(rule_set.version, standing, standing.sole, sale.eligible_amount, rounding)
    sum_ = _Sum(rule_set, sale, standing, Moment.of(sale.occurred_at.astimezone(zone)))
    base = sum_.take_base(standing.bases)
    sum_.take_multipliers(standing.multipliers, base)
    sum_.take_bonuses(standing.bonuses)
    return sum_.evaluation(rounding)


def _of_sole(
    version: int, standing: Standing, placed: Placed, eligible: int | Fraction, rounding: Rounding
) -> Evaluation:
    """The same for the commonest case by far, in a third of the time."""
    place, rule = placed
    points = quotient(eligible.numerator * rule.points, rule.per_amount * eligible.denominator, rounding)
    outcomes = cast("list[Outcome]", list(standing.outcomes))
    outcomes[place] = Outcome(rule.key, points) if points else skipped(rule.key, "amount-too-small")
    return Evaluation(version, points, {"merchant": points} if points else {}, tuple(outcomes))


class _Sum:
    """The exact parts of one sale's points, by the place of their rule, in whole numbers of `1 / unit` points.

    `unit` is chosen so that every part is whole: fractions cost ten times as much. `outcomes` are known for rules that
    don't count.
    """

    __slots__ = (
        "_bonuses",
        "_ceilings",
        "_closed",
        "_limited",
        "_moment",
        "_outcomes",
        "_parts",
        "_rule_set",
        "_sale",
        "_unit",
    )

    def __init__(self, rule_set: RuleSet, sale: SaleFacts, standing: Standing, moment: Moment) -> None:
        self._rule_set = rule_set
        self._sale = sale
        self._moment = moment
        self._closed = rule_set.closed(sale, moment)
        self._outcomes = list(standing.outcomes)
        self._unit = 1
        self._parts: dict[int, int] = {}
        self._bonuses: dict[int, int] = {}
        self._ceilings: dict[int, int] = {}
        self._limited: list[str] = []

    def _matching(self, rules: tuple[Placed, ...]) -> list[Placed]:
        """Those of some rules whose conditions hold."""
        found = []
        for one in rules:
            place, rule = one
            conditions = rule.conditions
            code = not_for(conditions, self._sale) if conditions.look_at_buyer else None
            if code is None and conditions.look_at_clock:
                is_shared = conditions.birthday is None
                code = self._closed.get(place) if is_shared else not_then(conditions, self._sale, self._moment)
            if code is None:
                found.append(one)
            else:
                self._outcomes[place] = skipped(rule.key, code)
        return found

    def take_base(self, rules: tuple[Placed, ...]) -> int:
        """The part of the base rule that counts: the largest priority, caps or not."""
        bases = self._matching(rules)
        if not bases:
            return 0
        (chosen, rule), *others = bases
        for place, other in others:
            self._outcomes[place] = skipped(other.key, "lower-priority")
        eligible = self._sale.eligible_amount
        self._unit = rule.per_amount * eligible.denominator * self._rule_set.scale
        return self._take(chosen, rule, eligible.numerator * rule.points * self._rule_set.scale)

    def take_multipliers(self, rules: tuple[Placed, ...], base: int) -> None:
        """The parts of the multipliers that count, of base points."""
        if not rules:
            return
        multipliers = self._matching(rules)
        largest = _largest_of_groups(multipliers)
        for place, rule in multipliers:
            if rule.exclusive_group is not None and largest[rule.exclusive_group] != place:
                self._outcomes[place] = skipped(rule.key, "smaller-factor")
            elif not base:
                self._outcomes[place] = skipped(rule.key, "no-base-points")
            else:
                factor = rule.factor
                self._take(place, rule, base * (factor.numerator - factor.denominator) // factor.denominator)

    def take_bonuses(self, rules: tuple[Placed, ...]) -> None:
        """Whole points of each bonus: they are added after the rounding."""
        for place, rule in self._matching(rules):
            if self._take(place, rule, rule.points * self._unit):
                self._bonuses[place] = self._parts.pop(place) // self._unit

    def _take(self, place: int, rule: Rule, part: int) -> int:
        """Counts a part, as far as the rule's caps have room for it."""
        ceiling = rule.most_per_sale
        room = self._sale.room.get(rule.key)
        if room is not None:
            if ceiling is None or room.points < ceiling:
                if part > room.points * self._unit:
                    self._limited.append(rule.key)
                ceiling = room.points
            if not ceiling:
                self._outcomes[place] = skipped(rule.key, room.code)
                return 0
        if ceiling is not None:
            self._ceilings[place] = ceiling
            part = min(part, ceiling * self._unit)
        self._parts[place] = part
        return part

    def evaluation(self, rounding: Rounding) -> Evaluation:
        """The parts rounded and shared."""
        whole = sum(self._parts.values())
        total = quotient(whole, self._unit, rounding)
        funded = self._funded(total, whole)
        points = shares(total, dict(sorted(self._parts.items())), self._ceilings)
        if self._bonuses:
            points |= self._bonuses
            total += sum(self._bonuses.values())
        outcomes, rules = self._outcomes, self._rule_set.rules
        for place in (*self._parts, *self._bonuses):
            key = rules[place].key
            outcomes[place] = Outcome(key, points[place]) if place in points else skipped(key, "amount-too-small")
        done = cast("list[Outcome]", outcomes)
        return Evaluation(self._rule_set.version, total, funded, tuple(done), tuple(self._limited))

    def _funded(self, rounded_sum: int, whole: int) -> Mapping[str, int]:
        """What each funder pays: its percent of every exact part of the rounded sum, and of every bonus."""
        rules, whole = self._rule_set.rules, whole or 1
        total, by_merchant = rounded_sum, 0
        for place, part in self._parts.items():
            by_merchant += rounded_sum * part * rules[place].merchant_percent
        for place, points in self._bonuses.items():
            total += points
            by_merchant += whole * points * rules[place].merchant_percent
        return shares(total, {"merchant": by_merchant, "district": 100 * whole * total - by_merchant})


def _largest_of_groups(multipliers: Sequence[Placed]) -> dict[str, int]:
    """The place of the multiplier that counts of each exclusive group: the largest factor, then the first."""
    largest: dict[str, Placed] = {}
    for one in multipliers:
        group = one[1].exclusive_group
        if group is not None and (group not in largest or one[1].factor > largest[group][1].factor):
            largest[group] = one
    return {group: place for group, (place, _) in largest.items()}
