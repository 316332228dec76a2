"""The best set of coupons: as brute force finds it, and every other coupon says why it isn't in it."""

from __future__ import annotations

from itertools import combinations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.coupons.bill.best import MOST_EXACT, best
from app.coupons.bill.discounts import canonical
from app.coupons.bill.lines import Bill, Line, bill_of
from app.coupons.bill.terms import AmountOff, Exchange, PercentOff, Presented
from app.coupons.bill.together import Granted, Reckoning, reckon
from app.coupons.bill.why_not import WhyNot
from tests.factories.bills import BILLS, HERE, coupon, coupons

OF_A, OF_B = frozenset({"A"}), frozenset({"B"})


def ids(found: Reckoning) -> list[str]:
    return [one.coupon.coupon_id for one in found.applied]


def rank(found: Reckoning) -> Any:
    """Smaller is better: as the design says, word by word."""
    some = [one.coupon for one in found.applied]
    return -found.discount, len(some), sorted(one.expires_at for one in some), [canonical(one) for one in some]


def by_brute_force(bill: Bill, some: list[Presented], granted: Any = ()) -> Reckoning:
    sets = (chosen for size in range(len(some) + 1) for chosen in combinations(some, size))
    found = (reckon(bill, HERE, chosen, granted) for chosen in sets)
    return min((one for one in found if not one.refused), key=rank)


def chosen_of(*some: Presented, amount: int = 1000, items: Any = ()) -> list[str]:
    return ids(best(bill_of(amount, items), HERE, some))


@given(BILLS, coupons(6))
def test_the_best_is_that_of_brute_force(bill: Bill, some: list[Presented]) -> None:
    found, wanted = best(bill, HERE, some), by_brute_force(bill, some)
    assert (found.applied, found.member_id) == (wanted.applied, wanted.member_id)
    assert len(found.applied) + len(found.refused) == len(some)


@given(BILLS, coupons(5), coupons(2))
def test_the_same_where_coupons_were_granted_before(bill: Bill, some: list[Presented], before: list[Presented]) -> None:
    granted = [Granted(coupon(one.terms.benefit, 100 + place), 90) for place, one in enumerate(before)]
    assert best(bill, HERE, some, granted).applied == by_brute_force(bill, some, granted).applied


@given(BILLS, coupons(12), st.randoms(use_true_random=False))
def test_no_set_that_a_sale_takes_is_better(bill: Bill, some: list[Presented], chance: Any) -> None:
    found = best(bill, HERE, some)
    assert rank(found) <= rank(reckon(bill, HERE, some))
    for _ in range(10):
        other = reckon(bill, HERE, chance.sample(some, chance.randint(0, len(some))))
        assert rank(found) <= rank(other)


@given(BILLS, coupons(6), st.randoms(use_true_random=False))
def test_the_order_in_which_coupons_are_held_never_matters(bill: Bill, some: list[Presented], chance: Any) -> None:
    shuffled = some[:]
    chance.shuffle(shuffled)
    assert best(bill, HERE, shuffled) == best(bill, HERE, some)


def test_one_of_a_group_and_all_that_stack() -> None:
    some = [
        coupon(AmountOff(300), 1, stacking_group="a"),
        coupon(PercentOff(40), 2, stacking_group="a"),
        coupon(AmountOff(100), 3),
    ]
    found = best(bill_of(1000), HERE, some)
    assert (ids(found), found.discount) == (["cpn_03", "cpn_02"], 460)
    assert found.refused == {"cpn_01": WhyNot("stacking-conflict", with_coupon_id="cpn_02")}


def test_an_exclusive_one_is_alone_or_not_there() -> None:
    all_but = [coupon(AmountOff(300), number) for number in (1, 2)]
    assert chosen_of(coupon(AmountOff(601), 3, exclusive=True), *all_but) == ["cpn_03"]
    found = best(bill_of(1000), HERE, [coupon(AmountOff(599), 3, exclusive=True), *all_but])
    assert ids(found) == ["cpn_01", "cpn_02"]
    assert found.refused == {"cpn_03": WhyNot("exclusive", with_coupon_id="cpn_01")}


def test_of_as_much_fewer_coupons_count() -> None:
    assert chosen_of(coupon(AmountOff(500), 1), coupon(AmountOff(500), 2), coupon(AmountOff(1000), 3)) == ["cpn_03"]


def test_of_as_many_those_count_that_end_earlier_one_by_one() -> None:
    ends = {1: 9, 2: 5, 3: 2, 4: 7}
    some = [coupon(AmountOff(500), number, days=days) for number, days in ends.items()]
    assert chosen_of(*some) == ["cpn_02", "cpn_03"]


def test_of_the_same_ends_the_first_in_canonical_order_count() -> None:
    assert chosen_of(*(coupon(AmountOff(500), number) for number in (3, 2, 4))) == ["cpn_02", "cpn_03"]
    assert chosen_of(coupon(PercentOff(50), 1), coupon(AmountOff(500), 2), coupon(AmountOff(500), 3)) == [
        "cpn_02",
        "cpn_03",
    ]


def test_what_gives_more_without_one_says_so() -> None:
    items = [Line(1000, sku="A"), Line(100, sku="B")]
    found = best(bill_of(1100, items), HERE, [coupon(AmountOff(100), 1), coupon(PercentOff(99), 2, item_skus=OF_B)])
    assert found.discount == 190
    half = [coupon(AmountOff(1), 1), coupon(PercentOff(50), 2, stacking_group="a"), coupon(PercentOff(50), 3)]
    at_price = coupon(Exchange("A", 1000), 4)
    found = best(bill_of(1100, items), HERE, [*half, at_price, coupon(AmountOff(1100), 5)])
    assert ids(found) == ["cpn_05"]
    assert {key: why.code for key, why in found.refused.items()} == {
        "cpn_01": "not-in-best",
        "cpn_02": "nothing-left",
        "cpn_03": "nothing-left",
        "cpn_04": "not-in-best",
    }


def test_what_is_not_applicable_says_why() -> None:
    some = [coupon(AmountOff(1), 1, min_amount=2000), coupon(AmountOff(1), 2, store_ids=frozenset({"str_b"}))]
    found = best(bill_of(1000), HERE, [*some, coupon(PercentOff(1), 3, item_skus=OF_A)])
    assert [why.code for why in found.refused.values()] == ["below-minimum", "wrong-shop", "no-matching-item"]
    assert best(bill_of(1000), HERE, []) == Reckoning(1000, (), {}, "mem_a")


def test_beyond_twelve_those_that_give_most_alone_are_tried() -> None:
    some = [coupon(AmountOff(10 + number), number) for number in range(1, MOST_EXACT + 3)]
    found = best(bill_of(10_000), HERE, some)
    assert len(found.applied) == MOST_EXACT
    assert found.refused == {"cpn_01": WhyNot("not-in-best"), "cpn_02": WhyNot("not-in-best")}


@pytest.mark.parametrize("first", [1, 2])
def test_of_those_that_give_as_much_alone_the_ones_that_end_earlier_are_tried(first: int) -> None:
    some = [coupon(AmountOff(10), number, days=9) for number in range(1, MOST_EXACT + 2)]
    some[first - 1] = coupon(AmountOff(10), first, days=10)
    found = best(bill_of(10_000), HERE, some)
    assert list(found.refused) == [f"cpn_{first:02}"]
