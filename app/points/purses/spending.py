"""Whether points may be spent on a bill, and what they take off it (docs/points.en.md, "Spending points"). Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from app.foundation.i18n import Words
from app.foundation.i18n import words as _l
from app.foundation.problems import ValidationFailed
from app.members.errors import MemberIsFrozen
from app.points.earning.rounding import value_of
from app.points.errors import SpendingRests, SpendLocked
from app.points.purses.balance import Balance

POINTER = "/points_to_spend"


@dataclass(frozen=True, slots=True)
class SpendingTerms:
    """A programme's terms of spending. `point_value`: minor units that one point takes off a bill."""

    point_value: Decimal
    max_percent: int
    min_points: int
    needs_proof: bool


def spend_value(
    points: int,
    bill: int,
    balance: Balance | None,
    terms: SpendingTerms,
    *,
    is_proven: bool,
    now: datetime,
    is_told: bool = True,
) -> int:
    """What `points` take off a `bill` after coupons (minor units); 0 for none. Nothing is trimmed.

    `is_told`: whether the caller may know how many the member has.
    Raises ValidationFailed at /points_to_spend, MemberIsFrozen, SpendLocked, SpendingRests.
    """
    if not points:
        return 0
    if balance is None:
        raise _refused("member-needed", _l("Points are a member's: name one."))
    if terms.needs_proof and not is_proven:
        raise _refused("proof-needed", _l("To spend, the member's live code is needed."))
    check_may_spend(balance, now)
    if points < terms.min_points:
        raise _refused(
            "below-minimum", _l("At least %(min_points)s points can be spent at once.", min_points=terms.min_points)
        )
    if points > balance.spendable:
        if not is_told:
            raise _refused("not-enough-points", _l("Fewer points can be spent."))
        raise _refused("not-enough-points", _l("%(spendable)s points can be spent.", spendable=balance.spendable))
    value, most = value_of(points, terms.point_value), bill * terms.max_percent // 100
    if value > most:
        raise _refused(
            "above-share",
            _l(
                "Points can pay up to %(most)s of this bill (%(max_percent)s percent).",
                most=most,
                max_percent=terms.max_percent,
            ),
        )
    return value


def check_may_spend(balance: Balance, now: datetime) -> None:
    """Whether its member spends at all. Raises MemberIsFrozen, SpendLocked, SpendingRests."""
    if balance.is_frozen:
        raise MemberIsFrozen
    if balance.is_spend_locked:
        raise SpendLocked
    if (until := balance.rests_until(now)) is not None:
        raise SpendingRests.until(until)


def _refused(code: str, detail: Words) -> ValidationFailed:
    return ValidationFailed.at(POINTER, code, detail)
