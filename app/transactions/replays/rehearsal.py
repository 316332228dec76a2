"""What rules would have given for sales of the past, against what was awarded: figures gathered sale by sale. Pure.

A sale that was recorded by the version at hand is evaluated with its frozen facts, so that its figures are those that
were awarded. By any other rules, what a member used of caps and budgets is counted anew from the first sale on
(docs/points.en.md, "Before changing rules").
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from app.points.earning.conditions import Allowance, SaleFacts, celebrated
from app.points.earning.evaluate import Evaluation, evaluate
from app.points.earning.recorded_facts import Frozen, is_paused, thaw
from app.points.earning.rounding import FUNDERS, Rounding, value_of
from app.points.earning.rule_sets import RuleSet
from app.points.earning.rules import Rule

MOST_MEMBERS = 20
"""Members listed of those who would gain most, and of those who would lose most."""


class PastSale(NamedTuple):
    """A member's sale as it was recorded, with what it was awarded: by rule, and by funder in the order of FUNDERS.

    `sale`: where, when, on how much, and whether it was the member's first; its shop's category is told by whoever asks.
    """

    member_id: str
    sale: SaleFacts
    version: int
    rounding: Rounding
    facts: Frozen | None
    outcomes: tuple[tuple[str, int], ...]
    funded: tuple[int, int]


class Known(NamedTuple):
    """What is known today of a member, for facts that were not frozen."""

    tags: frozenset[str] = frozenset()
    birthday: date | None = None
    tier_id: str | None = None


@dataclass(slots=True)
class Figures:
    """Points that would be given and were awarded; of both, what the merchant and what the district pays."""

    points: int = 0
    awarded: int = 0
    funded: list[int] = field(default_factory=lambda: [0, 0])
    paid: list[int] = field(default_factory=lambda: [0, 0])

    def add(self, points: int, awarded: int, funded: tuple[int, int], paid: tuple[int, int]) -> None:
        """Counts one sale."""
        self.points += points
        self.awarded += awarded
        for place in (0, 1):
            self.funded[place] += funded[place]
            self.paid[place] += paid[place]


class Used:
    """Points that rules have given so far in this rehearsal: by member and day, by member, in all."""

    def __init__(self, rules: tuple[Rule, ...]) -> None:
        self._rules = rules
        self._given: dict[tuple[str, str | None, date | None], int] = defaultdict(int)

    def allowance(self, member_id: str, day: date) -> dict[str, Allowance]:
        """What is left under each rule's caps."""
        return {
            rule.key: min(self._allowances(rule, member_id, day), key=lambda one: one.points) for rule in self._rules
        }

    def _allowances(self, rule: Rule, member_id: str, day: date) -> list[Allowance]:
        limits = (
            (rule.most_per_day, (rule.key, member_id, day), "daily-cap-reached"),
            (rule.most_per_member, (rule.key, member_id, None), "member-cap-reached"),
            (rule.budget, (rule.key, None, None), "budget-spent"),
        )
        return [Allowance(max(0, most - self._given[key]), code) for most, key, code in limits if most is not None]

    def count(self, given: Iterable[tuple[str, int]], member_id: str, day: date) -> None:
        """Counts what a sale was given."""
        if self._rules:
            for rule_key, points in given:
                for key in ((rule_key, member_id, day), (rule_key, member_id, None), (rule_key, None, None)):
                    self._given[key] += points


class Rehearsal:
    """Takes sales in the order in which they were recorded; `figures` tells what they come to."""

    def __init__(
        self,
        rule_set: RuleSet,
        zone: ZoneInfo,
        categories: Mapping[str, str | None],
        known: Mapping[str, Known],
    ) -> None:
        self._rule_set = rule_set
        self._zone = zone
        self._categories = categories
        self._known = known
        self._used = Used(rule_set.capped)
        self._total = Figures()
        self._merchants: dict[str, Figures] = defaultdict(Figures)
        self._days: dict[date, Figures] = defaultdict(Figures)
        self._rules: dict[str, list[int]] = {rule.key: [0, 0] for rule in rule_set.rules}
        self._members: dict[str, list[int]] = defaultdict(lambda: [0, 0])
        self.sales = 0

    def add_sale(self, past: PastSale) -> None:
        """Evaluates one sale and counts it."""
        day = past.sale.occurred_at.astimezone(self._zone).date()
        evaluation = self._evaluate(past, day)
        funded = (evaluation.funded.get(FUNDERS[0], 0), evaluation.funded.get(FUNDERS[1], 0))
        awarded = sum(past.funded)
        for figures in (self._total, self._merchants[past.sale.merchant_id], self._days[day]):
            figures.add(evaluation.points, awarded, funded, past.funded)
        for rule_key, points in evaluation.outcomes.given:
            self._rules[rule_key][0] += points
        for rule_key, points in past.outcomes:
            self._rules.setdefault(rule_key, [0, 0])[1] += points
        member = self._members[past.member_id]
        member[0] += evaluation.points
        member[1] += awarded
        self.sales += 1

    def _evaluate(self, past: PastSale, day: date) -> Evaluation:
        rules = self._rule_set
        if rules.version and past.version == rules.version:
            return evaluate(rules, thaw(past.sale, past.facts), self._zone, past.rounding)
        category = self._categories.get(past.sale.store_id)
        sale = past.sale._replace(category=category, is_paused=is_paused(past.facts))
        if rules.needs:
            sale = sale._replace(**self._of_member(past, day))
        evaluation = evaluate(rules, sale, self._zone, past.rounding)
        self._used.count(evaluation.outcomes.given, past.member_id, day)
        return evaluation

    def _of_member(self, past: PastSale, day: date) -> dict[str, Any]:
        """Facts that were frozen, else as they are today; caps are counted anew."""
        frozen, known = past.facts or {}, self._known.get(past.member_id, Known())
        return {
            "tier_id": frozen.get("tier_id", known.tier_id),
            "tags": known.tags | frozenset(frozen.get("tags", ())),
            "birthday": celebrated(known.birthday, day) if known.birthday else frozenset(),
            "allowances": self._used.allowance(past.member_id, day),
        }

    def figures(self, point_value: Decimal) -> dict[str, Any]:
        """Everything in JSON's words. Costs in minor units, at what one point takes off a bill."""

        def in_json(figures: Figures) -> dict[str, Any]:
            return {
                "points": figures.points,
                "awarded": figures.awarded,
                "cost": _costs(figures.funded, point_value),
                "awarded_cost": _costs(figures.paid, point_value),
            }

        changes = sorted(((now - then, member) for member, (now, then) in self._members.items()), reverse=True)
        return {
            "sales": self.sales,
            "members": len(self._members),
            **in_json(self._total),
            "merchants": [{"merchant_id": one, **in_json(self._merchants[one])} for one in sorted(self._merchants)],
            "rules": [{"rule_key": key, "points": now, "awarded": then} for key, (now, then) in self._rules.items()],
            "days": [{"on": day.isoformat(), **in_json(self._days[day])} for day in sorted(self._days)],
            "gaining": [self._member(one) for change, one in changes[:MOST_MEMBERS] if change > 0],
            "losing": [self._member(one) for change, one in changes[::-1][:MOST_MEMBERS] if change < 0],
        }

    def _member(self, member_id: str) -> dict[str, Any]:
        now, then = self._members[member_id]
        return {"member_id": member_id, "points": now, "awarded": then, "change": now - then}


def _costs(funded: list[int], point_value: Decimal) -> dict[str, int]:
    merchant, district = (value_of(points, point_value) for points in funded)
    return {"merchant": merchant, "district": district}
