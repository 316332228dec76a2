"""Coupons are redeemed apart from their sales, listed, and rolled back."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import psycopg
import pytest
from flask import Flask

from tests.factories.books import broken
from tests.factories.clock import SetClock
from tests.factories.coupons import (
    act,
    campaign_of,
    claim,
    coupon_of,
    new_campaign,
    new_coupon,
    redeem,
    redemption_of,
    redemptions_of,
    reserve,
    roll_back,
    told,
)
from tests.factories.districts import District
from tests.factories.problems import check_problem
from tests.journeys.test_reservations import why

GIFT = {"kind": "exchange", "amount_off": None, "min_amount": 0, "sku": "T-88", "exchange_price": 0}


@pytest.fixture(autouse=True)
def books(request: pytest.FixtureRequest, app: Flask) -> Any:
    """Whatever a test does, the books hold afterwards."""
    ids = [request.getfixturevalue(one).id for one in ("district", "timed") if one in request.fixturenames]
    yield
    with app.app_context():
        assert {one: broken(one) for one in ids} == {one: {} for one in ids}


def counts(district: District, campaign_id: str) -> dict[str, Any]:
    """Those counts of a campaign that aren't 0 or null."""
    return {name: one for name, one in campaign_of(district, campaign_id)["counts"].items() if one}


def test_a_coupon_is_redeemed_for_a_bill(timed: District, clock: SetClock) -> None:
    shop, funding = timed.shop, {"district": 60, "merchant": 40, "government": 0}
    coupon = new_coupon(timed, amount_off=1_001, budget=5_000, funding=funding)
    made = redeem(timed, coupon["code"], key=shop.key).ok(201)
    at = clock().isoformat().replace("+00:00", "Z")
    assert made == {
        "object": "redemption",
        "id": made["id"],
        "coupon_id": coupon["id"],
        "campaign_id": coupon["campaign_id"],
        "merchant_id": shop.merchant_id,
        "store_id": shop.store_id,
        "reference": "A-1",
        "transaction_id": None,
        "amount": 12_800,
        "discount_amount": 1_001,
        "discount_returned": 0,
        "funding": {"district": 601, "merchant": 400, "government": 0},
        "state": "redeemed",
        "reasons": [],
        "review_reason": None,
        "redeemed_at": at,
        "ended_at": None,
    }
    assert redemption_of(timed, made["id"], key=shop.key) == made
    assert coupon_of(timed, coupon["code"]) == {**coupon, "status": "redeemed", "ended_at": at}
    given = {"issued": 1, "redeemed": 1, "discount_given": 1_001, "budget_left": 3_999}
    assert counts(timed, coupon["campaign_id"]) == given
    [event] = told(timed, "redeemed")
    assert (event["redemption_id"], event["transaction_id"]) == (made["id"], None)


def test_again_for_the_same_bill_it_answers_alike(timed: District, clock: SetClock) -> None:
    coupon, items = new_coupon(timed), [{"sku": "T-88", "name": "龙井", "amount": 12_800}]
    made = redeem(timed, coupon["code"], items=items).ok(201)
    clock.move(timedelta(days=60))
    assert redeem(timed, coupon["code"], items=items).ok(200) == made
    for other, pointer in (
        ({"amount": 12_900}, "/amount"),
        ({"channel": "app"}, "/channel"),
        ({"items": []}, "/items"),
    ):
        refused = check_problem(redeem(timed, coupon["code"], **{"items": items, **other}), 409, "reference-conflict")
        assert refused.pointers == {pointer}
    assert why(redeem(timed, coupon["code"], reference="A-2")) == [("/code", "redeemed")]
    theirs = redeem(timed, coupon["code"], store_id=timed.other_shop.store_id)
    assert why(theirs) == [("/code", "redeemed")]
    assert redemptions_of(timed) == [made]


def test_under_one_idempotency_key_it_answers_as_it_did(district: District) -> None:
    coupon = new_coupon(district)
    made = redeem(district, coupon["code"], idempotency_key="one").ok(201)
    roll_back(district, made["id"]).ok(200)
    again = redeem(district, coupon["code"], idempotency_key="one")
    assert (again.ok(201), again.headers["Idempotent-Replayed"]) == (made, "true")


def test_those_of_one_reference_are_judged_together(district: District) -> None:
    member = district.member()
    first = new_coupon(district, member, amount_off=1_000, stacking_group="a")
    second = new_coupon(district, member, kind="percent_off", amount_off=None, percent_off=12, stacking_group="b")
    third = new_coupon(district, member, stacking_group="a")
    others = new_coupon(district, stacking_group="c")
    assert redeem(district, first["code"]).ok(201)["discount_amount"] == 1_000
    assert redeem(district, second["code"]).ok(201)["discount_amount"] == 1_416
    assert why(redeem(district, third["code"])) == [("/code", "stacking-conflict")]
    assert why(redeem(district, others["code"])) == [("/code", "coupon-of-another-member")]
    redeem(district, third["code"], reference="A-2").ok(201)
    assert redeem(district, others["code"], reference="A-3").ok(201)["discount_amount"] == 1_000


