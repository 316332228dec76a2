"""Sales with coupons are given back: what coupons took comes back in its part, and with all of a sale the coupons do."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest
from flask import Flask

from tests.factories.books import broken, uuid
from tests.factories.coupons import act, campaign_of, claim, new_campaign
from tests.factories.districts import District
from tests.factories.problems import check_problem
from tests.factories.refunds import give_back, refund

GIFT: dict[str, Any] = {"kind": "exchange", "amount_off": None, "sku": "G", "exchange_price": 0, "min_amount": 0}
A, G = {"sku": "A", "amount": 10_000}, {"sku": "G", "amount": 10_000}


@pytest.fixture(autouse=True)
def books(district: District, app: Flask) -> Any:
    """Whatever a test does, the books hold afterwards."""
    yield
    with app.app_context():
        assert broken(district.id) == {}


def coupon(district: District, member_id: str, **terms: Any) -> Any:
    """A coupon of a campaign of its own."""
    return claim(district, new_campaign(district, **terms)["id"], member_id).ok(201)


def counts(district: District, made: Any) -> dict[str, Any]:
    """Those counts of a coupon's campaign that aren't 0 or null."""
    return {name: one for name, one in campaign_of(district, made["campaign_id"])["counts"].items() if one}


def now(district: District, made: Any) -> Any:
    """A coupon as it is."""
    return district.api.get(f"/v1/coupons/{made['code']}", district.key).ok(200)


def sold(district: District, **sale: Any) -> Any:
    """A sale that is recorded."""
    return district.report(**sale).ok(201)


def back(given: Any) -> tuple[int, int, int]:
    """Money, discount and spent points that a refund gives back."""
    return given["money_amount"], given["discount_reversed"], given["points_restored"]


def redemption_of(district: District, superuser: psycopg.Connection, made: Any) -> tuple[Any, ...]:
    """State, discount returned and the parts of what is left, of a coupon's last redemption."""
    query = """
        SELECT state, discount_returned, district_part, merchant_part, government_part FROM redemptions
        WHERE coupon_id = %s ORDER BY redeemed_at DESC LIMIT 1
    """
    row = superuser.execute(query, (uuid(made["id"]),)).fetchone()
    assert row is not None
    return tuple(row)


def by_items(district: District, sale: Any, amount: int, *items: tuple[int, int], **more: Any) -> Any:
    """Gives items of a sale back: the places of its items, and how many units of each."""
    returned = [{"line": line, "quantity": quantity} for line, quantity in items]
    return give_back(district, sale["id"], amount, items=returned, **more)


def test_what_a_coupon_took_comes_back_in_proportion(district: District, superuser: psycopg.Connection) -> None:
    """Of 12800 with 1001 off, paid by 60 and 40 percent: a part of each, rounded down, and at the end all."""
    member = district.member()
    made = coupon(
        district, member, amount_off=1_001, budget=5_000, funding={"district": 60, "merchant": 40, "government": 0}
    )
    sale = sold(district, member_id=member, amount=12_800, coupons=[made["code"]])
    assert redemption_of(district, superuser, made) == ("redeemed", 0, 601, 400, 0)
    assert back(give_back(district, sale["id"], 5_000)) == (4_608, 391, 0)
    assert redemption_of(district, superuser, made) == ("redeemed", 391, 366, 244, 0)
    assert counts(district, made) == {"issued": 1, "redeemed": 1, "budget_left": 4_390, "discount_given": 610}
    assert now(district, made)["status"] == "redeemed"
    assert back(give_back(district, sale["id"], 7_800)) == (7_191, 610, 0)
    assert redemption_of(district, superuser, made) == ("returned", 1_001, 0, 0, 0)
    assert counts(district, made) == {"issued": 1, "budget_left": 3_999}
    assert now(district, made)["status"] == "issued"
    [told] = district.api.get("/v1/events?type=coupon.returned", district.key).ok(200)["data"]
    assert (told["data"]["coupon_id"], told["data"]["campaign_id"]) == (made["id"], made["campaign_id"])


def test_a_coupon_that_came_back_is_used_again(district: District) -> None:
    member = district.member()
    made = coupon(district, member)
    body = {"member_id": member, "amount": 12_800, "coupons": [made["code"]]}
    for _ in range(3):
        sale = sold(district, **body)
        assert sale["discount_amount"] == 1_000
        assert back(give_back(district, sale["id"], 12_800)) == (11_800, 1_000, 0)
    assert counts(district, made) == {"issued": 1}


