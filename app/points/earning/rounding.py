"""Whole points of exact parts, what points are worth, and who pays for them. Pure."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Literal

FUNDERS = ("merchant", "district")
"""Who pays for points, in the order that breaks ties."""
Rounding = Literal["floor", "half_up"]


def quotient(number: int, unit: int, rounding: Rounding) -> int:
    """How many whole units a number holds, rounded. `unit` is above 0."""
    return number // unit if rounding == "floor" else (2 * number + unit) // (2 * unit)


def value_of(points: int, point_value: Decimal) -> int:
    """What points take off a bill, in minor units: rounded down once."""
    value = points * Fraction(point_value)
    return value.numerator // value.denominator