def test_what_a_later_one_finds_is_what_the_earlier_left(district: District) -> None:
    member = district.member()
    first = new_coupon(district, member, min_amount=0, amount_off=800, stacking_group="a")
    second = new_coupon(district, member, min_amount=0, amount_off=800, stacking_group="b")
    third = new_coupon(district, member, min_amount=0, amount_off=800, stacking_group="c")
    redeem(district, first["code"], amount=1_000).ok(201)
    assert redeem(district, second["code"], amount=1_000).ok(201)["discount_amount"] == 200
    assert why(redeem(district, third["code"], amount=1_000)) == [("/code", "nothing-left")]
    assert [one["discount_amount"] for one in redemptions_of(district)] == [200, 800]


def test_items_count(district: District) -> None:
    coupon = new_coupon(district, **GIFT)
    items = [{"sku": "T-88", "name": "龙井", "quantity": 2, "amount": 6_001}]
    assert why(redeem(district, coupon["code"])) == [("/code", "no-matching-item")]
    refused = check_problem(redeem(district, coupon["code"], items=items, amount=6_000), 422, "validation-failed")
    assert refused.pointers == {"/items"}
    assert redeem(district, coupon["code"], items=items).ok(201)["discount_amount"] == 3_000


def test_what_is_held_is_redeemed_for_its_bill_alone(district: District) -> None:
    coupon = new_coupon(district)
    reserve(district, coupon["code"], reference="A-1").ok(200)
    assert why(redeem(district, coupon["code"], reference="A-2")) == [("/code", "reserved")]
    assert redeem(district, coupon["code"]).ok(201)["discount_amount"] == 1_000
    assert why(reserve(district, coupon["code"])) == [("/code", "redeemed")]
    assert told(district, "released") == []


def test_a_government_voucher_needs_its_sale(district: District) -> None:
    coupon = new_coupon(district, funding={"district": 0, "merchant": 0, "government": 100})
    refused = check_problem(redeem(district, coupon["code"]), 422, "payment-evidence-missing")
    assert refused.pointers == {"/code"}
    assert coupon_of(district, coupon["code"])["status"] == "issued"


def test_not_once_the_sale_is_recorded(district: District) -> None:
    coupon = new_coupon(district)
    sale = district.report(reference="A-1").ok(201)
    refused = check_problem(redeem(district, coupon["code"]), 409, "sale-already-recorded")
    assert refused.body["transaction_id"] == sale["id"]
    assert coupon_of(district, coupon["code"])["status"] == "issued"
    there = {"store_id": district.other_shop.store_id, "key": district.other_shop.key}
    redeem(district, coupon["code"], **there).ok(201)


def test_a_redemption_is_rolled_back(timed: District, clock: SetClock) -> None:
    coupon = new_coupon(timed, budget=1_500, kind="percent_off", amount_off=None, percent_off=5, max_discount=1_000)
    clock.move(timedelta(days=27))
    made = redeem(timed, coupon["code"], amount=10_000).ok(201)
    assert counts(timed, coupon["campaign_id"]) == {
        "issued": 1,
        "redeemed": 1,
        "discount_given": 500,
        "budget_left": 1_000,
    }
    second = claim(timed, coupon["campaign_id"], timed.member()).ok(201)
    undone = roll_back(timed, made["id"]).ok(200)
    at, nothing = clock().isoformat().replace("+00:00", "Z"), {"district": 0, "merchant": 0, "government": 0}
    assert undone == {**made, "state": "rolled_back", "discount_returned": 500, "funding": nothing, "ended_at": at}
    given = coupon_of(timed, coupon["code"])
    assert (given["status"], given["ended_at"]) == ("issued", None)
    clock.go(7, "23:59")
    assert coupon["expires_at"] < given["expires_at"]
    assert counts(timed, coupon["campaign_id"])["budget_left"] == -500, "it was promised"
    check_problem(claim(timed, coupon["campaign_id"], timed.member()), 409, "campaign-sold-out")
    timed.api.post(f"/v1/coupons/{second['code']}/void", {"reason": "误发"}, timed.key).ok(200)
    check_problem(claim(timed, coupon["campaign_id"], timed.member()), 409, "campaign-sold-out")
    assert [one["coupon_id"] for one in told(timed, "returned")] == [coupon["id"]]


def test_a_coupon_s_end_is_put_off_once(timed: District, clock: SetClock) -> None:
    coupon = new_coupon(timed, validity={"days_after_issue": 1}, on_refund="forfeit")
    clock.go(0, "12:00")
    roll_back(timed, redeem(timed, coupon["code"]).ok(201)["id"]).ok(200)
    end = coupon_of(timed, coupon["code"])["expires_at"]
    clock.go(8, "00:00")
    assert end == clock().isoformat().replace("+00:00", "Z")
    clock.go(7, "23:00")
    roll_back(timed, redeem(timed, coupon["code"], reference="A-2").ok(201)["id"]).ok(200)
    assert coupon_of(timed, coupon["code"])["expires_at"] == end
    clock.go(8, "00:00")
    assert coupon_of(timed, coupon["code"])["status"] == "expired"


