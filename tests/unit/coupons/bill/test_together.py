"""Coupons on one bill: the figures of the design, and what holds of any bill and any coupons."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.coupons.bill.lines import Bill, Line, bill_of
from app.coupons.bill.terms import AmountOff, Exchange, PercentOff, Presented
from app.coupons.bill.together import Granted, Reckoning, reckon
from app.coupons.bill.why_not import WhyNot
from tests.factories.bills import BILLS, HERE, coupon, coupons

OFF_1000 = coupon(AmountOff(1000), 1, min_amount=10_000, stacking_group="a")
OFF_12 = coupon(PercentOff(12), 2, stacking_group="b")
OFF_20 = coupon(PercentOff(20), 3, stacking_group="c")
OF_A = frozenset({"A"})
A, B = Line(3000, sku="A", category="a"), Line(5000, sku="B", category="b")


def discounts(found: Reckoning) -> list[int]:
    return [one.discount for one in found.applied]


def codes(found: Reckoning) -> list[str]:
    return [one.code for one in found.refused.values()]


def reckoned(amount: int, items: list[Line], *some: Presented, granted: Any = ()) -> Reckoning:
    return reckon(bill_of(amount, items), HERE, some, granted)


@pytest.mark.parametrize(
    ("amount", "items", "some", "taken", "payable"),
    [
        (12_800, [], [OFF_1000], [1000], 11_800),
        (12_800, [], [OFF_12, OFF_1000], [1000, 1416], 10_384),
        (12_800, [], [OFF_20, OFF_12], [1536, 2560], 8704),
        (500, [], [coupon(AmountOff(1000))], [500], 0),
        (
            8000,
            [A, B],
            [coupon(AmountOff(2000), 1, item_categories=frozenset({"a"})), coupon(PercentOff(50), 2)],
            [2000, 3000],
            3000,
        ),
        (3000, [Line(3000, 2, "A")], [coupon(Exchange("A", 100))], [1400], 1600),
        (1000, [], [coupon(AmountOff(700), 1), coupon(PercentOff(60), 2)], [700, 180], 120),
        (20_000, [Line(10_000, sku="A"), Line(10_000, sku="G")], [coupon(Exchange("G", 0))], [10_000], 10_000),
    ],
    ids=lambda one: str(one) if isinstance(one, int) else "",
)
def test_the_figures_of_the_design(
    amount: int, items: list[Line], some: list[Presented], taken: list[int], payable: int
) -> None:
    for order in (some, some[::-1]):
        found = reckoned(amount, items, *order)
        assert (discounts(found), found.payable, found.refused) == (taken, payable, {})


def test_a_bill_below_the_minimum_says_what_is_missing() -> None:
    found = reckoned(9999, [], OFF_1000)
    assert found.refused == {"cpn_01": WhyNot("below-minimum", missing=1)}
    assert (found.discount, found.payable, found.applied) == (0, 9999, ())


def test_a_minimum_looks_at_what_matched_before_any_discount() -> None:
    after_other = coupon(AmountOff(500), 2, min_amount=1000)
    assert discounts(reckoned(1000, [], coupon(AmountOff(700), 1), after_other)) == [700, 300]


def test_percents_look_at_the_same_rest_and_are_cut_in_canonical_order() -> None:
    sixty, seventy = coupon(PercentOff(60), 1), coupon(PercentOff(70), 2)
    assert discounts(reckoned(1000, [], seventy, sixty)) == [600, 400]
    of_a = coupon(PercentOff(80), 3, item_skus=OF_A)
    assert discounts(reckoned(8000, [A, B], coupon(PercentOff(50), 1), of_a)) == [4000, 1500]


def test_a_percent_has_its_most() -> None:
    assert discounts(reckoned(12_800, [], coupon(PercentOff(12, most=1000)))) == [1000]


def test_amounts_are_taken_in_proportion_to_what_is_left() -> None:
    found = reckoned(8000, [A, B], coupon(AmountOff(1001)))
    assert found.applied[0].taken == {0: 375, 1: 626}
    tied = reckoned(300, [Line(100), Line(100), Line(100)], coupon(AmountOff(2)))
    assert tied.applied[0].taken == {0: 1, 1: 1}


class TestExchanges:
    """One unit of the first item that has one left."""

    G = Line(1000, 2, "G")

    def test_each_takes_a_unit_of_its_own(self) -> None:
        gifts = [coupon(Exchange("G", 100), number) for number in (1, 2, 3)]
        found = reckoned(1000, [self.G], *gifts)
        assert discounts(found) == [400, 400]
        assert codes(found) == ["nothing-left"]

    def test_the_next_item_comes_when_the_first_has_no_unit_left(self) -> None:
        gifts = [coupon(Exchange("G", 0), number) for number in (1, 2)]
        found = reckoned(1500, [Line(500, 1, "G"), B_OF_1, Line(700, 1, "G")], *gifts)
        assert [one.taken for one in found.applied] == [{0: 500}, {2: 700}]

    def test_a_unit_is_rounded_down(self) -> None:
        assert discounts(reckoned(1000, [Line(1000, 3, "G")], coupon(Exchange("G", 100)))) == [233]

    def test_it_has_its_most(self) -> None:
        assert discounts(reckoned(1000, [self.G], coupon(Exchange("G", 0, most=50)))) == [50]

    def test_at_the_item_s_own_price_it_counts_and_gives_nothing(self) -> None:
        found = reckoned(1000, [self.G], coupon(Exchange("G", 500)))
        assert (discounts(found), found.refused) == ([0], {})
        assert codes(reckoned(1000, [self.G], coupon(Exchange("G", 501)))) == ["nothing-left"]

    def test_filters_and_minimum_look_at_the_bill_and_the_unit_is_one_of_its_sku(self) -> None:
        mug = coupon(Exchange("M", 0), item_categories=frozenset({"a"}), min_amount=3000)
        assert discounts(reckoned(3500, [A, Line(500, 1, "M")], mug)) == [500]
        assert codes(reckoned(3499, [Line(2999, 1, "A", "a"), Line(500, 1, "M")], mug)) == ["below-minimum"]
        assert codes(reckoned(5500, [B, Line(500, 1, "M")], mug)) == ["no-matching-item"]
        assert codes(reckoned(3000, [A], mug)) == ["no-matching-item"]


B_OF_1 = Line(300, 1, "B")


def test_of_a_group_the_first_counts_and_the_next_says_which() -> None:
    first, second = coupon(AmountOff(100), 1, stacking_group="a"), coupon(AmountOff(900), 2, stacking_group="a")
    found = reckoned(1000, [], second, first)
    assert discounts(found) == [100]
    assert found.refused == {"cpn_02": WhyNot("stacking-conflict", with_coupon_id="cpn_01")}


@pytest.mark.parametrize("exclusive", [1, 2])
def test_an_exclusive_coupon_goes_with_no_other(exclusive: int) -> None:
    some = [coupon(AmountOff(100), number, exclusive=number == exclusive) for number in (1, 2)]
    found = reckoned(1000, [], *some)
    assert discounts(found) == [100]
    assert found.refused == {"cpn_02": WhyNot("exclusive", with_coupon_id="cpn_01")}
    assert discounts(reckoned(1000, [], some[exclusive - 1])) == [100]


def test_what_drops_out_bars_nobody() -> None:
    not_here = coupon(AmountOff(100), 1, stacking_group="a", store_ids=frozenset({"str_b"}))
    used_up = coupon(AmountOff(500), 3, stacking_group="b", item_skus=OF_A)
    some = [coupon(AmountOff(900), 2, item_skus=OF_A, stacking_group="a"), coupon(PercentOff(1), 4, stacking_group="b")]
    found = reckoned(1000, [Line(900, 1, "A")], not_here, used_up, *some)
    assert {key: why.code for key, why in found.refused.items()} == {"cpn_01": "wrong-shop", "cpn_03": "nothing-left"}
    assert discounts(found) == [900, 1]


def test_nothing_is_left_after_others_took_it_all() -> None:
    found = reckoned(1000, [], coupon(AmountOff(1000), 1), coupon(AmountOff(1), 2), coupon(PercentOff(99), 3))
    assert (discounts(found), codes(found)) == ([1000], ["nothing-left", "nothing-left"])
    assert codes(reckoned(0, [], coupon(AmountOff(1)))) == ["nothing-left"]
    assert codes(reckoned(9, [], coupon(PercentOff(1)))) == ["nothing-left"]


def test_the_first_in_canonical_order_names_the_member() -> None:
    nobody = replace(HERE, member_id=None)
    bearer = coupon(Exchange("A", 100), 1, member_id=None)
    mine, other = coupon(AmountOff(10), 2), coupon(AmountOff(10), 3, member_id="mem_b")
    found = reckon(bill_of(3000, [A]), nobody, [other, mine, bearer])
    assert found.member_id == "mem_a"
    assert {key: why.code for key, why in found.refused.items()} == {"cpn_03": "coupon-of-another-member"}
    assert reckon(bill_of(3000, [A]), nobody, [bearer]).member_id is None
    assert reckon(bill_of(3000, [A]), HERE, [bearer]).member_id == "mem_a"


def test_a_bill_earns_unless_a_coupon_says_no() -> None:
    silent = coupon(AmountOff(10), 2, earns_points=False)
    assert reckoned(100, [], coupon(AmountOff(10))).earns_points
    assert not reckoned(100, [], coupon(AmountOff(10)), silent).earns_points
    assert reckoned(100, [], coupon(AmountOff(10), exclusive=True), silent).earns_points


class TestGranted:
    """Coupons that were redeemed for a bill before it was known."""

    def test_they_stand_and_later_ones_get_what_they_leave(self) -> None:
        granted = [Granted(coupon(AmountOff(700), 2), 700)]
        found = reckoned(1000, [], coupon(AmountOff(500), 1), granted=granted)
        assert [(one.coupon.coupon_id, one.discount) for one in found.applied] == [("cpn_02", 700), ("cpn_01", 300)]
        with_percent = reckoned(1000, [], coupon(PercentOff(50), 1), granted=granted)
        assert discounts(with_percent) == [700, 150]

    def test_on_a_smaller_bill_they_are_cut_in_canonical_order(self) -> None:
        granted = [Granted(coupon(PercentOff(50), 2), 500), Granted(coupon(AmountOff(700), 1), 700)]
        assert discounts(reckoned(1000, [], granted=granted)) == [700, 300]

    def test_they_are_taken_from_their_own_lines_first(self) -> None:
        granted = [Granted(coupon(AmountOff(4000), 1, item_skus=OF_A), 4000)]
        found = reckoned(8000, [A, B], granted=granted)
        assert found.applied[0].taken == {0: 3000, 1: 1000}

    def test_their_terms_hold_for_later_ones(self) -> None:
        granted = [Granted(coupon(AmountOff(10), 1, stacking_group="a"), 10)]
        found = reckoned(1000, [], coupon(AmountOff(5), 2, stacking_group="a"), granted=granted)
        assert found.refused == {"cpn_02": WhyNot("stacking-conflict", with_coupon_id="cpn_01")}

    def test_a_unit_that_was_given_is_not_given_again(self) -> None:
        granted = [Granted(coupon(Exchange("G", 0), 1), 400)]
        found = reckoned(1400, [Line(1000, 2, "G")], *(coupon(Exchange("G", 0), n) for n in (2, 3)), granted=granted)
        assert (discounts(found), codes(found)) == ([400, 500], ["nothing-left"])
        elsewhere = reckoned(500, [Line(300, 1, "B")], granted=granted)
        assert sorted(elsewhere.applied[0].taken.items()) == [(0, 240), (1, 160)]

    def test_they_name_the_member(self) -> None:
        granted = [Granted(coupon(AmountOff(10), 1), 10)]
        found = reckon(bill_of(50), replace(HERE, member_id=None), [coupon(AmountOff(5), 2, member_id="b")], granted)
        assert (found.member_id, codes(found)) == ("mem_a", ["coupon-of-another-member"])


@given(BILLS, coupons(6), st.randoms(use_true_random=False))
def test_the_order_of_codes_never_matters(bill: Bill, some: list[Presented], chance: Any) -> None:
    shuffled = some[:]
    chance.shuffle(shuffled)
    assert reckon(bill, HERE, shuffled) == reckon(bill, HERE, some)


@given(BILLS, coupons(8))
def test_no_line_and_no_bill_goes_below_zero(bill: Bill, some: list[Presented]) -> None:
    found = reckon(bill, HERE, some)
    assert 0 <= found.discount <= bill.amount
    assert found.applied.__len__() + len(found.refused) == len(some)
    for place, line in enumerate(bill.lines):
        assert sum(one.taken.get(place, 0) for one in found.applied) <= line.amount
    for one in found.applied:
        assert one.discount == sum(one.taken.values())
        assert one.coupon.terms.max_discount is None or one.discount <= one.coupon.terms.max_discount
        assert one.discount or isinstance(one.coupon.terms.benefit, Exchange)
        assert set(one.taken) <= set(bill.matching(one.coupon.terms)) or isinstance(one.coupon.terms.benefit, Exchange)


@given(BILLS, coupons(6))
def test_what_stays_is_a_set_that_a_sale_takes(bill: Bill, some: list[Presented]) -> None:
    found = reckon(bill, HERE, some)
    again = reckon(bill, HERE, [one.coupon for one in found.applied])
    assert (again.applied, again.refused) == (found.applied, {})


@given(BILLS, coupons(6))
def test_what_was_redeemed_one_by_one_stands_on_the_same_bill(bill: Bill, some: list[Presented]) -> None:
    granted = list[Granted]()
    for one in some:
        later = reckon(bill, HERE, [one], granted)
        if not later.refused:
            granted.append(Granted(one, later.applied[-1].discount))
    linked = reckon(bill, HERE, [], granted)
    assert {one.coupon.coupon_id: one.discount for one in linked.applied} == {
        one.coupon.coupon_id: one.discount for one in granted
    }