def test_a_forfeited_coupon_stays_used(district: District, superuser: psycopg.Connection) -> None:
    member = district.member()
    made = coupon(district, member, on_refund="forfeit", budget=5_000)
    sale = sold(district, member_id=member, amount=12_800, coupons=[made["code"]])
    give_back(district, sale["id"], 12_800)
    assert now(district, made)["status"] == "redeemed"
    assert redemption_of(district, superuser, made) == ("returned", 1_000, 0, 0, 0)
    assert counts(district, made) == {"issued": 1, "redeemed": 1, "budget_left": 5_000}
    assert district.api.get("/v1/events?type=coupon.returned", district.key).ok(200)["data"] == []


def test_two_coupons_each_give_back_their_part(district: District) -> None:
    """1000 and 12 % of the rest: floor(1000 × R / A) + floor(1416 × R / A), not floor(2416 × R / A)."""
    member = district.member()
    off = coupon(district, member, stacking_group="a")
    percent = coupon(
        district, member, kind="percent_off", percent_off=12, amount_off=None, min_amount=0, stacking_group="b"
    )
    sale = sold(district, member_id=member, amount=12_800, coupons=[off["code"], percent["code"]])
    given = give_back(district, sale["id"], 3_333)
    assert given["discount_reversed"] == 1_000 * 3_333 // 12_800 + 1_416 * 3_333 // 12_800 == 628
    assert 2_416 * 3_333 // 12_800 == 629


def test_a_gift_is_given_back_by_its_line_or_in_proportion(district: District) -> None:
    """The worked figures: A 10000 and a gift of 10000."""
    member = district.member()
    made = coupon(district, member, **GIFT)
    body = {"member_id": member, "amount": 20_000, "items": [A, G], "coupons": [made["code"]]}
    sale = sold(district, **body)
    given = by_items(district, sale, 10_000, (1, 1))
    assert (back(given), given["items"]) == ((0, 10_000, 0), [{"line": 1, "quantity": 1}])
    assert (given["points_reversed"], now(district, made)["status"]) == (0, "redeemed")
    given = by_items(district, sale, 10_000, (0, 1))
    assert (back(given), given["points_reversed"]) == ((10_000, 0, 0), 100)
    assert now(district, made)["status"] == "issued"
    sale = sold(district, **body)
    assert back(give_back(district, sale["id"], 10_000)) == (5_000, 5_000, 0)


def test_points_come_back_by_what_was_payable(district: District) -> None:
    member, key = district.member(), district.key
    sold(district, member_id=member, amount=1_000_000)
    district.api.patch("/v1/programme", {"spend_proof": "any"}, key).ok(200)
    made = coupon(district, member, **GIFT)
    items = [{"sku": "A", "amount": 10_000, "quantity": 2}, G]
    body = {"member_id": member, "amount": 20_000, "items": items, "coupons": [made["code"]]}
    sale = sold(district, **body, points_to_spend=301)
    assert back(by_items(district, sale, 10_000, (1, 1))) == (0, 10_000, 0)
    assert back(by_items(district, sale, 5_000, (0, 1))) == (4_850, 0, 150)
    assert back(by_items(district, sale, 5_000, (0, 1))) == (4_849, 0, 151)


def test_what_is_left_eligible_follows_the_money(district: District) -> None:
    """10 of 300 paid come back: 290 of 300 still earn; in proportion it would be another part."""
    member = district.member()
    made = coupon(district, member, amount_off=9_000, item_skus=["A"], min_amount=0)
    items = [{"sku": "A", "amount": 10_000}, {"sku": "B", "amount": 29_000}]
    sale = sold(district, member_id=member, amount=39_000, items=items, coupons=[made["code"]], eligible_amount=15_000)
    assert (sale["paid_amount"], sale["points_earned"]) == (30_000, 150)
    given = by_items(district, sale, 10_000, (0, 1))
    assert (back(given), given["points_reversed"]) == ((1_000, 9_000, 0), 5)
    given = by_items(district, sale, 29_000, (1, 1))
    assert (back(given), given["points_reversed"]) == ((29_000, 0, 0), 145)


def test_units_are_rounded_down_so_far_as_they_come_back(district: District) -> None:
    member = district.member()
    made = coupon(district, member, amount_off=100, min_amount=0)
    items = [{"sku": "A", "amount": 1_000, "quantity": 3}]
    sale = sold(district, member_id=member, amount=1_000, items=items, coupons=[made["code"]])
    assert back(by_items(district, sale, 333, (0, 1))) == (300, 33, 0)
    assert back(by_items(district, sale, 667, (0, 1), (0, 1))) == (600, 67, 0)


