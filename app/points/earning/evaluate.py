"""Earning rules as pure functions: what a sale earns, by which rules, at whose cost, and why. No database here.

All arithmetic is exact; a sum is rounded once, at the end (docs/points.en.md).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import NamedTuple, cast
from zoneinfo import ZoneInfo

from app.foundation.figures.shares import shares
from app.points.earning.conditions import NO_LIMITS, Moment, SaleFacts, not_for, not_then
from app.points.earning.rounding import Rounding, quotient
from app.points.earning.rule_sets import Outcome, Placed, Rule, RulesAtShop, RuleSet, skipped


class Evaluation(NamedTuple):
    """What a sale earns: points, what each funder pays of them, and every rule's outcome in rule order.

    `limited`: keys of rules that would have given more, had their room been larger.
    """

    version: int
    points: int
    funded: Mapping[str, int]
    outcomes: tuple[Outcome, ...]
    limited: tuple[str, ...] = ()


def evaluate(rule_set: RuleSet, sale: SaleFacts, zone: ZoneInfo, rounding: Rounding) -> Evaluation:
    """What a sale earns under one version. An eligible amount of 0 earns 0 under every rule.

    The base points and what multipliers add to them are summed exactly and rounded once; bonuses are added. Each rule's
    points and each funder's are shares of the sum by largest remainder, and no share is above its rule's caps.
    """
    if not sale.eligible_amount:
        return Evaluation(rule_set.version, 0, {}, rule_set.nothing)
    at_shop = rule_set.rules_at_shop(sale)
    if at_shop.sole is not None and sale.allowances is NO_LIMITS:
        return _of_sole(rule_set.version, at_shop, at_shop.sole, sale.eligible_amount, rounding)
    sum_ = _Sum(rule_set, sale, at_shop, Moment.of(sale.occurred_at.astimezone(zone)))
    base = sum_.take_base(at_shop.bases)
    sum_.take_multipliers(at_shop.multipliers, base)
    sum_.take_bonuses(at_shop.bonuses)
    return sum_.evaluation(rounding)


def _of_sole(
    version: int, at_shop: RulesAtShop, placed: Placed, eligible: int | Fraction, rounding: Rounding
) -> Evaluation:
    """The same for the commonest case by far, in a third of the time."""
    place, rule = placed
    points = quotient(eligible.numerator * rule.points, rule.per_amount * eligible.denominator, rounding)
    outcomes = cast("list[Outcome]", list(at_shop.outcomes))
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

    def __init__(self, rule_set: RuleSet, sale: SaleFacts, at_shop: RulesAtShop, moment: Moment) -> None:
        self._rule_set = rule_set
        self._sale = sale
        self._moment = moment
        self._closed = rule_set.closed(sale, moment)
        self._outcomes = list(at_shop.outcomes)
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
        room = self._sale.allowances.get(rule.key)
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
