"""Coupons are held for bills of merchants, and let go: by hand, by the clock, by a pause."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from app.coupons.redeeming.tasks import free_coupons
from tests.factories.books import broken
from tests.factories.clock import SetClock, ahead
from tests.factories.coupons import act, campaign_of, coupon_of, new_coupon, redeem, release, reserve, told
from tests.factories.districts import District
from tests.factories.problems import check_problem
from tests.factories.sandboxes import advance, new_sandbox


@pytest.fixture(autouse=True)
def books(request: pytest.FixtureRequest, app: Flask) -> Any:
    """Whatever a test does, the books hold afterwards."""
    ids = [request.getfixturevalue(one).id for one in ("district", "timed") if one in request.fixturenames]
    yield
    with app.app_context():
        assert {one: broken(one) for one in ids} == {one: {} for one in ids}


def why(reply: Any) -> list[tuple[str, str]]:
    """Where a coupon was refused, and why, which is the problem's own code."""
    problem = check_problem(reply, 409 if reply.code == "member-frozen" else 422)
    found = [(one["pointer"], one["code"]) for one in problem.body["errors"]]
    assert [code for _, code in found] == [problem.body["code"]]
    return found


def test_a_coupon_is_held_for_a_bill(timed: District, clock: SetClock) -> None:
    coupon = new_coupon(timed)
    held = reserve(timed, coupon["code"], key=timed.shop.key).ok(200)
    until = (clock() + timedelta(seconds=600)).isoformat().replace("+00:00", "Z")
    assert held == {**coupon, "status": "reserved", "reserved_until": until, "member_id": None, "code": None}
    assert coupon_of(timed, coupon["code"])["status"] == "reserved"
    assert campaign_of(timed, coupon["campaign_id"])["counts"]["reserved"] == 1
    named = {"coupon_id": coupon["id"], "campaign_id": coupon["campaign_id"], "merchant_id": timed.shop.merchant_id}
    assert told(timed, "reserved") == [named]


def test_again_for_the_same_bill_it_is_held_no_longer(timed: District, clock: SetClock) -> None:
    coupon = new_coupon(timed)
    first = reserve(timed, coupon["code"]).ok(200)
    clock.move(timedelta(seconds=300))
    assert reserve(timed, coupon["code"], ttl_seconds=1_800).ok(200) == first
    assert len(told(timed, "reserved")) == 1
    clock.move(timedelta(seconds=300))
    assert reserve(timed, coupon["code"]).ok(200)["reserved_until"] > first["reserved_until"]
    assert (len(told(timed, "reserved")), len(told(timed, "released"))) == (2, 1)


def test_others_hear_that_it_is_reserved(timed: District, clock: SetClock) -> None:
    coupon, other = new_coupon(timed), timed.other_shop
    reserve(timed, coupon["code"]).ok(200)
    theirs: dict[str, Any] = {"store_id": other.store_id, "key": other.key}
    for ask in (reserve, release):
        assert why(ask(timed, coupon["code"], reference="A-2")) == [("/code", "reserved")]
        assert why(ask(timed, coupon["code"], **theirs)) == [("/code", "reserved")]
    assert coupon_of(timed, coupon["code"])["status"] == "reserved"
    clock.move(timedelta(seconds=600))
    assert reserve(timed, coupon["code"], **theirs).ok(200)["status"] == "reserved"
    assert [one["merchant_id"] for one in told(timed, "reserved")] == [timed.shop.merchant_id, other.merchant_id]


def test_it_is_let_go(district: District) -> None:
    coupon = new_coupon(district)
    reserve(district, coupon["code"]).ok(200)
    for _ in range(2):
        assert release(district, coupon["code"]).ok(200) == {**coupon, "member_id": coupon["member_id"]}
    assert len(told(district, "released")) == 1
    assert campaign_of(district, coupon["campaign_id"])["counts"]["reserved"] == 0
    reserve(district, coupon["code"], reference="A-2").ok(200)


