from __future__ import annotations

from collections import Counter
from datetime import date

import pytest

from demo import coupons, history
from demo.campaigns import BY_CODE, OFFERS
from demo.coupons import REGULARS, Plan
from demo.history import Purchase
from demo.street import MERCHANTS

SHIFT = history.day_shift(date(2026, 3, 2))
PRINTED = {"flyers", "street", "tea-time"}
MERCHANT_IDS = {merchant.code: f"mer_{merchant.code}" for merchant in MERCHANTS}


@pytest.fixture(scope="module")
def purchases() -> list[Purchase]:
    return history.by_date(history.read())


@pytest.fixture(scope="module")
def whole(purchases: list[Purchase]) -> Plan:
    return coupons.plan(purchases, SHIFT)


def _quick(purchases: list[Purchase]) -> Plan:
    return coupons.plan(history.first_customers(purchases, REGULARS), SHIFT)


def test_the_full_plan_holds_the_quick_one(purchases: list[Purchase], whole: Plan) -> None:
    quick = _quick(purchases)
    assert {line: whole.uses[line] for line in quick.uses} == quick.uses
    assert (quick.spares, quick.old_friends, quick.staff) == (whole.spares, whole.old_friends, whole.staff)
    assert {use.offer.code for line, use in whole.uses.items() if line not in quick.uses} == PRINTED


def test_every_offer_that_is_used_has_some_who_use_it(purchases: list[Purchase]) -> None:
    used = Counter(use.offer.code for use in _quick(purchases).uses.values())
    assert used.keys() == {offer.code for offer in OFFERS if offer.percent}
    assert min(used.values()) >= 5
    assert 0.05 < used.total() / 4_652 < 0.2


def test_coupons_follow_the_seasons(whole: Plan) -> None:
    for use in whole.uses.values():
        month = history.occurred_at(use.purchase, SHIFT).month
        assert month in use.offer.months
    months = {history.occurred_at(use.purchase, SHIFT).strftime("%Y-%m") for use in whole.uses.values()}
    assert len(months) >= 18


def test_nobody_uses_more_than_an_offer_allows(whole: Plan) -> None:
    had = Counter((use.offer.code, use.purchase.customer) for use in whole.uses.values())
    for (code, _), count in had.items():
        assert count <= BY_CODE[code].terms.get("per_member_limit", count)


def test_a_purchase_is_what_its_coupon_is_for(whole: Plan) -> None:
    for use in whole.uses.values():
        store, terms = history.store_of(use.purchase), use.offer.terms
        assert use.purchase.amount >= max(1, terms.get("min_amount", 0))
        assert store.merchant_code in (use.offer.merchants or MERCHANT_IDS)
        if terms["kind"] == "exchange":
            [item] = history.items(use.purchase, store)
            assert item["sku"] == terms["sku"]
            assert item["amount"] // item["quantity"] > terms["exchange_price"]


def test_points_are_there_before_they_are_spent(purchases: list[Purchase], whole: Plan) -> None:
    earned: Counter[int] = Counter()
    for purchase in purchases:
        if whole.is_late(purchase):
            earned[purchase.customer] -= whole.uses[purchase.line].offer.terms["points_price"]
            assert earned[purchase.customer] >= 0
        earned[purchase.customer] += purchase.amount // 100


def test_some_of_it_comes_back_on_the_same_day(whole: Plan) -> None:
    used = [use.purchase for use in whole.uses.values()]
    back = [(one, body) for one in used if (body := coupons.refund(one, SHIFT, MERCHANT_IDS)) is not None]
    assert 0.03 < len(back) / len(used) < 0.12
    assert {body["amount"] == one.amount for one, body in back} == {True, False}
    for one, body in back:
        assert 0 < body["amount"] <= one.amount
        assert body["transaction_reference"] == one.reference
        assert body["occurred_at"] > history.occurred_at(one, SHIFT).isoformat()


def test_a_voucher_brings_the_number_of_its_payment(whole: Plan) -> None:
    voucher = next(use for use in whole.uses.values() if use.offer.code == "government")
    flyer = next(use for use in whole.uses.values() if use.offer.code == "flyers")
    assert len(coupons.with_coupon({}, voucher, "A")["payment_reference"]) == 28
    assert coupons.with_coupon({}, flyer, "A") == {"coupons": ["A"]}
    assert (
        coupons.with_coupon({"amount": 1}, flyer, None)
        == coupons.with_coupon({"amount": 1}, None, "A")
        == {"amount": 1}
    )


def test_the_guest_holds_what_may_be_claimed(whole: Plan) -> None:
    held = {offer.code for offer, customer in whole.spares if customer == coupons.GUEST}
    assert held == {offer.code for offer in OFFERS if "claim" in offer.terms["issuing"] and offer.course != "draft"}
    assert coupons.GUEST not in whole.staff


def test_campaigns_are_of_every_kind_way_and_course() -> None:
    assert {offer.terms["kind"] for offer in OFFERS} == {"amount_off", "percent_off", "exchange"}
    assert {offer.way for offer in OFFERS} == {"claim", "points", "targeted", "code_batch", "automatic"}
    assert {offer.course for offer in OFFERS} == {"runs", "draft", "ends", "pauses"}
    assert len({offer.name for offer in OFFERS}) == len(BY_CODE) == len(OFFERS)
    assert all(code in MERCHANT_IDS for offer in OFFERS for code in (*offer.merchants, offer.sponsor or "A101"))
