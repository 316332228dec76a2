"""Earning rules as pure functions: what a sale earns, by which rules, at whose cost, and why. No database here.

All arithmetic is exact; a sum is rounded once, at the end (docs/points.en.md).
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import NamedTuple
from zoneinfo import ZoneInfo

from app.foundation.figures.shares import shares, spread
from app.points.earning.conditions import NO_LIMITS, Allowances, SaleFacts
from app.points.earning.outcomes import Outcome, Outcomes, row_of, words_of
from app.points.earning.plans import Plan
from app.points.earning.rounding import Rounding, quotient
from app.points.earning.rule_sets import RuleSet
from app.points.earning.rules import Rule


class Evaluation(NamedTuple):
    """What a sale earns: points, what each funder pays of them, and every rule's outcome in rule order.

    `limited`: keys of rules that would have given more, had their room been larger.
    """

    version: int
    points: int
    funded: Mapping[str, int]
    outcomes: Outcomes
    limited: tuple[str, ...] = ()


def evaluate(rule_set: RuleSet, sale: SaleFacts, zone: ZoneInfo, rounding: Rounding) -> Evaluation:
    """What a sale earns under one version. An eligible amount of 0 earns 0 under every rule, and so does a merchant that pauses.

    The base points and what multipliers add to them are summed exactly and rounded once; bonuses are added. Each rule's
    points and each funder's are shares of the sum by largest remainder, and no share is above its rule's caps.
    """
    eligible = sale.eligible_amount
    if not eligible:
        return Evaluation(rule_set.version, 0, {}, rule_set.nothing)
    if sale.is_paused:
        return Evaluation(rule_set.version, 0, {}, rule_set.paused)
    plan = rule_set.plans.of(sale, sale.occurred_at.astimezone(zone))
    sole = plan.sole
    if sole is not None and sale.allowances is NO_LIMITS:  # the commonest case by far, in a third of the time
        points = quotient(eligible.numerator * sole.points, sole.per_amount * eligible.denominator, rounding)
        if points:
            outcomes = Outcomes(((sole.key, points),), plan.others)
            return Evaluation(rule_set.version, points, {"merchant": points}, outcomes)
    sum_ = _Sum(plan, sale.allowances)
    sum_.take_multipliers(sum_.take_base(eligible, rule_set.scale))
    sum_.take_bonuses()
    return sum_.evaluation(rule_set.version, rounding)


class _Sum:
    """The exact parts of one sale's points, by the position of their rule among those that count (`Plan.counting`).

    Parts are whole numbers of `1 / unit` points; `unit` is chosen so that each is: fractions cost ten times as much.
    Bonuses are whole points. `codes`: why a rule that counts gave nothing.
    """

    __slots__ = ("_allowances", "_bonuses", "_ceilings", "_codes", "_limited", "_parts", "_plan", "_unit")

    def __init__(self, plan: Plan, allowances: Allowances) -> None:
        self._plan = plan
        self._allowances = allowances
        self._unit = 1
        self._parts = [0] * len(plan.counting)
        self._bonuses: dict[int, int] = {}
        self._ceilings: dict[int, int] = {}
        self._codes: dict[int, str] = {}
        self._limited: list[str] = []

    def take_base(self, eligible: int | Fraction, scale: int) -> int:
        """The part of the base rule, as far as its caps have room for it."""
        position = self._plan.base
        if position is None:
            return 0
        rule = self._plan.counting[position]
        self._unit = rule.per_amount * eligible.denominator * scale
        part = self._most(position, rule, eligible.numerator * rule.points * scale, self._unit)
        self._parts[position] = part
        return part

    def take_multipliers(self, base: int) -> None:
        """The parts of the multipliers, of base points."""
        counting = self._plan.counting
        for position in self._plan.multipliers:
            if not base:
                self._codes[position] = "no-base-points"
                continue
            rule = counting[position]
            factor = rule.factor
            part = base * (factor.numerator - factor.denominator) // factor.denominator
            self._parts[position] = self._most(position, rule, part, self._unit)

    def take_bonuses(self) -> None:
        """Whole points of each bonus: they are added after the rounding."""
        counting = self._plan.counting
        for position in self._plan.bonuses:
            rule = counting[position]
            self._bonuses[position] = self._most(position, rule, rule.points, 1)

    def _most(self, position: int, rule: Rule, part: int, unit: int) -> int:
        """As much of a part as the rule's caps have room for."""
        ceiling, room = rule.most_per_sale, self._allowances.get(rule.key)
        if room is not None:
            if ceiling is None or room.points < ceiling:
                if part > room.points * unit:
                    self._limited.append(rule.key)
                ceiling = room.points
            if not ceiling:
                self._codes[position] = room.code
        if ceiling is None:
            return part
        self._ceilings[position] = ceiling
        return min(part, ceiling * unit)

    def evaluation(self, version: int, rounding: Rounding) -> Evaluation:
        """The parts rounded and shared."""
        whole = sum(self._parts)
        total = quotient(whole, self._unit, rounding)
        funded = self._funded(total, whole)
        points = spread(total, self._parts, self._ceilings) if total else [0] * len(self._parts)
        for position, bonus in self._bonuses.items():
            points[position] = bonus
            total += bonus
        return Evaluation(version, total, funded, self._outcomes(points), tuple(self._limited))

    def _outcomes(self, points: list[int]) -> Outcomes:
        """Those of all rules, by the points of those that count."""
        plan = self._plan
        if all(points):
            return Outcomes(tuple(zip(plan.keys, points, strict=True)), plan.others)
        counting = iter(enumerate(zip(plan.keys, points, strict=True)))
        row, given = list(row_of(plan.others)), []
        for place, one in enumerate(row):
            if one is None:
                position, (key, gave) = next(counting)
                if gave:
                    given.append((key, gave))
                else:
                    row[place] = Outcome(key, 0, self._codes.get(position, "amount-too-small"))
        return Outcomes(tuple(given), words_of(row))

    def _funded(self, rounded_sum: int, whole: int) -> Mapping[str, int]:
        """What each funder pays: its percent of every exact part of the rounded sum, and of every bonus."""
        rules, whole = self._plan.counting, whole or 1
        total = rounded_sum + sum(self._bonuses.values())
        if self._plan.is_for_merchants:
            return {"merchant": total} if total else {}
        by_merchant = rounded_sum * sum(
            part * rule.merchant_percent for part, rule in zip(self._parts, rules, strict=True)
        )
        for position, points in self._bonuses.items():
            by_merchant += whole * points * rules[position].merchant_percent
        return shares(total, {"merchant": by_merchant, "district": 100 * whole * total - by_merchant})