@pytest.mark.parametrize("ttl", [29, 1_801, None])
def test_it_is_held_for_half_a_minute_to_half_an_hour(district: District, ttl: int | None) -> None:
    coupon = new_coupon(district)
    refused = check_problem(reserve(district, coupon["code"], ttl_seconds=ttl), 422, "validation-failed")
    assert refused.pointers == {"/ttl_seconds"}
    assert coupon_of(district, coupon["code"]) == coupon


def test_a_hold_ends_by_the_clock_and_is_told_of_once(timed: District, timed_app: Flask, clock: SetClock) -> None:
    coupon = new_coupon(timed)
    reserve(timed, coupon["code"], ttl_seconds=30).ok(200)
    clock.move(timedelta(seconds=30))
    assert coupon_of(timed, coupon["code"]) == coupon
    assert campaign_of(timed, coupon["campaign_id"])["counts"]["reserved"] == 0
    with timed_app.app_context():
        free_coupons()
        free_coupons()
    assert [one["coupon_id"] for one in told(timed, "released")] == [coupon["id"]]


@pytest.mark.parametrize("apart", [False, True])
def test_a_hold_that_has_just_ended_is_told_of_when_another_uses_the_coupon(
    timed: District, timed_app: Flask, clock: SetClock, *, apart: bool
) -> None:
    """Nobody has to wait for the job, which then has nothing to tell; a bill that was held for tells of its sale alone."""
    clock.go(0)
    coupon, own = new_coupon(timed), new_coupon(timed)
    for one in (coupon, own):
        reserve(timed, one["code"], ttl_seconds=60).ok(200)
    timed.report(reference="A-1", coupons=[own["code"]]).ok(201)
    clock.move(timedelta(seconds=60))
    other = {"store_id": timed.other_shop.store_id}
    if apart:
        redeem(timed, coupon["code"], **other).ok(201)
    else:
        timed.report(coupons=[coupon["code"]], **other).ok(201)
    with timed_app.app_context():
        free_coupons()
    wanted = {"coupon_id": coupon["id"], "campaign_id": coupon["campaign_id"], "merchant_id": timed.shop.merchant_id}
    assert told(timed, "released") == [wanted]
    assert len(told(timed, "redeemed")) == 2


def test_a_hold_doesn_t_outlive_the_coupon(timed: District, clock: SetClock) -> None:
    end = ahead(minutes=10)
    coupon = new_coupon(timed, validity={"from": ahead(minutes=-1), "to": end})
    assert reserve(timed, coupon["code"], ttl_seconds=1_800).ok(200)["reserved_until"] == end
    clock.move(timedelta(minutes=11))
    assert coupon_of(timed, coupon["code"])["status"] == "expired"
    assert why(reserve(timed, coupon["code"])) == [("/code", "expired")]


def test_a_pause_lets_all_go_and_resuming_brings_none_back(district: District) -> None:
    coupon = new_coupon(district)
    reserve(district, coupon["code"]).ok(200)
    act(district, coupon["campaign_id"], "pause").ok(200)
    assert coupon_of(district, coupon["code"])["status"] == "issued"
    assert [one["coupon_id"] for one in told(district, "released")] == [coupon["id"]]
    assert why(reserve(district, coupon["code"])) == [("/code", "campaign-paused")]
    act(district, coupon["campaign_id"], "resume").ok(200)
    assert coupon_of(district, coupon["code"])["status"] == "issued"
    reserve(district, coupon["code"], reference="A-2").ok(200)


def test_what_stands_against_it_is_told(timed: District, clock: SetClock) -> None:
    clock.go(0, "12:00")
    member, there = timed.member(), {"store_ids": [timed.other_shop.store_id]}
    hours = {"usable": {"time_windows": [{"from": "18:00", "to": "23:00"}]}}
    for terms, reason in (
        (there, "wrong-shop"),
        ({"validity": {"days_after_issue": 3, "wait_days": 1}}, "not-yet-usable"),
        ({"channels": ["app"]}, "wrong-channel"),
        (hours, "outside-hours"),
    ):
        coupon = new_coupon(timed, member, **terms)
        assert why(reserve(timed, coupon["code"], channel="till")) == [("/code", reason)]
        assert coupon_of(timed, coupon["code"])["status"] == "issued"
    coupon = new_coupon(timed, member, min_amount=10_000, item_skus=["T-88"], channels=["till"])
    timed.api.post(f"/v1/members/{member}/freeze", {}, timed.key).ok(200)
    assert why(reserve(timed, coupon["code"], channel="till")) == [("/code", "member-frozen")]
    timed.api.post(f"/v1/members/{member}/unfreeze", {}, timed.key).ok(200)
    reserve(timed, coupon["code"], channel="till").ok(200)


