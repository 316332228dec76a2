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


ANY = Conditions()
"""No condition at all."""


@dataclass(frozen=True, slots=True)
class Rule:
    """A base rule: `points` per `per_amount` minor units of the eligible amount. `funding`: percent by funder."""

    key: str
    name: str
    points: int
    per_amount: int
    priority: int = 0
    conditions: Conditions = field(default_factory=Conditions)
    merchant_percent: int = 100


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
    """What a sale earns under one version. An eligible amount of 0 earns 0 under every rule."""
    codes = {rule.key: _why_not(rule.conditions, sale, zone) for rule in rule_set.rules}
    matching = [rule for rule in rule_set.rules if codes[rule.key] is None]
    chosen = max(matching, key=lambda rule: rule.priority, default=None)
    points = 0
    if chosen is not None:
        points = rounded(Fraction(sale.eligible_amount * chosen.points, chosen.per_amount), rounding)
        if points == 0:
            codes[chosen.key] = "amount-too-small"
    outcomes = tuple(
        Outcome(rule.key, points)
        if rule is chosen and points
        else Outcome(rule.key, 0, codes[rule.key] or "lower-priority")
        for rule in rule_set.rules
    )
    funded = shares(points, _percents(chosen)) if chosen is not None and points else {}
    return Evaluation(rule_set.version, points, funded, outcomes)


def rounded(points: Fraction, rounding: Rounding) -> int:
    """The one rounding of a sum of points."""
    if rounding == "floor":
        return points.numerator // points.denominator
    return (2 * points.numerator + points.denominator) // (2 * points.denominator)


def shares(total: int, weights: Mapping[str, int]) -> dict[str, int]:
    """Splits a whole number by weights, by largest remainder; ties go to the earlier. The shares add to the total."""
    if len(weights) == 1:
        return dict.fromkeys(weights, total) if total else {}
    whole = sum(weights.values())
    exact = {key: divmod(total * weight, whole) for key, weight in weights.items()}
    result = {key: quotient for key, (quotient, _) in exact.items()}
    left = total - sum(result.values())
    for key in sorted(exact, key=lambda one: -exact[one][1])[:left]:
        result[key] += 1
    return {key: share for key, share in result.items() if share}


def _percents(rule: Rule) -> dict[str, int]:
    percents = {"merchant": rule.merchant_percent, "district": 100 - rule.merchant_percent}
    return {funder: percent for funder, percent in percents.items() if percent}


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