def test_a_refund_may_give_back_more_discount_than_its_own_bill(district: District) -> None:
    """Two coupons of 5 on 10: each is rounded by itself, so 3 of the bill give 4 back; in sum never more than was taken."""
    member = district.member()
    made = [coupon(district, member, amount_off=5, min_amount=0, stacking_group=group) for group in "ab"]
    items = [{"sku": "A", "amount": 10, "quantity": 3}]
    sale = sold(district, member_id=member, amount=10, items=items, coupons=[one["code"] for one in made])
    assert [back(by_items(district, sale, amount, (0, 1))) for amount in (3, 3, 4)] == [(0, 2, 0), (0, 4, 0), (0, 4, 0)]
    sale = sold(district, member_id=member, amount=10, coupons=[one["code"] for one in made])
    assert [back(give_back(district, sale["id"], 1)) for _ in range(2)] == [(0, 0, 0), (0, 2, 0)]


@pytest.mark.parametrize(
    ("amount", "items", "pointer"),
    [
        (10_000, [(2, 1)], "/items/0"),
        (20_000, [(0, 1), (1, 2)], "/items/1"),
        (30_000, [(0, 1), (1, 1), (0, 1)], "/items/2"),
        (9_999, [(0, 1)], "/amount"),
        (20_000, [(0, 1)], "/amount"),
    ],
)
def test_items_that_do_not_fit_are_refused(
    district: District, amount: int, items: list[tuple[int, int]], pointer: str
) -> None:
    member = district.member()
    made = coupon(district, member, **GIFT)
    sale = sold(district, member_id=member, amount=20_000, items=[A, G], coupons=[made["code"]])
    returned = [{"line": line, "quantity": quantity} for line, quantity in items]
    refused = refund(district, transaction_id=sale["id"], amount=amount, items=returned)
    assert check_problem(refused, 422, "validation-failed").pointers == {pointer}
    told = district.api.get(f"/v1/transactions/{sale['id']}", district.key).ok(200)
    assert (told["status"], counts(district, made)["discount_given"]) == ("recorded", 10_000)


def test_what_came_back_by_items_comes_back_once(district: District) -> None:
    sale = sold(district, member_id=district.member(), amount=20_000, items=[A, G])
    by_items(district, sale, 10_000, (1, 1))
    refused = refund(district, transaction_id=sale["id"], amount=10_000, items=[{"line": 1}])
    assert check_problem(refused, 422, "validation-failed").pointers == {"/items/0"}
    assert back(by_items(district, sale, 10_000, (0, 1))) == (10_000, 0, 0)
    refused = refund(district, transaction_id=sale["id"], amount=10_000, items=[{"line": 1}])
    assert check_problem(refused, 422, "validation-failed").pointers == {"/items/0"}


def test_a_sale_is_refunded_one_way_until_all_that_is_left_goes(district: District) -> None:
    member = district.member()
    body = {"member_id": member, "amount": 25_000, "items": [A, G]}
    line = {"line": 0, "quantity": 1}

    sale = sold(district, **body)
    by_items(district, sale, 10_000, (1, 1))
    refused = refund(district, transaction_id=sale["id"], amount=10_000)
    assert check_problem(refused, 409, "refund-way").pointers == {"/amount"}
    assert check_problem(refund(district, transaction_id=sale["id"], amount=15_001), 422).pointers == {"/amount"}
    assert back(give_back(district, sale["id"], 15_000)) == (15_000, 0, 0)

    sale = sold(district, **body)
    give_back(district, sale["id"], 5_000)
    refused = refund(district, transaction_id=sale["id"], amount=10_000, items=[line])
    assert check_problem(refused, 409, "refund-way").pointers == {"/items"}
    give_back(district, sale["id"], 10_000)
    assert back(by_items(district, sale, 10_000, (0, 1))) == (10_000, 0, 0)
    for more in ({}, {"items": [line]}):
        assert refund(district, transaction_id=sale["id"], amount=10_000, **more).status == 422


def test_the_same_refund_by_items_is_told_again(district: District) -> None:
    sale = sold(district, member_id=district.member(), amount=20_000, items=[A, G])
    body = {"transaction_id": sale["id"], "reference": "F1", "amount": 20_000}
    lines = [{"line": 0}, {"line": 1}]
    made = refund(district, **body, items=lines).ok(201)
    again = refund(district, **body, items=lines[::-1])
    assert (again.status, again.body["id"], again.body["items"]) == (200, made["id"], made["items"])
    assert district.api.get(f"/v1/refunds/{made['id']}", district.key).ok(200)["items"] == made["items"]
    for other in ([], [{"line": 0}]):
        refused = refund(district, **body, items=other)
        assert check_problem(refused, 409, "refund-reference-conflict").pointers == {"/items"}