def test_what_is_taken_back_is_held_no_more(district: District) -> None:
    coupon = new_coupon(district)
    reserve(district, coupon["code"]).ok(200)
    district.api.post(f"/v1/coupons/{coupon['code']}/void", {"reason": "误发"}, district.key).ok(200)
    assert why(reserve(district, coupon["code"])) == [("/code", "voided")]
    assert release(district, coupon["code"]).ok(200)["status"] == "voided"


def test_a_store_s_key_needs_no_store(district: District) -> None:
    coupon, till = new_coupon(district), district.store_key(district.shop)
    reserve(district, coupon["code"], key=till, store_id=None).ok(200)
    release(district, coupon["code"], key=till, store_id=None).ok(200)
    refused = check_problem(reserve(district, coupon["code"], store_id=None), 422, "validation-failed")
    assert refused.pointers == {"/store_id"}


def test_the_same_idempotency_key_answers_as_it_did(timed: District, clock: SetClock) -> None:
    coupon = new_coupon(timed)
    path, body = f"/v1/coupons/{coupon['code']}/reserve", {"reference": "A", "ttl_seconds": 60}
    body["store_id"] = timed.shop.store_id
    first = timed.api.post(path, body, timed.key, "one").ok(200)
    clock.move(timedelta(seconds=60))
    again = timed.api.post(path, body, timed.key, "one")
    assert (again.ok(200), again.headers["Idempotent-Replayed"]) == (first, "true")
    assert coupon_of(timed, coupon["code"])["status"] == "issued"


@pytest.mark.usefixtures("context")
def test_a_test_clock_lets_coupons_go_on_its_way(api: Any) -> None:
    district = new_sandbox(api)
    coupon = new_coupon(district)
    reserve(district, coupon["code"]).ok(200)
    advance(district, seconds=601)
    assert [one["coupon_id"] for one in told(district, "released")] == [coupon["id"]]


def test_members_with_a_coupon_held_aren_t_merged(timed: District, clock: SetClock) -> None:
    old, into = timed.member(), timed.member()
    for holder in (old, into):
        coupon = new_coupon(timed, holder)
        reserve(timed, coupon["code"]).ok(200)
        seen = timed.api.get(f"/v1/members/{old}/merge-preview?into={into}", timed.key).ok(200)
        assert seen["refused_because"] == "coupon-held"
        check_problem(timed.api.post(f"/v1/members/{old}/merge", {"into": into}, timed.key), 409, "coupon-held")
        assert timed.api.get(f"/v1/members/{old}", timed.key).ok(200)["id"] == old
        clock.move(timedelta(seconds=600))
    seen = timed.api.get(f"/v1/members/{old}/merge-preview?into={into}", timed.key).ok(200)
    assert seen["refused_because"] is None
    timed.api.post(f"/v1/members/{old}/merge", {"into": into}, timed.key).ok(200)


def test_another_district_holds_nothing_here(district: District, other_district: District) -> None:
    coupon, theirs = new_coupon(district), other_district.shop
    for ask in (reserve, release):
        check_problem(ask(district, coupon["code"], key=other_district.key, store_id=theirs.store_id), 404, "not-found")
        for key in (district.other_shop.key, district.store_key(district.other_shop)):
            refused = check_problem(ask(district, coupon["code"], key=key), 404, "not-found")
            assert refused.pointers == {"/store_id"}
    reader = district.merchant_key(district.shop, scopes=["coupons:read"])
    check_problem(reserve(district, coupon["code"], key=reader), 403, "forbidden")
    assert coupon_of(district, coupon["code"]) == coupon
