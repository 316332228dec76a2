"""Coupons that cost points: paid in the same step, to whom the campaign's funders are; given back when they are taken back."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask

from tests.factories.api import Reply
from tests.factories.books import broken
from tests.factories.clock import SetClock
from tests.factories.codes import new_phone_of, phone_of, resolve
from tests.factories.coupons import campaign_of, claim, coupons_of, new_campaign
from tests.factories.districts import District
from tests.factories.points import adjust, change_programme, entries
from tests.factories.problems import check_problem
from tests.factories.shoppers import signed_in

pytestmark = pytest.mark.usefixtures("context")
BOTH = {"district": 60, "merchant": 40}


@pytest.fixture(autouse=True)
def books(request: pytest.FixtureRequest, app: Flask) -> Iterator[None]:
    """Whatever a test does, the books hold afterwards."""
    ids = [request.getfixturevalue(one).id for one in ("district", "timed") if one in request.fixturenames]
    yield
    with app.app_context():
        assert {one: broken(one) for one in ids} == {one: {} for one in ids}


def priced(district: District, price: int = 100, **terms: Any) -> str:
    """A campaign whose coupons cost points."""
    return str(new_campaign(district, issuing=["points"], points_price=price, **terms)["id"])


def rich(district: District, points: int = 1_000) -> str:
    """A member who has earned points at the first shop."""
    member = district.member()
    district.report(member_id=member, amount=points * 100).ok(201)
    return member


def seller(district: District) -> str:
    """A key of the first shop that may issue coupons."""
    return district.merchant_key(district.shop, scopes=["coupons:issue", "transactions:write"])


def shows(district: District, cam: str, key: str, **body: Any) -> Reply:
    return district.api.post(f"/v1/campaigns/{cam}/claims", body, key)


def test_a_shopper_pays_with_points(district: District) -> None:
    member, cam = rich(district), priced(district, 300)
    made = claim(district, cam, key=str(signed_in(district.id, member).access_token)).ok(201)
    assert (made["campaign_id"], made["member_id"], made["status"]) == (cam, member, "issued")
    assert district.balance(member)["available"] == 700
    assert district.balance(member)["lifetime"]["spent"] == 300
    [paid, earned] = entries(district, member)
    assert (paid["code"], paid["points"], paid["balance_after"]) == ("spend", -300, 700)
    assert paid["source"] == {"kind": "coupon", "id": made["id"]}
    assert paid["merchant_id"] is None, "the district has accepted them"
    assert earned["merchant_id"] == district.shop.merchant_id
    told = district.api.get("/v1/events?type=coupon.issued", district.key).ok(200)["data"]
    assert [(one["data"]["coupon_id"], one["data"]["way"]) for one in told] == [(made["id"], "points")]


def test_each_funder_with_a_name_accepts_its_share(district: District) -> None:
    member, sponsor = rich(district), district.other_shop.merchant_id
    cam = priced(district, 101, funding=BOTH, sponsor_merchant_id=sponsor)
    claim(district, cam, member).ok(201)
    assert [(one["points"], one["merchant_id"]) for one in entries(district, member)[:2]] == [
        (-40, sponsor),
        (-61, None),
    ]
    alone = priced(district, 7, funding={"merchant": 100}, sponsor_merchant_id=sponsor)
    claim(district, alone, member).ok(201)
    unnamed = priced(district, 9, funding=BOTH)
    claim(district, unnamed, member).ok(201)
    seen = [(one["points"], one["merchant_id"]) for one in entries(district, member)[:2]]
    assert seen == [(-9, None), (-7, sponsor)], "who redeems isn't known when points are paid"


@pytest.mark.parametrize("points", [0, 99])
def test_too_few_points_buy_nothing(district: District, points: int) -> None:
    member, cam = rich(district, points), priced(district, stock=5)
    check_problem(claim(district, cam, member), 409, "not-enough-points")
    assert coupons_of(district, member) == []
    assert district.balance(member)["available"] == points
    assert campaign_of(district, cam)["counts"]["issued"] == 0
    adjust(district, member, 100 - points)
    claim(district, cam, member).ok(201)
    assert district.balance(member)["available"] == 0


def test_points_that_are_pending_or_owed_buy_nothing(district: District) -> None:
    cam = priced(district)
    change_programme(district, pending_days=7)
    check_problem(claim(district, cam, rich(district, 500)), 409, "not-enough-points")


@pytest.mark.parametrize(("verb", "code"), [("freeze", "member-frozen"), ("spend-lock", "spend-locked")])
def test_who_may_not_spend_claims_nothing(district: District, verb: str, code: str) -> None:
    member, cam = rich(district), priced(district)
    district.api.post(
        f"/v1/members/{member}/{verb}", {"locked": True} if verb == "spend-lock" else {}, district.key
    ).ok()
    check_problem(claim(district, cam, member), 409, code)
    assert (coupons_of(district, member), district.balance(member)["available"]) == ([], 1_000)
    claim(district, str(new_campaign(district)["id"]), rich(district)).ok(201)


def test_the_least_that_is_spent_on_bills_is_for_bills(district: District) -> None:
    member, cam = rich(district), priced(district, 5)
    change_programme(district, min_spend_points=100, max_spend_percent=1)
    claim(district, cam, member).ok(201)
    assert district.balance(member)["available"] == 995


def test_a_repeated_claim_is_paid_once(district: District) -> None:
    member, cam = rich(district), priced(district)
    path, body = f"/v1/campaigns/{cam}/claims", {"member_id": member}
    first = district.api.post(path, body, district.key, "one").ok(201)
    assert district.api.post(path, body, district.key, "one").ok(201) == first
    assert district.balance(member)["available"] == 900


def test_a_shop_needs_the_member_s_code(district: District) -> None:
    phone, key, cam = new_phone_of(district), seller(district), priced(district)
    district.report(member_id=phone.member_id, amount=100_000).ok(201)
    refused = check_problem(shows(district, cam, key, member_id=phone.member_id), 422, "presence-needed")
    assert refused.pointers == {"/member_code"}
    assert district.balance(phone.member_id)["available"] == 1_000
    code = phone.code()
    made = shows(district, cam, key, member_id=phone.member_id, member_code=code).ok(201)
    assert made["member_id"] == phone.member_id
    assert made["code"] is None, "a shop is shown it by the member"
    used = check_problem(shows(district, cam, key, member_code=code), 409, "member-code-used")
    assert used.pointers == {"/member_code"}
    assert district.balance(phone.member_id)["available"] == 900
    assert len(coupons_of(district, phone.member_id)) == 1


def test_a_code_alone_names_the_member(district: District) -> None:
    phone, key = new_phone_of(district), seller(district)
    made = shows(district, new_campaign(district)["id"], key, member_code=phone.code()).ok(201)
    assert made["member_id"] == phone.member_id
    known = district.api.get(f"/v1/members/{phone.member_id}", district.shop.key).ok(200)
    assert [one["merchant_id"] for one in known["memberships"]] == [district.shop.merchant_id]


def test_a_token_pays_once_and_only_where_it_was_given(district: District) -> None:
    phone, cam = new_phone_of(district), priced(district)
    district.report(member_id=phone.member_id, amount=100_000).ok(201)
    token = resolve(district, phone.code()).ok(200)["presence_token"]
    other = district.merchant_key(district.other_shop, scopes=["coupons:issue"])
    assert check_problem(shows(district, cam, other, presence_token=token), 404).pointers == {"/presence_token"}
    key = seller(district)
    shows(district, cam, key, presence_token=token).ok(201)
    used = check_problem(shows(district, cam, key, presence_token=token), 409, "member-code-used")
    assert used.pointers == {"/presence_token"}
    sale = {"amount": 10_000, "points_to_spend": 100, "presence_token": token}
    check_problem(district.report(key=district.shop.key, **sale), 409, "member-code-used")
    assert district.balance(phone.member_id)["available"] == 900


def test_another_member_s_code_pays_for_nobody(district: District) -> None:
    phone, key, cam, victim = new_phone_of(district), seller(district), priced(district), rich(district)
    refused = check_problem(shows(district, cam, key, member_id=victim, member_code=phone.code()), 422)
    assert refused.pointers == {"/member_code"}
    assert check_problem(shows(district, cam, key, member_code=phone.wrong_code()), 404).pointers == {"/member_code"}
    body = {"member_code": phone.code(), "presence_token": "pt_x"}
    assert check_problem(shows(district, cam, key, **body), 422).pointers == {"/presence_token"}
    assert (district.balance(victim)["available"], coupons_of(district, victim)) == (1_000, [])
    district.api.post("/v1/transactions", district.sale(member_code=phone.code()), district.shop.key).ok(201)


@pytest.mark.parametrize("way", ["scope", "programme"])
def test_who_is_trusted_spends_without_a_code(district: District, way: str) -> None:
    phone, cam = new_phone_of(district), priced(district)
    district.report(member_code=phone.code(), amount=100_000).ok(201)
    scopes = ["coupons:issue", *(["points:spend-unproven"] if way == "scope" else [])]
    if way == "programme":
        change_programme(district, spend_proof="any")
    key = district.merchant_key(district.shop, scopes=scopes)
    shows(district, cam, key, member_id=phone.member_id).ok(201)
    stranger = district.member(key=district.shop.key)
    refused = shows(district, cam, key, member_id=stranger)
    check_problem(refused, 403, "member-unproven")


def test_the_phone_of_a_merged_member_pays_from_the_survivor_s_points(district: District) -> None:
    phone, survivor, cam = new_phone_of(district), rich(district), priced(district)
    district.report(member_id=phone.member_id, amount=10_000).ok(201)
    bought = claim(district, cam, phone.member_id).ok(201)
    district.api.post(f"/v1/members/{phone.member_id}/merge", {"into": survivor}, district.key).ok(200)
    claim(district, cam, phone.member_id).ok(201)
    assert district.balance(survivor)["available"] == 900
    district.api.post(f"/v1/coupons/{bought['code']}/void", {"reason": "误发"}, district.key).ok(200)
    assert district.balance(survivor)["available"] == 1_000


def test_who_takes_a_coupon_back_gives_the_points_back(timed: District, clock: SetClock) -> None:
    member, sponsor = rich(timed), timed.other_shop.merchant_id
    cam = priced(timed, 101, funding=BOTH, sponsor_merchant_id=sponsor, validity={"days_after_issue": 365})
    made = claim(timed, cam, member).ok(201)
    path, body = f"/v1/coupons/{made['code']}/void", {"reason": "误发"}
    clock.go(340)
    assert timed.api.post(path, body, timed.key, "once").ok(200)["status"] == "voided"
    assert timed.api.post(path, body, timed.key, "once").ok(200)["status"] == "voided"
    check_problem(timed.api.post(path, body, timed.key), 409, "coupon-over")
    shown = timed.balance(member)
    assert (shown["available"], shown["lifetime"]["spent"]) == (1_000, 101)
    back = entries(timed, member)[:2]
    assert [(one["code"], one["points"], one["merchant_id"]) for one in back] == [
        ("restore", 40, sponsor),
        ("restore", 61, None),
    ]
    assert {one["source"]["kind"] for one in back} == {"coupon-void"}
    assert sorted(one["points"] for one in shown["expiring"]) == [101, 899], "30 days more for what came back late"


def test_points_that_come_back_pay_what_is_owed(district: District) -> None:
    member, cam = district.member(), priced(district)
    sale = district.report(member_id=member, amount=10_000).ok(201)
    made = claim(district, cam, member).ok(201)
    refund = {"transaction_reference": sale["reference"], "reference": "RR", "amount": 10_000}
    district.api.post("/v1/refunds", {**refund, "merchant_id": district.shop.merchant_id}, district.key).ok(201)
    assert district.balance(member)["owed"] == 100
    district.api.post(f"/v1/coupons/{made['code']}/void", {"reason": "误发"}, district.key).ok(200)
    shown = district.balance(member)
    assert (shown["owed"], shown["available"]) == (0, 0)


def test_an_expired_coupon_gives_nothing_back(timed: District, clock: SetClock) -> None:
    member, cam = rich(timed), priced(timed, validity={"days_after_issue": 1})
    made = claim(timed, cam, member).ok(201)
    clock.go(3)
    check_problem(timed.api.post(f"/v1/coupons/{made['code']}/void", {"reason": "x"}, timed.key), 409, "coupon-over")
    assert timed.balance(member)["available"] == 900


def test_who_leaves_gets_nothing_back(district: District) -> None:
    member, cam = rich(district), priced(district)
    claim(district, cam, member).ok(201)
    district.api.delete(f"/v1/members/{member}", district.key).ok()
    assert campaign_of(district, cam)["counts"]["voided"] == 1


def test_a_merchant_sells_its_own_coupons_for_points(district: District) -> None:
    change_programme(district, merchant_campaigns=True)
    key = district.merchant_key(district.shop, scopes=["campaigns:write", "campaigns:read", "coupons:issue"])
    cam = priced(district, 50, key=key)
    phone = phone_of(district, rich(district))
    made = shows(district, cam, key, member_code=phone.code()).ok(201)
    assert entries(district, phone.member_id)[0]["merchant_id"] == district.shop.merchant_id
    [shown] = coupons_of(district, phone.member_id)
    assert shown["id"] == made["id"]
    district.api.post(f"/v1/coupons/{shown['code']}/void", {"reason": "误发"}, key).ok(200)
    assert district.balance(phone.member_id)["available"] == 1_000


def test_points_come_before_the_stock_s_end(district: District) -> None:
    cam = priced(district, stock=1)
    claim(district, cam, rich(district)).ok(201)
    check_problem(claim(district, cam, district.member()), 409, "not-enough-points")
    late = rich(district)
    check_problem(claim(district, cam, late), 409, "campaign-sold-out")
    assert district.balance(late)["available"] == 1_000
