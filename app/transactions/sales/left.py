"""What is left of a sale after its refunds, as pure functions."""

from __future__ import annotations

from fractions import Fraction
from typing import NamedTuple

from app.transactions.sales.record import Record


class SoFar(NamedTuple):
    """What a sale's refunds have given back.

    `eligible`: what they said themselves no longer earns. `by_share`: the part of `amount` of those that said nothing of
    that; for it, what earns shrinks as the bill does.
    """

    amount: int = 0
    money: int = 0
    discount: int = 0
    points: int = 0
    merchant_points: int = 0
    restored: int = 0
    eligible: int = 0
    by_share: int = 0


NOTHING = SoFar()
"""No refund yet."""


def eligible_left(record: Record, refunded: SoFar) -> int | Fraction:
    """What still earns of a sale after all its refunds, exact: nothing once the whole bill is given back."""
    return left_of(record.eligible_amount, record.amount, refunded)


def left_of(eligible: int, amount: int, refunded: SoFar) -> int | Fraction:
    """What is left of an eligible amount of a bill."""
    if not refunded.amount:
        return eligible
    if refunded.amount >= amount:
        return 0
    by_share = Fraction(eligible * refunded.by_share, amount)
    return max(Fraction(0), eligible - refunded.eligible - by_share)
