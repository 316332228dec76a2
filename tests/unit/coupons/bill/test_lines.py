"""Bills: their lines, and which of them count."""

from __future__ import annotations

from typing import Any

import pytest

from app.coupons.bill.lines import Line, bill_of
from app.coupons.bill.terms import AmountOff, Exchange, Terms
from app.foundation.problems import ValidationFailed

TEA, MUG, BOOK = Line(500, 2, "T", "tea"), Line(300, 1, "M", "ware"), Line(200, 1, None, "books")


def terms(**filters: Any) -> Terms:
    return Terms("cam_1", AmountOff(1), **{name: frozenset(some) for name, some in filters.items()})


@pytest.mark.parametrize(
    ("amount", "items", "lines"),
    [
        (1000, [], [Line(1000)]),
        (0, [], [Line(0)]),
        (1000, [TEA, MUG, BOOK], [TEA, MUG, BOOK]),
        (1001, [TEA, MUG, BOOK], [TEA, MUG, BOOK, Line(1)]),
        (0, [Line(0, 1, "bag")], [Line(0, 1, "bag")]),
    ],
)
def test_what_items_leave_is_a_last_line(amount: int, items: list[Line], lines: list[Line]) -> None:
    assert list(bill_of(amount, items).lines) == lines


def test_items_above_the_bill_are_refused() -> None:
    with pytest.raises(ValidationFailed) as refused:
        bill_of(999, [TEA, MUG, BOOK])
    [flaw] = refused.value.flaws
    assert (flaw.pointer, flaw.code) == ("/items", "items-above-amount")


@pytest.mark.parametrize(
    ("filters", "places"),
    [
        ({}, (0, 1, 2, 3)),
        ({"item_skus": "T"}, (0,)),
        ({"item_categories": ["ware", "books"]}, (1, 2)),
        ({"item_skus": "T", "item_categories": ["ware"]}, (0, 1)),
        ({"excluded_skus": "M"}, (0, 2, 3)),
        ({"item_categories": ["ware", "tea"], "excluded_skus": "M"}, (0,)),
        ({"item_skus": "T", "excluded_skus": "T"}, ()),
        ({"item_skus": "X"}, ()),
    ],
    ids=str,
)
def test_an_item_counts_by_sku_or_category_unless_it_is_excluded(filters: Any, places: tuple[int, ...]) -> None:
    bill = bill_of(1100, [TEA, MUG, BOOK])
    assert bill.matching(terms(**filters)) == places
    assert bill.matching_amount(terms(**filters)) == sum(bill.lines[place].amount for place in places)


def test_the_rest_has_no_unit_for_an_exchange() -> None:
    bill = bill_of(1100, [TEA])
    assert bill.has_unit_for(Exchange("T", 0))
    assert not bill.has_unit_for(Exchange("M", 0))


def test_a_unit_costs_its_part_rounded_down() -> None:
    assert [line.unit_amount for line in (TEA, Line(1000, 3), Line(1, 2))] == [250, 333, 0]
