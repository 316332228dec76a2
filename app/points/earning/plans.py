"""Which rules of a version count for a sale, worked out once for all sales that none of their conditions tells apart."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import TypeVar

from app.points.earning.conditions import PLACES, Moment, SaleFacts, day_before, not_here, not_then, why_not
from app.points.earning.outcomes import Outcome, words_of
from app.points.earning.rules import Placed, Rule

_MOST_KNOWN = 2_048
"""Plans, and minutes, that a version remembers."""
_TODAY = frozenset({"day", "month"})
_YESTERDAY = frozenset(map(day_before, _TODAY))
_CELEBRATIONS = (frozenset[str](), _TODAY, _YESTERDAY, _TODAY | _YESTERDAY)
K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


@dataclass(frozen=True, eq=False)
class Plan:
    """How a version's rules stand to a sale, but for caps and rounding.

    `counting`: rules that give points as far as there is room, in the order of the set; of these, by their position here,
    the one `base` rule, `multipliers` and `bonuses`. `others`: words of what becomes of all others (`outcomes.py`).
    """

    counting: tuple[Rule, ...]
    base: int | None
    multipliers: tuple[int, ...]
    bonuses: tuple[int, ...]
    others: str

    @cached_property
    def keys(self) -> tuple[str, ...]:
        """The keys of those that count."""
        return tuple(rule.key for rule in self.counting)

    @cached_property
    def sole(self) -> Rule | None:
        """The only rule that counts, if it is simple (`Rule.is_simple`)."""
        return self.counting[0] if len(self.counting) == 1 and self.counting[0].is_simple else None

    @cached_property
    def is_for_merchants(self) -> bool:
        """Whether merchants pay for all that they give."""
        return all(rule.merchant_percent == 100 for rule in self.counting)


class Plans:
    """The plans of one version."""

    def __init__(self, rules: Sequence[Rule]) -> None:
        self._rules = rules
        conditions = [rule.conditions for rule in rules]
        named = (
            (SaleFacts._fields.index(field), frozenset[str]().union(*(getattr(one, condition) for one in conditions)))
            for field, condition, _ in PLACES
        )
        self._places = [one for one in named if one[1]]
        self._least = sorted({one.min_amount for one in conditions if one.min_amount is not None})
        self._most = sorted({one.max_amount for one in conditions if one.max_amount is not None})
        self._tiers = frozenset[str]().union(*(one.tier_ids for one in conditions))
        self._tags = frozenset[str]().union(*(one.tags for one in conditions))
        self._looks_at_member = any(one.look_at_member or one.birthday for one in conditions)
        self._clocked = [one for one in conditions if one.look_at_clock]
        ends = [end for one in self._clocked for window in one.time_windows for end in window.ends]
        self._keeps_to_minutes = all(end == end.replace(second=0, microsecond=0) for end in ends)
        self._plans: dict[Hashable, Plan] = {}
        self._candidates: dict[Hashable, frozenset[str]] = {}
        self._minutes: dict[Hashable, object] = {}
        self._ways: dict[tuple[str | None, ...], object] = {}

    def of(self, sale: SaleFacts, local: datetime) -> Plan:
        """The plan for a sale, of which something is eligible. `local`: when it occurred, in the district's zone."""
        alike: tuple[Hashable, ...] = self._told_before(sale, local)
        if self._looks_at_member:
            tier = sale.tier_id if sale.tier_id in self._tiers else None
            firsts = (sale.first_in_district, sale.first_at_merchant)
            alike = (alike, tier, sale.tags & self._tags, firsts, sale.birthday)
        return self._plans.get(alike) or _remember(self._plans, alike, self._plan(sale, Moment.of(local)))

    def candidates(self, sale: SaleFacts, local: datetime) -> frozenset[str]:
        """Keys of rules that may count for a sale of at most its eligible amount, whoever the member is."""
        alike = self._told_before(sale, local)
        known = self._candidates.get(alike)
        if known is None:
            known = _remember(self._candidates, alike, self._find_candidates(sale, Moment.of(local)))
        return known

    def _told_before(self, sale: SaleFacts, local: datetime) -> tuple[Hashable, ...]:
        """What rules tell apart of a sale before it is known whose it is."""
        amount = sale.eligible_amount
        above = (bisect_right(self._least, amount), bisect_left(self._most, amount))
        where = [sale[place] if sale[place] in named else None for place, named in self._places]
        return (self._way_of_clocks(sale, local), *above, *where)

    def _way_of_clocks(self, sale: SaleFacts, local: datetime) -> object:
        """An object that stands for all instants at which clocks say the same to every rule, whatever members celebrate.

        Sales of one minute are many, and windows begin and end with minutes.
        """
        if not self._clocked:
            return None
        minute: Hashable = (local.toordinal(), local.hour, local.minute)
        if not self._keeps_to_minutes:
            minute = (minute, local.second, local.microsecond)
        return self._minutes.get(minute) or _remember(self._minutes, minute, self._way_at(sale, Moment.of(local)))

    def _way_at(self, sale: SaleFacts, moment: Moment) -> object:
        codes = tuple(
            not_then(one, sale._replace(birthday=celebrated), moment)
            for one in self._clocked
            for celebrated in (_CELEBRATIONS if one.birthday else _CELEBRATIONS[:1])
        )
        return self._ways.get(codes) or _remember(self._ways, codes, object())

    def _find_candidates(self, sale: SaleFacts, moment: Moment) -> frozenset[str]:
        return frozenset(
            rule.key
            for rule in self._rules
            if not_here(rule.conditions, sale) is None
            and sale.eligible_amount >= (rule.conditions.min_amount or 0)
            and (rule.conditions.birthday or not_then(rule.conditions, sale, moment) is None)
        )

    def _plan(self, sale: SaleFacts, moment: Moment) -> Plan:
        codes = [why_not(rule.conditions, sale, moment) for rule in self._rules]
        found = [one for one in enumerate(self._rules) if codes[one[0]] is None]
        bases = sorted((one for one in found if one[1].kind == "base"), key=lambda one: -one[1].priority)
        for place, _ in bases[1:]:
            codes[place] = "lower-priority"
        multipliers = [one for one in found if one[1].kind == "multiplier"]
        largest = _largest_of_groups(multipliers)
        for place, rule in multipliers:
            if largest.get(rule.exclusive_group, place) != place:
                codes[place] = "smaller-factor"
            elif not bases:
                codes[place] = "no-base-points"
        counting = [rule for place, rule in found if codes[place] is None]
        of_kind = {
            kind: tuple([position for position, rule in enumerate(counting) if rule.kind == kind])
            for kind in ("base", "multiplier", "bonus")
        }
        base = of_kind["base"][0] if bases else None
        outcomes = [
            None if code is None else Outcome(rule.key, 0, code) for rule, code in zip(self._rules, codes, strict=True)
        ]
        return Plan(tuple(counting), base, of_kind["multiplier"], of_kind["bonus"], words_of(outcomes))


def _largest_of_groups(multipliers: Sequence[Placed]) -> dict[str | None, int]:
    """The place of the multiplier that counts of each exclusive group: the largest factor, then the first."""
    largest: dict[str | None, Placed] = {}
    for one in multipliers:
        group = one[1].exclusive_group
        if group is not None and (group not in largest or one[1].factor > largest[group][1].factor):
            largest[group] = one
    return {group: place for group, (place, _) in largest.items()}


def _remember(known: dict[K, V], key: K, value: V) -> V:
    if len(known) >= _MOST_KNOWN:
        known.clear()
    known[key] = value
    return value
