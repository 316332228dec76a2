"""What a sale earns, by pencil: rules as the API takes them, in fractions, one step after the other."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from fractions import Fraction
from math import floor
from typing import Any

Rule = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Facts:
    """What rules look at; shops by their ids, the time in the district's zone.

    `room`: what is left to a rule under caps that remember, and the code to tell where that is nothing.
    """

    eligible: Fraction
    local: datetime
    merchant_id: str
    channel: str | None
    first_in_district: bool
    first_at_merchant: bool
    room: Mapping[str, tuple[int, str]]


@dataclass(slots=True)
class Earned:
    """Points, those of each funder, and (code, points) of each rule in order."""

    points: int = 0
    funded: dict[str, int] = field(default_factory=lambda: {"merchant": 0, "district": 0})
    outcomes: dict[str, tuple[str, int]] = field(default_factory=dict)


def evaluate(rules: list[dict[str, Any]], facts: Facts, rounding: str) -> Earned:
    """What a sale earns under one version."""
    if facts.eligible == 0:
        return Earned(outcomes={rule["key"]: ("nothing-eligible", 0) for rule in rules})
    codes = {rule["key"]: why_not(rule.get("conditions", {}), facts) for rule in rules}
    matching = [rule for rule in rules if codes[rule["key"]] == "applied"]
    parts: dict[str, Fraction] = {}

    def count(rule: Rule, part: Fraction) -> Fraction:
        """Some of a part, as far as caps have room."""
        most, code = most_of(rule, facts)
        if most == 0:
            codes[rule["key"]] = code
            return Fraction(0)
        parts[rule["key"]] = part if most is None else min(part, Fraction(most))
        return parts[rule["key"]]

    base = Fraction(0)
    bases = [rule for rule in matching if rule["kind"] == "base"]
    for rule in bases:
        if rule["priority"] < max(one["priority"] for one in bases):
            codes[rule["key"]] = "lower-priority"
        else:
            base = count(rule, facts.eligible * rule["points"] / rule["per_amount"])
    multipliers = [rule for rule in matching if rule["kind"] == "multiplier"]
    for rule in multipliers:
        if is_shadowed(rule, multipliers):
            codes[rule["key"]] = "smaller-factor"
        elif base == 0:
            codes[rule["key"]] = "no-base-points"
        else:
            count(rule, (Fraction(rule["factor"]) - 1) * base)
    exact = sum(parts.values())
    total = floor(exact) if rounding == "floor" else floor(exact + Fraction(1, 2))
    in_order = {rule["key"]: parts[rule["key"]] for rule in rules if rule["key"] in parts}
    scaled = {key: part * total / exact for key, part in parts.items()} if exact else {}
    points = largest_remainder(total, in_order, {rule["key"]: most_of(rule, facts)[0] for rule in rules})
    for rule in matching:
        if rule["kind"] == "bonus":
            scaled[rule["key"]] = count(rule, Fraction(rule["points"]))
            points[rule["key"]] = int(scaled[rule["key"]])
    total += sum(points[rule["key"]] for rule in matching if rule["kind"] == "bonus")
    return Earned(total, funded(total, rules, scaled), outcomes(codes, points))


def outcomes(codes: dict[str, str], points: dict[str, int]) -> dict[str, tuple[str, int]]:
    """What is told of each rule: one that gives no whole point wasn't applied."""
    told = {}
    for key, code in codes.items():
        is_nothing = code == "applied" and points.get(key, 0) == 0
        told[key] = ("amount-too-small" if is_nothing else code, points.get(key, 0))
    return told


def funded(total: int, rules: list[dict[str, Any]], parts: dict[str, Fraction]) -> dict[str, int]:
    """Each funder's points of the sum, by its percent of every rule's exact part; the merchant comes first."""
    sides = {"merchant": Fraction(0), "district": Fraction(0)}
    for rule in rules:
        for side, percent in rule["funding"].items():
            sides[side] += parts.get(rule["key"], Fraction(0)) * percent
    return largest_remainder(total, sides, {})


def largest_remainder(total: int, weights: dict[str, Fraction], most: Mapping[str, int | None]) -> dict[str, int]:
    """A whole number in whole shares. What is left over goes to the largest remainders, but over no cap."""
    whole = sum(weights.values())
    if not whole:
        return dict.fromkeys(weights, 0)
    exact = {key: total * weight / whole for key, weight in weights.items()}
    shares = {key: floor(share) for key, share in exact.items()}
    by_remainder = sorted(exact, key=lambda key: exact[key] - shares[key], reverse=True)
    for key in by_remainder:
        limit = most.get(key)
        if sum(shares.values()) < total and weights[key] and (limit is None or shares[key] < limit):
            shares[key] += 1
    return shares


def is_shadowed(rule: Rule, multipliers: list[dict[str, Any]]) -> bool:
    """Whether another of its exclusive group counts instead: one with a larger factor, or an earlier equal one."""
    group = rule.get("exclusive_group")
    if group is None:
        return False
    rivals = [one for one in multipliers if one.get("exclusive_group") == group]
    return max(rivals, key=lambda one: Fraction(one["factor"])) is not rule


def most_of(rule: Rule, facts: Facts) -> tuple[int | None, str]:
    """What a rule's caps leave, and why where that is nothing."""
    left, code = facts.room.get(rule["key"], (None, ""))
    own = rule.get("caps", {}).get("per_transaction")
    limits = [one for one in (left, own) if one is not None]
    return (min(limits) if limits else None), code


def why_not(conditions: Mapping[str, Any], facts: Facts) -> str:
    """`applied`, or the first thing that doesn't hold."""
    if conditions.get("merchant_ids") and facts.merchant_id not in conditions["merchant_ids"]:
        return "other-merchant"
    if conditions.get("channels") and facts.channel not in conditions["channels"]:
        return "other-channel"
    for name, is_first in (
        ("first_in_district", facts.first_in_district),
        ("first_at_merchant", facts.first_at_merchant),
    ):
        wanted = conditions.get(name)
        if wanted is not None and wanted != is_first:
            return f"{'not-' if wanted else ''}{name.replace('_', '-')}"
    if facts.eligible < conditions.get("min_amount", 0):
        return "below-min-amount"
    if "max_amount" in conditions and facts.eligible > conditions["max_amount"]:
        return "above-max-amount"
    if conditions.get("weekdays") and facts.local.isoweekday() not in conditions["weekdays"]:
        return "outside-weekdays"
    return "applied"
