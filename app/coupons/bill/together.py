"""Several coupons on one bill, as a sale takes them: in canonical order, whatever the order in which they are sent. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from app.coupons.bill.discounts import Rest, Taken, canonical
from app.coupons.bill.judging import Occasion, belongs_to_another, why_not
from app.coupons.bill.lines import Bill
from app.coupons.bill.terms import Presented
from app.coupons.bill.why_not import WhyNot


@dataclass(frozen=True, slots=True)
class Applied:
    """A coupon that counts: what it takes off in all, and from which lines."""

    coupon: Presented
    discount: int
    taken: Taken


@dataclass(frozen=True, slots=True)
class Granted:
    """A coupon that was redeemed for a sale before that was known: it stands, with the discount that was told.

    `taken`: from which lines of this very bill; None where it was redeemed for another.
    """

    coupon: Presented
    discount: int
    taken: Taken | None = None


@dataclass(frozen=True, slots=True)
class Reckoning:
    """What becomes of the coupons of a bill: those that count, and by coupon id why the others don't.

    Those granted before come first. `member_id`: the buyer, named by the first coupon that belongs to somebody where
    nobody else names one.
    """

    amount: int
    applied: tuple[Applied, ...]
    refused: dict[str, WhyNot]
    member_id: str | None

    @property
    def discount(self) -> int:
        """What all coupons take off."""
        return sum(one.discount for one in self.applied)

    @property
    def payable(self) -> int:
        """What is left of the bill, for points and money."""
        return self.amount - self.discount

    @property
    def earns_points(self) -> bool:
        """Whether what is paid in money earns points."""
        return all(one.coupon.terms.earns_points for one in self.applied)


def reckon(bill: Bill, occasion: Occasion, coupons: Iterable[Presented], granted: Sequence[Granted] = ()) -> Reckoning:
    """What a sale takes off with these coupons, each presented once. They are judged by themselves first; of the rest
    one that doesn't go with an earlier one, or for which nothing is left, drops out.
    """
    ordered = sorted(coupons, key=canonical)
    assert len({one.coupon_id for one in ordered}) == len(ordered), "a coupon is presented once"
    rest = Rest(bill)
    applied = take_granted(rest, granted)
    refused = dict[str, WhyNot]()
    member_id = occasion.member_id or _named_by(applied)
    for coupon in ordered:
        against = why_not(coupon, occasion, bill) or belongs_to_another(coupon, member_id)
        against = against or conflict(coupon, (one.coupon for one in applied))
        taken = None if against else rest.take(coupon.terms)
        if taken is None:
            refused[coupon.coupon_id] = against or WhyNot("nothing-left")
        else:
            applied.append(Applied(coupon, sum(taken.values()), taken))
            member_id = member_id or coupon.member_id
    return Reckoning(bill.amount, tuple(applied), refused, member_id)


def take_granted(rest: Rest, granted: Iterable[Granted]) -> list[Applied]:
    """Takes what was granted before, in canonical order; of another bill what doesn't fit on this one is cut."""
    applied = []
    for one in sorted(granted, key=lambda one: canonical(one.coupon)):
        if one.taken is None:
            taken = rest.take_granted(one.coupon.terms, one.discount)
        else:
            taken = rest.take_again(one.coupon.terms, one.taken)
        applied.append(Applied(one.coupon, sum(taken.values()), taken))
    return applied


def conflict(coupon: Presented, others: Iterable[Presented]) -> WhyNot | None:
    """Why a coupon doesn't go with others: the first of them with which it doesn't."""
    for other in others:
        if coupon.terms.exclusive or other.terms.exclusive:
            return WhyNot("exclusive", with_coupon_id=other.coupon_id)
        if coupon.terms.stacking_group is not None and coupon.terms.stacking_group == other.terms.stacking_group:
            return WhyNot("stacking-conflict", with_coupon_id=other.coupon_id)
    return None


def _named_by(applied: Iterable[Applied]) -> str | None:
    return next((one.coupon.member_id for one in applied if one.coupon.member_id is not None), None)
