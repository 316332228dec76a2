"""Refunds of sales with coupons: the figures of the design, and any split of a full refund ends alike, both ways."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.coupons.bill.giving_back import (
    Paid,
    amount_of_units,
    check_amount,
    discount_by_units,
    discount_in_proportion,
    paid_back,
    units_with,
)
from app.coupons.bill.lines import Bill, Line, bill_of
from app.coupons.bill.terms import AmountOff, Exchange, Presented
from app.coupons.bill.together import Reckoning, reckon
from app.foundation.problems import ValidationFailed
from tests.factories.bills import BILLS, HERE, coupon, coupons

NOTHING = Paid(0)
A, G = Line(10_000, sku="A"), Line(10_000, sku="G")


class Refunds:
    """A sale that is refunded by items: what has come back so far."""

    def __init__(self, items: list[Line], found: Reckoning, points: int = 0, points_amount: int = 0) -> None:
        self.items = items
        self.found = found
        self.paid = Paid(found.payable - points_amount, points, points_amount)
        self.units: dict[int, int] = {}
        self.back = NOTHING

    @property
    def discount(self) -> int:
        return sum(discount_by_units(self.items, one.taken, self.units) for one in self.found.applied)

    def refund(self, *returned: tuple[int, int]) -> tuple[int, int, int]:
        """Money, discount and points that one refund gives back."""
        discount, before = self.discount, self.back
        self.units = units_with(self.items, self.units, returned)
        payable = amount_of_units(self.items, self.units) - self.discount
        self.back = paid_back(self.paid, payable, before)
        return self.back.money - before.money, self.discount - discount, self.back.points - before.points


def sold(items: list[Line], *some: Presented, points: int = 0, points_amount: int = 0) -> Refunds:
    bill = bill_of(sum(item.amount for item in items), items)
    return Refunds(items, reckon(bill, HERE, some), points, points_amount)


def test_a_gift_that_comes_back_gives_no_money_and_the_other_item_all_of_it() -> None:
    sale = sold([A, G], coupon(Exchange("G", 0)))
    assert sale.refund((1, 1)) == (0, 10_000, 0)
    assert sale.refund((0, 1)) == (10_000, 0, 0)


def test_in_proportion_half_of_the_same_sale_gives_half_of_both() -> None:
    assert discount_in_proportion(10_000, 20_000, 10_000) == 5000
    assert 10_000 - discount_in_proportion(10_000, 20_000, 10_000) == 5000


def test_units_are_rounded_down_so_far_as_they_have_come_back() -> None:
    sale = sold([Line(1000, 3, "A")], coupon(AmountOff(100)))
    assert [sale.refund((0, 1)) for _ in range(3)] == [(300, 33, 0), (300, 33, 0), (300, 34, 0)]


def test_points_come_back_by_what_was_payable() -> None:
    sale = sold([A, G], coupon(Exchange("G", 0)), points=300, points_amount=300)
    assert sale.refund((1, 1)) == (0, 10_000, 0)
    assert sale.refund((0, 1)) == (9700, 0, 300)
    halves = sold([Line(2000, 2, "A")], points=301, points_amount=301)
    assert [halves.refund((0, 1)) for _ in range(2)] == [(850, 0, 150), (849, 0, 151)]


def test_money_is_never_less_than_before_nor_more_than_was_paid() -> None:
    dear = sold([Line(200, 4, "A")], points=1, points_amount=150)
    assert [dear.refund((0, 1)) for _ in range(4)] == [(50, 0, 0), (0, 0, 0), (0, 0, 0), (0, 0, 1)]
    three = sold([Line(10, 3, "A")], coupon(AmountOff(5), 1), coupon(AmountOff(5), 2))
    assert [three.refund((0, 1)) for _ in range(3)] == [(0, 2, 0), (0, 4, 0), (0, 4, 0)]


def test_several_items_come_back_in_one_refund_and_one_may_be_named_twice() -> None:
    sale = sold([Line(1000, 4, "A"), Line(300, 1, "B")])
    assert sale.refund((0, 1), (1, 1), (0, 2)) == (1050, 0, 0)
    assert sale.units == {0: 3, 1: 1}


@pytest.mark.parametrize(
    ("returned", "pointer", "code"),
    [
        ([(2, 1)], "/items/0", "no-such-line"),
        ([(0, 3)], "/items/0", "not-so-many-left"),
        ([(1, 1), (0, 1), (0, 1)], "/items/2", "not-so-many-left"),
    ],
)
def test_what_was_not_sold_or_came_back_before_is_refused(returned: Any, pointer: str, code: str) -> None:
    items, before = [Line(1000, 3, "A"), Line(300, 1, "B")], {0: 2}
    with pytest.raises(ValidationFailed) as refused:
        units_with(items, before, returned)
    [flaw] = refused.value.flaws
    assert (flaw.pointer, flaw.code) == (pointer, code)
    assert before == {0: 2}


def test_the_amount_of_a_refund_is_that_of_its_items() -> None:
    items = [Line(1000, 3, "A")]
    check_amount(items, {}, {0: 1}, 333)
    check_amount(items, {0: 2}, {0: 3}, 334)
    with pytest.raises(ValidationFailed) as refused:
        check_amount(items, {0: 2}, {0: 3}, 333)
    [flaw] = refused.value.flaws
    assert (flaw.pointer, flaw.code, str(flaw.detail)) == (
        "/amount",
        "not-the-items-amount",
        "These items cost 334 on the bill.",
    )


def single_units(items: list[Line]) -> list[tuple[int, int]]:
    return [(place, 1) for place, item in enumerate(items) for _ in range(item.quantity)]


def in_pieces(some: list[Any], chance: Any) -> Iterator[list[Any]]:
    while some:
        size = chance.randint(1, len(some))
        yield some[:size]
        some = some[size:]


@given(BILLS, coupons(5), st.integers(0, 100), st.integers(0, 500), st.randoms(use_true_random=False))
def test_any_split_by_items_ends_alike(bill: Bill, some: list[Presented], part: int, points: int, chance: Any) -> None:
    items = list(bill.lines)
    found = reckon(bill, HERE, some)
    points_amount = found.payable * part // 100
    sale = Refunds(items, found, points if points_amount else 0, points_amount if points else 0)
    units = single_units(items)
    chance.shuffle(units)
    for returned in in_pieces(units, chance):
        assert min(sale.refund(*returned)) >= 0
        assert sale.back.money <= sale.paid.money
        assert sale.back.points <= sale.paid.points
    assert (sale.back.money, sale.discount) == (sale.paid.money, found.discount)
    assert sale.back.points == sale.paid.points or not sale.paid.payable
    for one in found.applied:
        assert discount_by_units(items, one.taken, sale.units) == one.discount


@given(st.integers(1, 10**10), st.integers(0, 10**10), st.randoms(use_true_random=False))
def test_any_split_in_proportion_ends_alike(amount: int, discount: int, chance: Any) -> None:
    discount = min(discount, amount)
    refunded, back = 0, 0
    while refunded < amount:
        refunded = chance.randint(refunded + 1, amount)
        so_far = discount_in_proportion(discount, amount, refunded)
        assert back <= so_far <= refunded
        back = so_far
    assert back == discount