def test_a_batch_of_refunds_sees_what_those_before_it_took(district: District) -> None:
    member = district.member()
    made = coupon(district, member, budget=5_000)
    sale = sold(district, member_id=member, amount=20_000, items=[A, G], coupons=[made["code"]])
    bodies = [
        {"transaction_id": sale["id"], "reference": f"B{number}", "amount": 10_000, "items": [{"line": line}]}
        for number, line in enumerate((0, 0, 1))
    ]
    answer = district.api.post("/v1/refunds/batch", {"refunds": bodies}, district.key).ok(200)
    assert [one["status"] for one in answer["results"]] == [201, 422, 201]
    assert [back(one["refund"]) for one in answer["results"] if "refund" in one] == [(9_500, 500, 0)] * 2
    assert counts(district, made) == {"issued": 1, "budget_left": 4_000}
    assert now(district, made)["status"] == "issued"


@pytest.mark.parametrize("verb", ["pause", "end"])
def test_a_coupon_comes_back_whatever_became_of_its_campaign(district: District, verb: str) -> None:
    member = district.member()
    made = coupon(district, member)
    sale = sold(district, member_id=member, amount=12_800, coupons=[made["code"]])
    act(district, made["campaign_id"], verb).ok(200)
    give_back(district, sale["id"], 12_800)
    assert now(district, made)["status"] == "issued"
    again = district.report(member_id=member, amount=12_800, coupons=[made["code"]])
    assert again.status == (422 if verb == "pause" else 201)


def test_a_coupon_that_comes_back_is_set_aside_past_the_budget(district: District) -> None:
    """It was promised; nothing more is issued until the budget has room again."""
    one, two, three = (district.member() for _ in range(3))
    campaign = new_campaign(district, budget=1_300, amount_off=1_000, min_amount=0)
    first = claim(district, campaign["id"], one).ok(201)
    sale = sold(district, member_id=one, amount=300, coupons=[first["code"]])
    assert sale["discount_amount"] == 300
    second = claim(district, campaign["id"], two).ok(201)
    give_back(district, sale["id"], 300)
    assert counts(district, first) == {"issued": 2, "budget_left": -700}
    check_problem(claim(district, campaign["id"], three), 409, "campaign-sold-out")
    district.api.post(f"/v1/coupons/{second['code']}/void", {"reason": "mistake"}, district.key).ok(200)
    check_problem(claim(district, campaign["id"], three), 409, "campaign-sold-out")
    district.api.post(f"/v1/coupons/{first['code']}/void", {"reason": "mistake"}, district.key).ok(200)
    claim(district, campaign["id"], three).ok(201)


def test_the_coupon_of_who_left_is_voided(district: District) -> None:
    member = district.member()
    made = coupon(district, member, budget=5_000)
    sale = sold(district, member_id=member, amount=12_800, coupons=[made["code"]])
    district.api.delete(f"/v1/members/{member}", district.key).ok(200)
    assert back(give_back(district, sale["id"], 12_800)) == (11_800, 1_000, 0)
    assert now(district, made)["status"] == "voided"
    assert counts(district, made) == {"issued": 1, "voided": 1, "budget_left": 5_000}


def test_the_coupon_of_who_was_merged_is_the_survivors(district: District) -> None:
    member, survivor = district.member(), district.member()
    made = coupon(district, member)
    sale = sold(district, member_id=member, amount=12_800, coupons=[made["code"]])
    district.api.post(f"/v1/members/{member}/merge", {"into": survivor}, district.key).ok(200)
    give_back(district, sale["id"], 12_800)
    told = now(district, made)
    assert (told["status"], told["member_id"]) == ("issued", survivor)
    sold(district, member_id=survivor, amount=12_800, coupons=[made["code"]])


def test_a_coupon_names_nobody_to_who_refunds(district: District) -> None:
    """Its code told the till nothing of the member, and neither does the refund."""
    member, till = district.member(), district.shop.key
    made = coupon(district, member)
    sale = sold(district, key=till, amount=12_800, coupons=[made["code"]])
    assert sale["member_id"] is None
    given = give_back(district, sale["id"], 6_400, key=till)
    assert (given["member_id"], given["balance"], given["points_reversed"]) == (None, None, 59)
    told = district.api.get(f"/v1/refunds/{given['id']}", till).ok(200)
    assert (told["member_id"], told["balance"]) == (None, None)
    assert district.api.get(f"/v1/refunds/{given['id']}", district.key).ok(200)["member_id"] == member
    [event] = district.api.get("/v1/events?type=refund.recorded", district.key).ok(200)["data"]
    assert (event["data"]["member_id"], event["data"]["transaction_status"]) == (None, "partially_refunded")
