"""Whole points shared out by exact parts, by largest remainder, and what points are worth. Pure."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from decimal import Decimal
from fractions import Fraction
from types import MappingProxyType
from typing import Literal, TypeVar

FUNDERS = ("merchant", "district")
"""Who pays for points, in the order that breaks ties."""


Rounding = Literal["floor", "half_up"]
K = TypeVar("K", bound=Hashable)
_NO_CEILINGS: Mapping[object, int] = MappingProxyType({})


def quotient(number: int, unit: int, rounding: Rounding) -> int:
    """How many whole units a number holds, rounded. `unit` is above 0."""
    return number // unit if rounding == "floor" else (2 * number + unit) // (2 * unit)


def shares(
    total: int,
    weights: Mapping[K, int | Fraction] | Mapping[K, int],
    ceilings: Mapping[K, int] = _NO_CEILINGS,  # type: ignore[assignment]
) -> dict[K, int]:
    """Splits a whole number by weights, by largest remainder; ties go to the earlier. The shares add to the total.

    What is left over never lifts a share above its ceiling, so that a total rounded up breaks no cap. Each ceiling is
    at least its weight where weights are the exact parts of which the total is the rounded sum.
    """
    if not total:
        return {}
    some = {key: weight for key, weight in weights.items() if weight}
    if len(some) == 1:
        return dict.fromkeys(some, total)
    whole = sum(some.values())
    result: dict[K, int] = {}
    remainders: dict[K, int | Fraction] = {}
    for key, weight in some.items():
        result[key], remainders[key] = divmod(total * weight, whole)
    left = total - sum(result.values())
    if left:
        for key in sorted(remainders, key=lambda one: -remainders[one]):
            if key not in ceilings or result[key] < ceilings[key]:
                result[key] += 1
                left -= 1
                if not left:
                    break
    return {key: share for key, share in result.items() if share}


def value_of(points: int, point_value: Decimal) -> int:
    """What points take off a bill, in minor units: rounded down once."""
    value = points * Fraction(point_value)
    return value.numerator // value.denominator
