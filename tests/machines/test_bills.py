"""Any bill with any coupons comes to what it comes to by pencil: what is taken of each line, why not, the best set, who
pays, and what refunds give back; `--lives 10000` tries 500,000 of them.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, timedelta
from random import Random
from typing import Any

import pytest

from app.coupons.bill import giving_back, lines
from app.coupons.bill.best import best
from app.coupons.bill.compile import terms_of
from app.coupons.bill.funding import funded, funded_still
from app.coupons.bill.judging import Occasion
from app.coupons.bill.terms import Presented
from app.coupons.bill.together import Reckoning, reckon
from tests.factories.any_bills import DAY, NO_TERMS, ZONE, any_bill, any_terms, any_tickets
from tests.factories.reckoning import bills as pencil

SIZES = (10, 400, 12_800)


@pytest.fixture
def many(request: pytest.FixtureRequest) -> int:
    """How many bills."""
    return 50 * int(request.config.getoption("--lives"))


def tickets_of(*several: dict[str, Any]) -> list[pencil.Ticket]:
    return [
        pencil.Ticket(f"cam_{number}", f"cpn_{number}", {**NO_TERMS, **terms}, DAY + timedelta(days=1))
        for number, terms in enumerate(several)
    ]


OFF_1000 = {"kind": "amount_off", "amount_off": 1_000, "min_amount": 10_000, "stacking_group": "a"}
OFF_12 = {"kind": "percent_off", "percent_off": 12, "stacking_group": "b"}
OFF_20 = {"kind": "percent_off", "percent_off": 20, "stacking_group": "c"}
A, B = pencil.Line("A", "a", 1, 3_000), pencil.Line("B", "b", 1, 5_000)
OF_A = {"kind": "amount_off", "amount_off": 2_000, "item_categories": ["a"]}
HALF, SIXTY = ({"kind": "percent_off", "percent_off": percent} for percent in (50, 60))


@pytest.mark.parametrize(
    ("amount", "items", "several", "discounts"),
    [
        (12_800, (), [OFF_1000], [1_000]),
        (12_800, (), [OFF_12, OFF_1000], [1_416, 1_000]),
        (12_800, (), [OFF_12, OFF_20], [1_536, 2_560]),
        (500, (), [{**OFF_1000, "min_amount": 0}], [500]),
        (8_000, (A, B), [OF_A, HALF], [2_000, 3_000]),
        (
            3_000,
            (pencil.Line("A", None, 2, 3_000),),
            [{"kind": "exchange", "sku": "A", "exchange_price": 100}],
            [1_400],
        ),
        (1_000, (), [{"kind": "amount_off", "amount_off": 700}, SIXTY], [700, 180]),
    ],
    ids=str,
)
def test_the_pencil_knows_the_figures_of_the_design(
    amount: int, items: tuple[pencil.Line, ...], several: list[dict[str, Any]], discounts: list[int]
) -> None:
    told = pencil.chosen(tickets_of(*several), pencil.Bill(amount, items, DAY, "mer_a", "str_a"))
    assert list(told.values()) == [(discount, {}) for discount in discounts]


def test_the_pencil_knows_what_is_missing_and_who_pays() -> None:
    told = pencil.chosen(tickets_of(OFF_1000), pencil.Bill(9_999, (), DAY, "mer_a", "str_a"))
    assert told == {"cpn_0": (0, {"below-minimum": 1})}
    assert pencil.funders({"funding": {"district": 60, "merchant": 40, "government": 0}}, 1_001)["district"] == 601
    left = pencil.funders(
        {"funding": {"district": 5, "merchant": 15, "government": 80}},
        10,
        {"district": 0, "merchant": 2, "government": 9},
    )
    assert left == {"district": 0, "merchant": 2, "government": 8}


def test_the_pencil_knows_what_comes_back_by_items_and_in_proportion() -> None:
    items = (pencil.Line("A", None, 1, 10_000), pencil.Line("G", None, 1, 10_000))
    sale = pencil.Paid(20_000, items, {"cpn_0": {1: 10_000}})
    gift = sale.gone_by_items({1: 1}, pencil.Gone())
    assert (gift.money, gift.discounts) == (0, {"cpn_0": 10_000})
    assert sale.gone_by_items({0: 1, 1: 1}, gift).money == 10_000
    half = sale.gone_in_proportion(10_000)
    assert (half.money, half.discounts) == (5_000, {"cpn_0": 5_000})


def presented(ticket: pencil.Ticket) -> Presented:
    begins = ticket.ends - timedelta(days=90)
    return Presented(ticket.id, terms_of(ticket.campaign_id, ticket.terms), begins, ticket.ends)


def occasion(bill: pencil.Bill) -> Occasion:
    return Occasion(
        bill.local.astimezone(UTC),
        ZONE,
        bill.merchant_id,
        bill.store_id,
        bill.category,
        bill.channel,
        points_to_spend=bill.points,
    )


def items_of(bill: pencil.Bill) -> list[lines.Line]:
    return [lines.Line(one.amount, one.quantity, one.sku, one.category) for one in bill.items]


def told_by_product(found: Reckoning) -> dict[str, dict[int, int]]:
    return {one.coupon.coupon_id: nonzero(one.taken) for one in found.applied}


def nonzero(taken: dict[int, int]) -> dict[int, int]:
    return {place: fen for place, fen in sorted(taken.items()) if fen}


def test_what_coupons_take_is_as_reckoned(many: int) -> None:
    for seed in range(many):
        chance = Random(f"taken {seed}")
        size = chance.choice(SIZES)
        bill, tickets = any_bill(chance, size), any_tickets(chance, size, 6)
        found = reckon(lines.bill_of(bill.amount, items_of(bill)), occasion(bill), map(presented, tickets))
        told = pencil.chosen(tickets, bill)
        taken = pencil.take([one for one in tickets if not told[one.id][1]], bill).lines
        assert told_by_product(found) == {key: nonzero(parts) for key, parts in taken.items()}, seed
        for coupon_id, why in found.refused.items():
            against = told[coupon_id][1]
            assert why.code in against, seed
            assert why.code == "wrong-shop" or "wrong-shop" not in against, seed
            assert why.missing == against[why.code], seed
        assert not found.refused.keys() & taken.keys(), seed


def test_the_best_set_is_as_reckoned(many: int) -> None:
    for seed in range(many // 5):
        chance = Random(f"best {seed}")
        size = chance.choice(SIZES)
        bill = any_bill(chance, size)
        tickets = any_tickets(chance, size, chance.choice((3, 5, 7)), is_picky=False)
        found = best(lines.bill_of(bill.amount, items_of(bill)), occasion(bill), map(presented, tickets))
        assert [one.coupon.coupon_id for one in found.applied] == [one.id for one in pencil.best(tickets, bill)], seed
        assert len(found.applied) + len(found.refused) == len(tickets), seed


@pytest.mark.parametrize("seed", range(3))
def test_of_very_many_coupons_those_are_tried_that_give_most(seed: int) -> None:
    chance = Random(f"many {seed}")
    bill, tickets = replace(any_bill(chance, 12_800), points=0), any_tickets(chance, 3_000, 12, is_picky=False)
    tickets = [replace(one, id=f"{one.id}{copy}") for one in tickets for copy in "ab"]
    found = best(lines.bill_of(bill.amount, items_of(bill)), occasion(bill), map(presented, tickets))
    assert [one.coupon.coupon_id for one in found.applied] == [one.id for one in pencil.best(tickets, bill)]


def test_who_pays_is_as_reckoned(many: int) -> None:
    for seed in range(many):
        chance = Random(f"funders {seed}")
        terms, left = any_terms(chance, 100), chance.randint(1, chance.choice((20, 5_000)))
        shares, told = funded(left, terms["funding"]), pencil.funders(terms, left)
        while True:
            assert {party: shares.get(party, 0) for party in pencil.PARTIES} == told, seed  # type: ignore[call-overload]
            if not left:
                break
            left -= chance.randint(1, left)
            shares, told = funded_still(left, terms["funding"], shares), pencil.funders(terms, left, told)


def test_what_refunds_give_back_is_as_reckoned(many: int) -> None:
    for seed in range(many):
        chance = Random(f"back {seed}")
        size = chance.choice(SIZES)
        bill = any_bill(chance, size)
        taken = pencil.take(any_tickets(chance, size, 4, is_picky=False), bill)
        payable = bill.amount - taken.discount
        worth = chance.randint(0, payable)
        points = chance.randint(1, 2 * worth) if worth else 0
        sale = pencil.Paid(bill.amount, bill.items, taken.lines, points, worth)
        give_back_by_items(chance, sale, seed)


def give_back_by_items(chance: Random, sale: pencil.Paid, seed: int) -> None:
    """One piece after the other, as long as there are units."""
    items = [lines.Line(one.amount, one.quantity, one.sku, one.category) for one in sale.items]
    paid = giving_back.Paid(sale.money, sale.points, sale.points_amount)
    units: dict[int, int] = {}
    before, back = pencil.Gone(), giving_back.Paid(0)
    left = [place for place, item in enumerate(items) for _ in range(item.quantity)]
    chance.shuffle(left)
    for place in left:
        units = giving_back.units_with(items, units, [(place, 1)])
        gone = sale.gone_by_items(units, before)
        amount = giving_back.amount_of_units(items, units)
        discounts = {key: giving_back.discount_by_units(items, one, units) for key, one in sale.taken.items()}
        back = giving_back.paid_back(paid, amount - sum(discounts.values()), back)
        assert (amount, back.points, back.money) == (gone.amount, gone.points, gone.money), (seed, units)
        assert discounts == {**dict.fromkeys(discounts, 0), **gone.discounts}, (seed, units)
        before = gone
