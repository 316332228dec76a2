"""How much of a sale goes back: shares that add up, and what is left to earn on."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from itertools import pairwise
from typing import Any, NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.coupons.redeeming.refunding import CouponOfSale
from app.transactions.refunds.judging import sums_with, with_share
from app.transactions.refunds.rules import print_of_refund, share_of
from app.transactions.reports import RefundReport
from app.transactions.sales.record import COLUMNS, NOTHING, Record, SoFar, eligible_left


class Bill(NamedTuple):
    """A sale, and a split of all of it."""

    sale: Record
    parts: list[int]


def sale(
    amount: int, *, discount: int = 0, points: int = 0, points_amount: int = 0, eligible: int | None = None
) -> Record:
    paid = amount - discount - points_amount
    values: dict[str, Any] = dict.fromkeys(COLUMNS)
    figures = {
        "amount": amount,
        "discount_amount": discount,
        "points_spent": points,
        "points_amount": points_amount,
        "paid_amount": paid,
        "eligible_amount": paid if eligible is None else eligible,
    }
    return Record(**values | figures)


def coupon_of_sale(discount: int, **taken: int) -> CouponOfSale:
    """A coupon that took something off a sale, from places of its items."""
    values: dict[str, Any] = dict.fromkeys(CouponOfSale.__slots__)
    return CouponOfSale(
        **values | {"discount": discount, "taken": {int(place[1:]): one for place, one in taken.items()}}
    )


@st.composite
def bills(draw: st.DrawFn) -> Bill:
    amount = draw(st.integers(1, 10**10))
    discount = draw(st.integers(0, amount))
    points_amount = draw(st.integers(0, amount - discount))
    cuts = sorted(draw(st.sets(st.integers(1, max(1, amount - 1)), max_size=6)) - {amount})
    parts = [end - start for start, end in zip([0, *cuts], [*cuts, amount], strict=True)]
    points = draw(st.integers(0, 10**10))
    return Bill(sale(amount, discount=discount, points=points, points_amount=points_amount), parts)


def refunded(bill: Record, parts: list[int]) -> list[SoFar]:
    """The sums after each part."""
    sums = [NOTHING]
    for part in parts:
        before, report = sums[-1], RefundReport("R", part)
        after = sums_with(bill, before, report)
        share = share_of(bill, [coupon_of_sale(bill.discount_amount)], before, after, by_items=False)
        sums.append(with_share(after, share, report))
    return sums


@given(bills())
def test_any_split_comes_to_the_whole_and_no_part_is_below_nothing(bill: Bill) -> None:
    sums = refunded(bill.sale, bill.parts)
    for before, after in pairwise(sums):
        assert before.money <= after.money <= bill.sale.paid_amount
        assert before.restored <= after.restored <= bill.sale.points_spent
        assert after.money == bill.sale.paid_amount * after.amount // bill.sale.amount
    whole = sums[-1]
    assert (whole.money, whole.discount, whole.restored) == (
        bill.sale.paid_amount,
        bill.sale.discount_amount,
        bill.sale.points_spent,
    )
    assert eligible_left(bill.sale, whole) == 0


@given(bills())
def test_what_is_left_eligible_is_exact_and_shrinks(bill: Bill) -> None:
    sums = refunded(bill.sale, bill.parts)
    for one in sums:
        left = Fraction(bill.sale.amount - one.amount, bill.sale.amount)
        assert eligible_left(bill.sale, one) == bill.sale.eligible_amount * left


@pytest.mark.parametrize(
    ("so_far", "left"),
    [
        (NOTHING, 6_000),
        (SoFar(amount=4_000, eligible=0), 6_000),
        (SoFar(amount=4_000, eligible=1_000), 5_000),
        (SoFar(amount=4_000, by_share=4_000), 3_600),
        (SoFar(amount=4_000, by_share=1_000, eligible=500), 4_900),
        (SoFar(amount=9_999, eligible=6_000), 0),
        (SoFar(amount=9_999, by_share=9_000, eligible=900), 0),
        (SoFar(amount=10_000, eligible=0), 0),
        (SoFar(amount=4_000, money=2_500, by_money=2_500), 4_500),
        (SoFar(amount=4_000, money=2_500, by_money=1_000, eligible=500), 4_900),
    ],
)
def test_a_refund_may_say_itself_what_no_longer_earns(so_far: SoFar, left: int) -> None:
    """Of a bill of 10000, of which 6000 earn; once the whole bill is given back nothing does."""
    assert eligible_left(sale(10_000, eligible=6_000), so_far) == left


REPORT = RefundReport("F1", 100)


@pytest.mark.parametrize(
    "change", [{"amount": 101}, {"eligible_amount": 0}, {"reason": ""}, {"items": [{"line": 0, "quantity": 1}]}]
)
def test_another_body_is_another_refund(change: dict[str, Any]) -> None:
    assert print_of_refund(REPORT, "txn_1") != print_of_refund(replace(REPORT, **change), "txn_1")
    assert print_of_refund(REPORT, "txn_1") != print_of_refund(REPORT, "txn_2")


def test_its_reference_and_how_the_sale_was_named_are_no_part_of_it() -> None:
    other = replace(REPORT, reference="F2", transaction_reference="R1", merchant_id="mer_1")
    assert print_of_refund(REPORT, "txn_1") == print_of_refund(other, "txn_1")
    assert len(print_of_refund(REPORT, "txn_1")) == 16
