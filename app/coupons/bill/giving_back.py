"""What refunds give back of a sale with coupons. Pure; amounts in fen.

All figures are sums of a sale's refunds so far: what one refund gives back is its sum less the one before. So a sale that
is refunded whole ends alike, however it was split.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from app.coupons.bill.discounts import Taken
from app.coupons.bill.lines import Line
from app.foundation.i18n import words as _l
from app.foundation.problems import ValidationFailed

Units = Mapping[int, int]
"""Units that have come back, by the place of their line."""


@dataclass(frozen=True, slots=True)
class Paid:
    """How what coupons left of a bill was paid, or given back: money, points, and what the points took off."""

    money: int
    points: int = 0
    points_amount: int = 0

    @property
    def payable(self) -> int:
        """What was paid in all."""
        return self.money + self.points_amount


def discount_in_proportion(discount: int, amount: int, refunded: int) -> int:
    """What is given back of a coupon's discount once so much of a bill's amount has been refunded."""
    assert 0 <= refunded <= amount, "no more is refunded than was bought"
    return discount * refunded // amount


def units_with(items: Sequence[Line], before: Units, returned: Iterable[tuple[int, int]]) -> dict[int, int]:
    """The units that have come back with those of a refund, each the place of an item of the sale and a quantity.

    Raises ValidationFailed at `/items/N` where there is no such item, or not so much left of it.
    """
    units = dict(before)
    for number, (place, quantity) in enumerate(returned):
        if place >= len(items):
            raise ValidationFailed.at(f"/items/{number}", "no-such-line", _l("The sale has no such item."))
        units[place] = units.get(place, 0) + quantity
        if units[place] > items[place].quantity:
            raise ValidationFailed.at(
                f"/items/{number}", "not-so-many-left", _l("Less is left of this item than comes back.")
            )
    return units


def amount_of_units(items: Sequence[Line], units: Units) -> int:
    """What units cost on the bill: of each item rounded down."""
    return sum(items[place].amount * count // items[place].quantity for place, count in units.items())


def check_amount(items: Sequence[Line], before: Units, units: Units, amount: int) -> None:
    """Raises ValidationFailed at `/amount` unless it is what the units of a refund cost on the bill."""
    worth = amount_of_units(items, units) - amount_of_units(items, before)
    if amount != worth:
        raise ValidationFailed.at(
            "/amount", "not-the-items-amount", _l("These items cost %(amount)s on the bill.", amount=worth)
        )


def discount_by_units(items: Sequence[Line], taken: Taken, units: Units) -> int:
    """What is given back of a coupon's discount once units have come back: what it took from them, of each item rounded
    down.
    """
    return sum(taken.get(place, 0) * count // items[place].quantity for place, count in units.items())


def paid_back(paid: Paid, payable: int, before: Paid) -> Paid:
    """What is given back of money and points once so much of what was payable has come back by items; the whole once all
    of it has.

    Money is what points leave. In sum neither becomes less than before, nor more than was paid: units are rounded one by
    one, and a point may be worth several fen.
    """
    back = min(payable, paid.payable)
    points = max(paid.points * back // paid.payable if paid.payable else 0, before.points)
    worth = paid.points_amount * points // paid.points if paid.points else 0
    return Paid(max(min(back - worth, paid.money), before.money), points, worth)
