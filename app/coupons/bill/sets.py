"""Sets of coupons that take from one bill, each made of another by one coupon more, in canonical order. Pure.

What a set takes from which line is reckoned only where it must be: sums are enough while each coupon takes from lines
that another is about all together or not at all, as its shares add up to what it takes.
"""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from app.coupons.bill.discounts import Rest, canonical, exchange_of, percent_of
from app.coupons.bill.terms import AmountOff, Exchange, PercentOff, Presented
from app.foundation.figures.shares import spread


class Lines:
    """Some lines of a bill: their places, the same as bits, and what is left of them together at the start."""

    __slots__ = ("amount", "bits", "places")

    def __init__(self, places: tuple[int, ...], rest: Rest) -> None:
        self.places = places
        self.bits = sum(1 << place for place in places)
        self.amount = rest.left_of(places)


class Unit(NamedTuple):
    """A line of which an exchange may give units: how many are left, and what it takes off one."""

    line: Lines
    left: int
    discount: int
    is_at_its_price: bool


class Candidate:
    """A coupon that may be in a set: the lines that it is about, the units that it may give, and the most that it takes
    in any set.
    """

    __slots__ = ("benefit", "coupon", "lines", "most", "order", "units")

    def __init__(self, coupon: Presented, rest: Rest) -> None:
        self.coupon = coupon
        self.order = canonical(coupon)
        self.benefit = coupon.terms.benefit
        self.lines = Lines(rest.bill.matching(coupon.terms), rest)
        self.units: list[Unit] = []
        match self.benefit:
            case Exchange() as exchange:
                self.units = _units_for(exchange, rest)
                self.most = max((unit.discount for unit in self.units), default=0)
            case AmountOff(amount):
                self.most = min(amount, self.lines.amount)
            case PercentOff() as percent_off:
                self.most = percent_of(percent_off, self.lines.amount)


def _units_for(exchange: Exchange, rest: Rest) -> list[Unit]:
    """In the order of items, as far as they weren't given before."""
    units = []
    for place, line in enumerate(rest.bill.lines):
        left = line.quantity - rest.units_given[place]
        if line.sku == exchange.sku and left:
            discount = exchange_of(exchange, line.unit_amount)
            units.append(Unit(Lines((place,), rest), left, discount, line.unit_amount == exchange.price))
    return units


class CouponSet:
    """What some coupons take together. `takings`: of each the lines, as bits, and how much."""

    __slots__ = ("_before", "_by_line", "_last_lines", "candidates", "discount", "left", "takings")

    def __init__(self, left: int, by_line: list[int] | None = None) -> None:
        self.left = left
        self.discount = 0
        self.candidates: tuple[Candidate, ...] = ()
        self.takings: tuple[tuple[int, int], ...] = ()
        self._before = self
        self._by_line = by_line
        self._last_lines: tuple[int, ...] = ()

    @classmethod
    def of_none(cls, rest: Rest) -> CouponSet:
        """The empty set: all is left."""
        return cls(sum(rest.left), rest.left)

    @property
    def before(self) -> CouponSet:
        """The set without its last coupon; the empty one is its own."""
        return self._before

    def with_one(self, candidate: Candidate) -> CouponSet | None:
        """The set with one more, later in canonical order. None where there is nothing left for it."""
        match candidate.benefit:
            case Exchange():
                return self._with_unit(candidate)
            case AmountOff(amount):
                taken = self._cut(amount, candidate.lines)
            case PercentOff() as percent_off:
                taken = self._cut(
                    percent_of(percent_off, self._before_percents().left_of(candidate.lines)), candidate.lines
                )
        return self._with(candidate, candidate.lines, taken) if taken else None

    def most_of(self, candidate: Candidate) -> int:
        """More than this a candidate doesn't take in any set that is made of this one."""
        if not isinstance(candidate.benefit, PercentOff):
            return candidate.most
        within = sum(taken for bits, taken in self._before_percents().takings if not bits & ~candidate.lines.bits)
        return percent_of(candidate.benefit, candidate.lines.amount - within)

    def is_better_than(self, other: CouponSet) -> bool:
        """Whether it takes more; or as much with fewer coupons, with earlier ends, or with the first in their order."""
        rank, rank_of_other = (self.discount, -len(self.candidates)), (other.discount, -len(other.candidates))
        return rank > rank_of_other or (rank == rank_of_other and self._ties() < other._ties())

    def left_of(self, lines: Lines) -> int:
        """What is left of some lines together."""
        left = lines.amount
        for bits, taken in self.takings:
            if bits & lines.bits:
                if bits & ~lines.bits:
                    return sum(map(self.by_line().__getitem__, lines.places))
                left -= taken
        return left

    def by_line(self) -> list[int]:
        """What is left of each line; kept, for it takes long."""
        if self._by_line is None:
            left, taken = self._before.by_line().copy(), self.takings[-1][1]
            if taken:
                parts = spread(taken, [left[place] for place in self._last_lines])
                for place, part in zip(self._last_lines, parts, strict=True):
                    left[place] -= part
            self._by_line = left
        return self._by_line

    def _with_unit(self, candidate: Candidate) -> CouponSet | None:
        """Only exchanges are in the set so far: each took one unit of a line."""
        for unit in candidate.units:
            given = sum(bits == unit.line.bits for bits, _ in self.takings)
            if given < unit.left:
                taken = min(unit.discount, self.left_of(unit.line))
                return self._with(candidate, unit.line, taken) if taken or unit.is_at_its_price else None
        return None

    def _with(self, candidate: Candidate, lines: Lines, taken: int) -> CouponSet:
        more = CouponSet(self.left - taken)
        more.discount = self.discount + taken
        more.candidates = (*self.candidates, candidate)
        more.takings = (*self.takings, (lines.bits, taken))
        more._before = self
        more._last_lines = lines.places
        return more

    def _cut(self, discount: int, lines: Lines) -> int:
        """A discount, at most what is left; which often is seen to be enough without looking closer."""
        surely_left = lines.amount - sum(taken for bits, taken in self.takings if bits & lines.bits)
        return discount if discount <= surely_left else min(discount, self.left_of(lines))

    def _before_percents(self) -> CouponSet:
        last = self
        while last.candidates and isinstance(last.candidates[-1].benefit, PercentOff):
            last = last._before
        return last

    def _ties(self) -> tuple[list[datetime], list[tuple[int, str, str]]]:
        return sorted(one.coupon.expires_at for one in self.candidates), [one.order for one in self.candidates]
