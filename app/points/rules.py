"""Earning rules as pure functions: what a sale earns, by which rules, at whose cost, and why. No database here.

All arithmetic is exact; a sum is rounded once, at the end (domain.md, "Earning rules").
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from fractions import Fraction
from typing import Literal, NamedTuple
from zoneinfo import ZoneInfo

Rounding = Literal["floor", "half_up"]
Kind = Literal["base", "multiplier", "bonus"]
FUNDERS = ("merchant", "district")
"""Who pays for points, in the order that breaks ties."""


@dataclass(frozen=True, slots=True)
class TimeWindow:
    """A daily window of local time; `until` is exclusive, and one that ends before it starts crosses midnight."""

    start: time
    until: time

    def day_of(self, moment: datetime) -> date | None:
        """The local day to which a moment inside the window belongs: the day on which it started."""
        clock = moment.time().replace(tzinfo=None)
        if self.start < self.until:
            return moment.date() if self.start <= clock < self.until else None
        if clock >= self.start:
            return moment.date()
        return moment.date() - timedelta(days=1) if clock < self.until else None


@dataclass(frozen=True, slots=True)
class Conditions:
    """What must hold for a rule to count; empty means any. Amounts in minor units, weekdays ISO 1 to 7."""

    merchant_ids: frozenset[str] = frozenset()
    store_ids: frozenset[str] = frozenset()
    categories: frozenset[str] = frozenset()
    channels: frozenset[str] = frozenset()
    payment_methods: frozenset[str] = frozenset()
    weekdays: frozenset[int] = frozenset()
    time_windows: tuple[TimeWindow, ...] = ()
    date_from: date | None = None
    date_to: date | None = None
    min_amount: int | None = None
    max_amount: int | None = None

    @property
    def look_at_clock(self) -> bool:
        """Whether a condition depends on when the sale was."""
        return bool(self.weekdays or self.time_windows or self.date_from or self.date_to)


_NOTHING = Fraction(0)
ANY = Conditions()
"""No condition at all."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule of a set, of a kind:

    `base`: `points` per `per_amount` minor units of the eligible amount; of those that match, the largest `priority`.
    `multiplier`: `factor` (above 1) adds its surplus times the base points; of an `exclusive_group`, the largest factor.
    `bonus`: a fixed number of `points`.

    `merchant_percent`: what the merchant pays, the district the rest. `most_per_sale`: points it gives at most at once.
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


@dataclass(frozen=True, slots=True)
class RuleSet:
    """A numbered version. `effective_at` is None for the one that holds from the beginning of time."""

    version: int
    effective_at: datetime | None
    rules: tuple[Rule, ...]


class SaleFacts(NamedTuple):
    """What rules look at. `occurred_at` in any zone; `eligible_amount` in minor units."""

    eligible_amount: int
    occurred_at: datetime
    merchant_id: str
    store_id: str
    category: str | None = None
    channel: str | None = None
    payment_method: str | None = None


class Outcome(NamedTuple):
    """What became of one rule: applied with its points, or skipped for a reason with a stable code."""

    rule_key: str
    points: int
    code: str = "applied"


class Evaluation(NamedTuple):
    """What a sale earns: points, what each funder pays of them, and every rule's outcome in rule order."""

    version: int
    points: int
    funded: Mapping[str, int]
    outcomes: tuple[Outcome, ...]


def version_in_force(rule_sets: Sequence[RuleSet], occurred_at: datetime) -> RuleSet:
    """The latest `effective_at` not after `occurred_at`, then the higher number. `rule_sets` hold a timeless one."""
    in_force = [one for one in rule_sets if one.effective_at is None or one.effective_at <= occurred_at]
    return max(in_force, key=lambda one: (one.effective_at is not None, one.effective_at or occurred_at, one.version))


def evaluate(rule_set: RuleSet, sale: SaleFacts, zone: ZoneInfo, rounding: Rounding) -> Evaluation:
    """What a sale earns under one version. An eligible amount of 0 earns 0 under every rule.

    The base points and what multipliers add to them are summed exactly and rounded once; bonuses are added. Each rule's
    points and each funder's are shares of the sum by largest remainder.
    """
    codes = {rule.key: _why_not(rule.conditions, sale, zone) for rule in rule_set.rules}
    matching = [rule for rule in rule_set.rules if codes[rule.key] is None]
    parts = _multiplied(matching, sale, codes)
    total = rounded(_sum(parts.values()), rounding)
    points = shares(total, parts)
    bonuses = {rule.key: _capped(rule, Fraction(rule.points)) for rule in matching if rule.kind == "bonus"}
    points |= {key: bonus.numerator for key, bonus in bonuses.items()}
    outcomes = tuple(_outcome(rule, points.get(rule.key, 0), codes[rule.key]) for rule in rule_set.rules)
    total = sum(points.values())
    return Evaluation(rule_set.version, total, shares(total, _weights(matching, parts | bonuses)), outcomes)


