"""Rules to start from: each a whole rule that works as it stands, filled in with what most districts choose."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from app.foundation.i18n import Words, said
from app.foundation.i18n import words as _l

_DISTRICT, _MERCHANT = {"merchant": 0, "district": 100}, {"merchant": 100, "district": 0}


@dataclass(frozen=True, slots=True)
class Shops:
    """What of a district a rule can begin with: the kinds of its shops, and its highest tier."""

    categories: Sequence[str] = ()
    top_tier: str | None = None


@dataclass(frozen=True, slots=True)
class Start:
    """A card: `rule` gives what the rule says, but its key and name; None where the district has nothing for it."""

    name: str
    icon: str
    title: Words
    rule: Callable[[Shops], dict[str, Any] | None]


def _multiplier(factor: str, **conditions: Any) -> dict[str, Any]:
    return {"kind": "multiplier", "factor": factor, "conditions": conditions, "funding": dict(_DISTRICT)}


def _bonus(points: int, **conditions: Any) -> dict[str, Any]:
    return {"kind": "bonus", "points": points, "conditions": conditions, "funding": dict(_DISTRICT)}


STARTS = (
    Start("weekend", "clock", _l("Weekend double"), lambda _known: _multiplier("2", weekdays=[6, 7])),
    Start(
        "happy-hour",
        "clock",
        _l("Happy hour"),
        lambda _known: _multiplier("1.5", weekdays=[1, 2, 3, 4, 5], time_windows=[{"from": "14:00", "to": "17:00"}]),
    ),
    Start("birthday", "gift", _l("Birthday"), lambda _known: _bonus(50, birthday="day", min_amount=2000)),
    Start(
        "first-purchase",
        "user-plus",
        _l("First purchase"),
        lambda _known: _bonus(100, first_in_district=True, min_amount=2000),
    ),
    Start(
        "category",
        "building-store",
        _l("A kind of shop"),
        lambda known: _multiplier("2", categories=[known.categories[0]]) if known.categories else None,
    ),
    Start("threshold", "coins", _l("Bonus from an amount on"), lambda _known: _bonus(50, min_amount=20_000)),
    Start(
        "tier",
        "medal",
        _l("More for the highest tier"),
        lambda known: _multiplier("1.5", tier_ids=[known.top_tier]) if known.top_tier else None,
    ),
    Start(
        "base",
        "coins",
        _l("Points for what is paid"),
        lambda _known: {
            "kind": "base",
            "points": 1,
            "per_amount": 100,
            "priority": 0,
            "conditions": {},
            "funding": dict(_MERCHANT),
        },
    ),
    Start("multiplier", "plus", _l("Another multiplier"), lambda _known: _multiplier("2")),
    Start("bonus", "plus", _l("Another bonus"), lambda _known: _bonus(10, min_amount=1000)),
)
BY_NAME: Mapping[str, Start] = {one.name: one for one in STARTS}


def rule_from(start: Start, known: Shops, rules: Sequence[Mapping[str, Any]]) -> dict[str, Any] | None:
    """A rule to be added to others, with a key and, among base rules, a priority that none of them has."""
    said_so = start.rule(known)
    if said_so is None:
        return None
    if said_so["kind"] == "base":
        taken = [rule["priority"] for rule in rules if rule["kind"] == "base"]
        said_so["priority"] = max(taken) + 1 if taken else 0
    return {"key": _free(start.name, {rule["key"] for rule in rules}), "name": said(start.title), **said_so}


def _free(name: str, taken: Collection[str]) -> str:
    if name not in taken:
        return name
    return next(key for number in range(2, len(taken) + 3) if (key := f"{name}-{number}") not in taken)


def moved(rules: Sequence[dict[str, Any]], place: int, by: int) -> list[dict[str, Any]]:
    """Rules of which one has been moved up (-1) or down (1). Of two base rules the upper then has the larger priority."""
    other = place + by
    if not (0 <= place < len(rules) and 0 <= other < len(rules)):
        return list(rules)
    found = [dict(rule) for rule in rules]
    found[place], found[other] = found[other], found[place]
    upper, lower = found[min(place, other)], found[max(place, other)]
    if upper["kind"] == lower["kind"] == "base" and upper["priority"] <= lower["priority"]:
        low, high = sorted((upper["priority"], lower["priority"]))
        upper["priority"], lower["priority"] = max(high, low + 1), low
    return found
