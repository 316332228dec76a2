"""Which of many coupons take most off a bill: exact up to `MOST_EXACT` that are applicable. Pure.

Sets of coupons that go together are looked at one after another, but for those of which a bound shows that they give no
more.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from app.coupons.bill.discounts import Rest, canonical
from app.coupons.bill.judging import Occasion, why_not
from app.coupons.bill.lines import Bill
from app.coupons.bill.sets import Candidate, CouponSet
from app.coupons.bill.terms import Presented
from app.coupons.bill.together import Granted, Reckoning, conflict, reckon, take_granted
from app.coupons.bill.why_not import WhyNot

MOST_EXACT = 12


def best(bill: Bill, occasion: Occasion, coupons: Iterable[Presented], granted: Sequence[Granted] = ()) -> Reckoning:
    """Those of a member's coupons that take most off together, and why each other one isn't among them.

    Of sets that take as much the one of fewer coupons counts, then whose ends are earlier, compared one by one, then the
    first in canonical order. Where more than `MOST_EXACT` are applicable, only those that give most alone are tried.
    """
    rest = Rest(bill)
    take_granted(rest, granted)
    nothing = CouponSet.of_none(rest)
    able, refused = list[CouponSet](), dict[str, WhyNot]()
    for coupon in sorted(coupons, key=canonical):
        against = why_not(coupon, occasion, bill) or conflict(coupon, (one.coupon for one in granted))
        alone = None if against else nothing.with_one(Candidate(coupon, rest))
        if alone is None:
            refused[coupon.coupon_id] = against or WhyNot("nothing-left")
        else:
            able.append(alone)
    chosen = _Search(_most_alone(able)).best(nothing)
    for [candidate] in (alone.candidates for alone in able):
        if candidate not in chosen.candidates:
            refused[candidate.coupon.coupon_id] = _why_not_in(chosen, candidate)
    reckoning = reckon(bill, occasion, [one.coupon for one in chosen.candidates], granted)
    assert not reckoning.refused, "the best set is one that a sale takes"
    assert reckoning.payable == chosen.left, "a set takes what a sale takes"
    return Reckoning(bill.amount, reckoning.applied, refused, reckoning.member_id)


def _most_alone(able: Sequence[CouponSet]) -> list[Candidate]:
    """Those that give most alone, ties by their ends and then canonical; in canonical order."""

    def rank(alone: CouponSet) -> tuple[int, datetime, tuple[int, str, str]]:
        return -alone.discount, alone.candidates[0].coupon.expires_at, alone.candidates[0].order

    most = sorted(able, key=rank)[:MOST_EXACT]
    return sorted((alone.candidates[0] for alone in most), key=lambda candidate: candidate.order)


def _why_not_in(chosen: CouponSet, candidate: Candidate) -> WhyNot:
    """Why an applicable coupon isn't in a set."""
    against = conflict(candidate.coupon, (one.coupon for one in chosen.candidates))
    before = chosen
    while before.candidates and before.candidates[-1].order > candidate.order:
        before = before.before
    return against or WhyNot("nothing-left" if before.with_one(candidate) is None else "not-in-best")


class _Search:
    """Looks for the best set of some candidates, which are in canonical order."""

    def __init__(self, candidates: Sequence[Candidate]) -> None:
        self._candidates = candidates
        self._groups = [candidate.coupon.terms.stacking_group for candidate in candidates]
        self._against = [
            sum(1 << place for place, other in enumerate(candidates) if conflict(one.coupon, (other.coupon,)))
            for one in candidates
        ]

    def best(self, nothing: CouponSet) -> CouponSet:
        """The best set of all, the empty one included."""
        self._best = nothing
        self._add_from(0, nothing, barred=0)
        return self._best

    def _add_from(self, first: int, so_far: CouponSet, barred: int) -> None:
        """Tries the sets that have candidates more, none of them before a place and none of those that are barred."""
        for place in range(first, len(self._candidates)):
            if barred >> place & 1:
                continue
            if not self._may_be_best(place, so_far, barred):
                return
            more = so_far.with_one(self._candidates[place])
            if more is not None:
                if more.is_better_than(self._best):
                    self._best = more
                self._add_from(place + 1, more, barred | self._against[place])

    def _may_be_best(self, first: int, so_far: CouponSet, barred: int) -> bool:
        """Whether more candidates could make a set the best: of each stacking group one counts at most."""
        most, of_groups = 0, dict[str, int]()
        for place in range(first, len(self._candidates)):
            if not barred >> place & 1:
                group, gives = self._groups[place], so_far.most_of(self._candidates[place])
                if group is None:
                    most += gives
                else:
                    of_groups[group] = max(gives, of_groups.get(group, 0))
        most = so_far.discount + min(most + sum(of_groups.values()), so_far.left)
        fewest = len(so_far.candidates) + 1
        return (most, -fewest) >= (self._best.discount, -len(self._best.candidates))