def _weights(matching: Sequence[Rule], parts: Mapping[str, Fraction]) -> Mapping[str, int | Fraction]:
    """What each funder pays of the exact sum, in percent points."""
    if len(parts) == 1:
        [percent] = [rule.merchant_percent for rule in matching if rule.key in parts]
        return {"merchant": percent, "district": 100 - percent}
    by_merchant = sum((parts[rule.key] * rule.merchant_percent for rule in matching if rule.key in parts), Fraction(0))
    return {"merchant": by_merchant, "district": 100 * sum(parts.values(), Fraction(0)) - by_merchant}


def _multiplied(matching: Sequence[Rule], sale: SaleFacts, codes: dict[str, str | None]) -> dict[str, Fraction]:
    """Exact points of the base rule that counts and of each multiplier on it; `codes` learns why others don't count."""
    bases = [rule for rule in matching if rule.kind == "base"]
    chosen = max(bases, key=lambda rule: rule.priority, default=None)
    for rule in bases:
        codes[rule.key] = None if rule is chosen else "lower-priority"
    base = _NOTHING
    parts: dict[str, Fraction] = {}
    if chosen is not None:
        base = _capped(chosen, Fraction(sale.eligible_amount * chosen.points, chosen.per_amount))
        parts[chosen.key] = base
    multipliers = [rule for rule in matching if rule.kind == "multiplier"]
    largest = _largest_of_groups(multipliers)
    for rule in multipliers:
        if rule.exclusive_group is not None and largest[rule.exclusive_group] is not rule:
            codes[rule.key] = "smaller-factor"
        elif not base:
            codes[rule.key] = "no-base-points"
        else:
            parts[rule.key] = _capped(rule, (rule.factor - 1) * base)
    return parts


def _largest_of_groups(multipliers: Sequence[Rule]) -> dict[str, Rule]:
    """The multiplier that counts of each exclusive group: the largest factor, then the first."""
    largest: dict[str, Rule] = {}
    for rule in multipliers:
        if rule.exclusive_group is not None:
            known = largest.setdefault(rule.exclusive_group, rule)
            if rule.factor > known.factor:
                largest[rule.exclusive_group] = rule
    return largest


def _sum(parts: Iterable[Fraction]) -> Fraction:
    """The sum, without a step for one part: most sales meet one rule."""
    first, *others = parts or (_NOTHING,)
    return sum(others, first) if others else first


def _capped(rule: Rule, points: Fraction) -> Fraction:
    return points if rule.most_per_sale is None else min(points, Fraction(rule.most_per_sale))


def _outcome(rule: Rule, points: int, code: str | None) -> Outcome:
    if code is None:
        return Outcome(rule.key, points) if points else Outcome(rule.key, 0, "amount-too-small")
    return Outcome(rule.key, 0, code)


def rounded(points: Fraction, rounding: Rounding) -> int:
    """The one rounding of a sum of points."""
    if rounding == "floor":
        return points.numerator // points.denominator
    return (2 * points.numerator + points.denominator) // (2 * points.denominator)


def shares(total: int, weights: Mapping[str, int | Fraction] | Mapping[str, Fraction]) -> dict[str, int]:
    """Splits a whole number by weights, by largest remainder; ties go to the earlier. The shares add to the total."""
    if not total:
        return {}
    some = {key: weight for key, weight in weights.items() if weight}
    if len(some) == 1:
        return dict.fromkeys(some, total)
    whole = Fraction(sum(some.values()))
    exact = {key: total * weight / whole for key, weight in some.items()}
    result = {key: share.numerator // share.denominator for key, share in exact.items()}
    left = total - sum(result.values())
    for key in sorted(exact, key=lambda one: result[one] - exact[one])[:left]:
        result[key] += 1
    return {key: share for key, share in result.items() if share}


def _why_not(conditions: Conditions, sale: SaleFacts, zone: ZoneInfo) -> str | None:
    if sale.eligible_amount == 0:
        return "nothing-eligible"
    if conditions == ANY:
        return None
    for code, allowed, value in (
        ("other-merchant", conditions.merchant_ids, sale.merchant_id),
        ("other-store", conditions.store_ids, sale.store_id),
        ("other-category", conditions.categories, sale.category),
        ("other-channel", conditions.channels, sale.channel),
        ("other-payment-method", conditions.payment_methods, sale.payment_method),
    ):
        if allowed and value not in allowed:
            return code
    if conditions.min_amount is not None and sale.eligible_amount < conditions.min_amount:
        return "below-min-amount"
    if conditions.max_amount is not None and sale.eligible_amount > conditions.max_amount:
        return "above-max-amount"
    return _clock_says_no(conditions, sale.occurred_at.astimezone(zone)) if conditions.look_at_clock else None


def _clock_says_no(conditions: Conditions, local: datetime) -> str | None:
    days: Iterable[date] = (local.date(),)
    if conditions.time_windows:
        days = [day for window in conditions.time_windows if (day := window.day_of(local)) is not None]
        if not days:
            return "outside-time-windows"
    code = None
    for day in days:
        if conditions.weekdays and day.isoweekday() not in conditions.weekdays:
            code = "outside-weekdays"
        elif (conditions.date_from and day < conditions.date_from) or (conditions.date_to and day > conditions.date_to):
            code = "outside-dates"
        else:
            return None
    return code