def test_a_roll_back_may_be_said_again(district: District) -> None:
    coupon = new_coupon(district)
    made = redeem(district, coupon["code"]).ok(201)
    undone = roll_back(district, made["id"]).ok(200)
    assert roll_back(district, made["id"]).ok(200) == undone
    check_problem(roll_back(district, made["id"], "B-2"), 409, "redemption-rolled-back")
    assert redeem(district, coupon["code"]).ok(200) == undone, "the old reference answers what was rolled back"
    assert redeem(district, coupon["code"], reference="A-2").ok(201)["state"] == "redeemed"
    assert counts(district, coupon["campaign_id"]) == {"issued": 1, "redeemed": 1, "discount_given": 1_000}
    audited = district.api.get("/v1/audit-entries?action=redemption.rolled_back", district.key).ok(200)["data"]
    assert [one["subject"]["id"] for one in audited] == [made["id"]]


def test_of_a_member_who_has_left_it_is_nobody_s(district: District, superuser: psycopg.Connection) -> None:
    member = district.member()
    coupon = new_coupon(district, member, budget=2_000)
    items = [{"sku": "T-88", "name": "龙井", "amount": 12_800}]
    made = redeem(district, coupon["code"], items=items).ok(201)
    undone = roll_back(
        district, redeem(district, new_coupon(district, member)["code"], reference="A-2").ok()["id"]
    ).ok()
    district.api.delete(f"/v1/members/{member}", district.key).ok(200)
    kept = "SELECT items, rollback_reason FROM redemptions WHERE id = ANY(%s::uuid[])"
    ids = [one["id"][-32:] for one in (made, undone)]
    assert superuser.execute(kept, (ids,)).fetchall() == [(None, None)] * 2
    roll_back(district, made["id"]).ok(200)
    assert coupon_of(district, coupon["code"])["status"] == "voided"
    assert counts(district, coupon["campaign_id"]) == {"issued": 1, "voided": 1, "budget_left": 2_000}


def test_a_pause_stops_redeeming_and_not_rolling_back(district: District) -> None:
    cam = new_campaign(district)["id"]
    first, second = (claim(district, cam, district.member()).ok(201) for _ in range(2))
    made = redeem(district, first["code"]).ok(201)
    act(district, cam, "pause").ok(200)
    assert why(redeem(district, second["code"], reference="A-2")) == [("/code", "campaign-paused")]
    roll_back(district, made["id"]).ok(200)
    assert coupon_of(district, first["code"])["status"] == "issued"


def test_lists_are_filtered_and_paged(timed: District, clock: SetClock) -> None:
    shop, other, start = timed.shop, timed.other_shop, clock()
    made = []
    for n, where in enumerate((shop, shop, other)):
        clock.move(timedelta(minutes=1))
        made.append(redeem(timed, new_coupon(timed)["code"], reference=f"A-{n}", store_id=where.store_id).ok(201))
    first, second, third = made
    undone = roll_back(timed, second["id"]).ok(200)
    minute = (start + timedelta(minutes=2)).isoformat().replace("+00:00", "Z")
    seen = {
        "": [third, undone, first],
        "?state=rolled_back": [undone],
        f"?campaign_id={first['campaign_id']}": [first],
        f"?merchant_id={other.merchant_id}": [third],
        f"?store_id={shop.store_id}": [undone, first],
        f"?from={minute}": [third, undone],
        f"?to={minute}": [first],
    }
    assert {query: redemptions_of(timed, query) for query in seen} == seen
    page = timed.api.get("/v1/redemptions?limit=2", timed.key).ok(200)
    assert (page["data"], page["has_more"]) == ([third, undone], True)
    assert redemptions_of(timed, f"?starting_after={undone['id']}") == [first]


def test_others_see_and_change_nothing(district: District, other_district: District) -> None:
    coupon, shop, other = new_coupon(district), district.shop, district.other_shop
    made = redeem(district, coupon["code"], key=shop.key).ok(201)
    till = district.store_key(shop, scopes=["coupons:read", "coupons:redeem"])
    assert redemptions_of(district, key=till) == redemptions_of(district, key=shop.key) == [made]
    for key in (other.key, district.store_key(other), other_district.key, other_district.shop.key):
        assert redemptions_of(district, key=key) == []
        check_problem(district.api.get(f"/v1/redemptions/{made['id']}", key), 404, "not-found")
        check_problem(roll_back(district, made["id"], key=key), 404, "not-found")
        refused = redeem(district, coupon["code"], key=key)
        assert check_problem(refused, 404, "not-found").pointers == {"/store_id"}
    reader = district.merchant_key(shop, scopes=["coupons:read"])
    check_problem(roll_back(district, made["id"], key=reader), 403, "forbidden")
    check_problem(redeem(district, coupon["code"], key=reader), 403, "forbidden")
    assert redemption_of(district, made["id"]) == made
