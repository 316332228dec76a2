"""Sets of coupons: they take what a sale takes, and share out over lines only where they must."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pytest
from hypothesis import given

from app.coupons.bill import sets
from app.coupons.bill.best import MOST_EXACT, best
from app.coupons.bill.discounts import Rest, canonical
from app.coupons.bill.lines import Bill, Line, bill_of
from app.coupons.bill.sets import Candidate, CouponSet
from app.coupons.bill.terms import AmountOff, PercentOff, Presented
from app.foundation.figures.shares import spread
from tests.factories.bills import BILLS, HERE, coupon, coupons

ITEMS = [Line(100 + 7 * number, 1, f"s{number}", f"c{number % 4}") for number in range(60)]
BILL = bill_of(sum(item.amount for item in ITEMS), ITEMS)


@pytest.fixture
def shared_out(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Each time that something is shared out over lines, how much."""
    found: list[int] = []

    def counted(total: int, weights: Sequence[int]) -> list[int]:
        found.append(total)
        return spread(total, weights)

    monkeypatch.setattr(sets, "spread", counted)
    return found


def twelve(lines_of: Callable[[int], dict[str, Any]]) -> list[Presented]:
    return [
        coupon(AmountOff(300 + number) if number < 6 else PercentOff(number), number, **lines_of(number))
        for number in range(MOST_EXACT)
    ]


@pytest.mark.parametrize(
    "lines_of",
    [
        lambda number: {},
        lambda number: {"item_categories": frozenset({f"c{number % 4}"})},
        lambda number: {"excluded_skus": frozenset({"s3", "s4"})},
    ],
    ids=["the whole bill", "kinds of goods", "all but some"],
)
def test_sums_are_enough_for_coupons_about_the_same_or_other_lines(lines_of: Any, shared_out: list[int]) -> None:
    assert len(best(BILL, HERE, twelve(lines_of)).applied) == MOST_EXACT
    assert shared_out == []


def test_no_bill_needs_more_than_half_of_all_sets(shared_out: list[int]) -> None:
    some = twelve(lambda number: {"item_skus": frozenset(f"s{one}" for one in range(60) if one * 7 % 12 != number)})
    assert best(BILL, HERE, some).discount > 0
    assert 0 < len(shared_out) < 2 ** (MOST_EXACT - 1)


@given(BILLS, coupons(8))
def test_a_set_takes_what_is_taken_one_after_another(bill: Bill, some: list[Presented]) -> None:
    rest = Rest(bill)
    so_far = CouponSet.of_none(Rest(bill))
    for one in sorted(some, key=canonical):
        taken, more = rest.take(one.terms), so_far.with_one(Candidate(one, Rest(bill)))
        assert (more is None) == (taken is None)
        so_far = more or so_far
        assert (so_far.left, so_far.by_line()) == (sum(rest.left), rest.left)
    assert so_far.discount == bill.amount - so_far.left
