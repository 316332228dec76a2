"""What one coupon takes off what others have left of a bill. Pure; amounts in fen."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from app.coupons.bill.lines import Bill
from app.coupons.bill.terms import AmountOff, Exchange, PercentOff, Presented, Terms
from app.foundation.figures.shares import spread

Taken = dict[int, int]
"""What a coupon takes, by the place of the line from which it takes it; of an exchange also where that is 0."""
_RANKS: Mapping[type, int] = {Exchange: 0, AmountOff: 1, PercentOff: 2}


def canonical(coupon: Presented) -> tuple[int, str, str]:
    """The order in which coupons take: exchanges, amounts, percents; then by campaign, then by coupon."""
    return _RANKS[type(coupon.terms.benefit)], coupon.terms.campaign_id, coupon.coupon_id


class Rest:
    """What is left of a bill's lines, to take from in canonical order."""

    def __init__(self, bill: Bill) -> None:
        self.bill = bill
        self.left = [line.amount for line in bill.lines]
        self.units_given = [0] * len(bill.lines)
        self._before_percents: list[int] | None = None

    def take(self, terms: Terms) -> Taken | None:
        """Takes what a coupon gives. None where there is nothing left for it."""
        match terms.benefit:
            case Exchange() as exchange:
                return self._exchange(exchange)
            case AmountOff(amount):
                places = self.bill.matching(terms)
                return self._take_from(places, min(amount, self.left_of(places))) or None
            case PercentOff() as percent_off:
                places = self.bill.matching(terms)
                discount = percent_of(percent_off, self._left_before_percents(places))
                return self._take_from(places, min(discount, self.left_of(places))) or None

    def take_granted(self, terms: Terms, discount: int) -> Taken:
        """Takes a discount that was granted before, perhaps on another bill: from the lines of the coupon, then from
        the others, at most all.
        """
        places = frozenset(self._places_of(terms))
        others = [place for place in range(len(self.left)) if place not in places]
        within = min(discount, self.left_of(places))
        taken = self._take_from(sorted(places), within)
        return taken | self._take_from(others, min(discount - within, self.left_of(others)))

    def take_again(self, terms: Terms, taken: Taken) -> Taken:
        """Takes what was taken from the same lines before."""
        for place, part in taken.items():
            self.left[place] -= part
            self.units_given[place] += isinstance(terms.benefit, Exchange)
        return taken

    def left_of(self, places: Iterable[int]) -> int:
        """What is left of some lines together."""
        return sum(map(self.left.__getitem__, places))

    def _left_before_percents(self, places: Iterable[int]) -> int:
        """The same, before the first percent was taken: percents don't compound."""
        if self._before_percents is None:
            self._before_percents = list(self.left)
        return sum(map(self._before_percents.__getitem__, places))

    def unit_for(self, exchange: Exchange) -> int | None:
        """The place of the first line that has a unit which no exchange has given yet."""
        lines = enumerate(self.bill.lines)
        fits = (place for place, line in lines if line.sku == exchange.sku and self.units_given[place] < line.quantity)
        return next(fits, None)

    def _exchange(self, exchange: Exchange) -> Taken | None:
        place = self.unit_for(exchange)
        if place is None:
            return None
        unit_amount = self.bill.lines[place].unit_amount
        taken = self._take_from((place,), min(exchange_of(exchange, unit_amount), self.left[place]))
        if not taken and unit_amount != exchange.price:
            return None
        self.units_given[place] += 1
        return taken or {place: 0}

    def _places_of(self, terms: Terms) -> Sequence[int]:
        if not isinstance(terms.benefit, Exchange):
            return self.bill.matching(terms)
        place = self.unit_for(terms.benefit)
        if place is None:
            return ()
        self.units_given[place] += 1
        return (place,)

    def _take_from(self, places: Sequence[int], discount: int) -> Taken:
        if not discount:
            return {}
        parts = spread(discount, [self.left[place] for place in places])
        taken = {place: part for place, part in zip(places, parts, strict=True) if part}
        for place, part in taken.items():
            self.left[place] -= part
        return taken


def exchange_of(exchange: Exchange, unit_amount: int) -> int:
    """What an exchange takes off a unit."""
    discount = max(0, unit_amount - exchange.price)
    return discount if exchange.most is None else min(discount, exchange.most)


def percent_of(percent_off: PercentOff, amount: int) -> int:
    """What a percentage takes off an amount."""
    discount = amount * percent_off.percent // 100
    return discount if percent_off.most is None else min(discount, percent_off.most)
