"""Coupons are claimed by members and for them, within the limits of their campaigns; read, taken back, moved and expired."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from app.coupons.issuing.tasks import expire_coupons
from app.foundation.clock import format_instant
from tests.factories.api import Reply
from tests.factories.books import broken
from tests.factories.clock import SetClock, ahead, local
from tests.factories.coupons import act, campaign_of, change, claim, coupons_of, draft_campaign, new_campaign
from tests.factories.districts import District, new_phone
from tests.factories.problems import check_problem
from tests.factories.sandboxes import advance, new_sandbox
from tests.factories.shoppers import signed_in
from tests.factories.tiers import new_tier


@pytest.fixture(autouse=True)
def books(request: pytest.FixtureRequest, app: Flask) -> Any:
    """Whatever a test does, the books hold afterwards."""
    ids = [request.getfixturevalue(one).id for one in ("district", "timed") if one in request.fixturenames]
    yield
    with app.app_context():
        assert {one: broken(one) for one in ids} == {one: {} for one in ids}


def token_of(district: District, member_id: str) -> str:
    assert district.api.app is not None
    with district.api.app.app_context():
        return str(signed_in(district.id, member_id).access_token)


def counts(district: District, campaign_id: str) -> dict[str, Any]:
    """Those counts of a campaign that aren't 0 or null."""
    return {name: one for name, one in campaign_of(district, campaign_id)["counts"].items() if one}


def test_a_shopper_claims_for_itself(district: District) -> None:
    member, cam = district.member(), new_campaign(district, stock=5)["id"]
    made = claim(district, cam, key=token_of(district, member)).ok(201)
    assert made["member_id"] == member
    assert (made["campaign_id"], made["campaign_name"], made["status"]) == (cam, "周末满减", "issued")
    assert made["words"] == "满 100 减 10"
    assert made["usable_from"] == made["issued_at"] < made["expires_at"]
    assert made["code_hint"] == f"…{made['code'].replace('-', '')[-2:]}"
    assert coupons_of(district, member) == [made]
    assert coupons_of(district, member, key=token_of(district, member)) == [made]
    assert counts(district, cam) == {"issued": 1, "left": 4}
    told = district.api.get("/v1/events?type=coupon.issued", district.key).ok(200)["data"]
    assert [one["data"] for one in told] == [
        {"coupon_id": made["id"], "campaign_id": cam, "member_id": member, "way": "claim"}
    ]


def test_a_key_names_the_member(district: District) -> None:
    member, cam = district.member(), new_campaign(district)["id"]
    made = claim(district, cam, member).ok(201)
    assert made["member_id"] == member
    refused = check_problem(claim(district, cam), 422, "validation-failed")
    assert refused.pointers == {"/member_id"}
    other = district.member()
    assert check_problem(claim(district, cam, other, key=token_of(district, member)), 404).pointers == {"/member_id"}
    assert counts(district, cam) == {"issued": 1}


def test_the_same_idempotency_key_is_the_same_coupon(district: District) -> None:
    member, cam = district.member(), new_campaign(district)["id"]
    body, path = {"member_id": member}, f"/v1/campaigns/{cam}/claims"
    first = district.api.post(path, body, district.key, "one").ok(201)
    again = district.api.post(path, body, district.key, "one")
    assert (again.ok(201), again.headers["Idempotent-Replayed"]) == (first, "true")
    assert district.api.post(path, body, district.key).ok(201)["id"] != first["id"]
    assert counts(district, cam) == {"issued": 2}


def test_nobody_has_more_than_one_member_may_have(timed: District, clock: SetClock) -> None:
    member, cam = timed.member(), new_campaign(timed, per_member_limit=3, per_member_per_day=2, stock=9)["id"]
    clock.go(0)
    claim(timed, cam, member).ok(201)
    second = claim(timed, cam, member).ok(201)
    refused = check_problem(claim(timed, cam, member), 409, "claim-limit-reached")
    assert refused.body["coupon_id"] == second["id"]
    clock.go(1, "00:00")
    third = claim(timed, cam, member).ok(201)
    clock.go(2)
    refused = check_problem(claim(timed, cam, member), 409, "claim-limit-reached")
    assert refused.body["coupon_id"] == third["id"]
    claim(timed, cam, timed.member()).ok(201)
    assert counts(timed, cam) == {"issued": 4, "left": 5}


def test_the_limit_of_a_member_is_told_before_the_stock_s_end(district: District) -> None:
    member, cam = district.member(), new_campaign(district, per_member_limit=1, stock=1)["id"]
    claim(district, cam, member).ok(201)
    check_problem(claim(district, cam, member), 409, "claim-limit-reached")
    refused = check_problem(claim(district, cam, district.member()), 409, "campaign-sold-out")
    assert "opens_at" not in refused.body


def test_the_stock_of_a_day_opens_by_releases(timed: District, clock: SetClock) -> None:
    cam = new_campaign(timed, per_day_stock=3, release_times=["10:00", "18:00"], stock=5)["id"]
    seen = []
    for day, at in ((0, "09:59"), (0, "10:00"), (0, "17:59"), (0, "18:00"), (0, "23:59"), (1, "00:00"), (1, "12:00")):
        clock.go(day, at)
        replies = [claim(timed, cam, timed.member()) for _ in range(3)]
        refusals = [reply for reply in replies if reply.status != 201]
        opens = {check_problem(one, 409, "campaign-sold-out").body.get("opens_at") for one in refusals}
        seen.append((day, at, 3 - len(refusals), {one and one[11:16] for one in opens}))
    assert seen == [
        (0, "09:59", 0, {"02:00"}),
        (0, "10:00", 2, {"10:00"}),
        (0, "17:59", 0, {"10:00"}),
        (0, "18:00", 1, {"02:00"}),
        (0, "23:59", 0, {"02:00"}),
        (1, "00:00", 0, {"02:00"}),
        (1, "12:00", 2, {None}),
    ]


def test_what_a_release_leaves_stays_open_until_midnight(timed: District, clock: SetClock) -> None:
    cam = new_campaign(timed, per_day_stock=4, release_times=["10:00", "18:00"])["id"]
    clock.go(0, "23:00")
    assert [claim(timed, cam, timed.member()).status for _ in range(5)] == [201] * 4 + [409]
    clock.go(1, "17:00")
    assert [claim(timed, cam, timed.member()).status for _ in range(3)] == [201] * 2 + [409]


def test_a_day_s_stock_without_releases_opens_at_midnight(timed: District, clock: SetClock) -> None:
    cam = new_campaign(timed, per_day_stock=1)["id"]
    clock.go(0, "23:59")
    claim(timed, cam, timed.member()).ok(201)
    refused = check_problem(claim(timed, cam, timed.member()), 409, "campaign-sold-out")
    clock.go(1, "00:00")
    assert refused.body["opens_at"] == clock().isoformat().replace("+00:00", "Z")
    claim(timed, cam, timed.member()).ok(201)


def test_a_day_s_stock_opens_no_more_once_the_campaign_s_validity_is_over(timed: District, clock: SetClock) -> None:
    cam = new_campaign(timed, per_day_stock=1, validity={"from": ahead(), "to": format_instant(local(1, "00:00"))})
    clock.go(0, "23:59")
    claim(timed, cam["id"], timed.member()).ok(201)
    refused = check_problem(claim(timed, cam["id"], timed.member()), 409, "campaign-sold-out")
    assert "opens_at" not in refused.body
    clock.go(1, "00:00")
    check_problem(claim(timed, cam["id"], timed.member()), 409, "campaign-not-running")


def test_a_budget_is_set_aside_and_comes_back(timed: District, clock: SetClock) -> None:
    cam = new_campaign(timed, budget=2_500, validity={"days_after_issue": 1})["id"]
    first, second = (claim(timed, cam, timed.member()).ok(201) for _ in range(2))
    check_problem(claim(timed, cam, timed.member()), 409, "campaign-sold-out")
    assert counts(timed, cam) == {"issued": 2, "budget_left": 500}
    void(timed, first["code"]).ok(200)
    assert counts(timed, cam) == {"issued": 2, "voided": 1, "budget_left": 1_500}
    claim(timed, cam, timed.member()).ok(201)
    check_problem(claim(timed, cam, timed.member()), 409, "campaign-sold-out")
    clock.go(3)
    assert counts(timed, cam) == {"issued": 3, "voided": 1, "expired": 2, "budget_left": 2_500}
    for _ in range(2):  # what ended counts as returned, though no job has been there
        claim(timed, cam, timed.member()).ok(201)
    check_problem(claim(timed, cam, timed.member()), 409, "campaign-sold-out")
    assert counts(timed, cam) == {"issued": 5, "voided": 1, "expired": 2, "budget_left": 500}
    told = timed.api.get("/v1/events?type=coupon.expired", timed.key).ok(200)["data"]
    assert second["id"] in {one["data"]["coupon_id"] for one in told}
    assert len(told) == 2


def void(district: District, code: str, *, key: str | None = None) -> Reply:
    return district.api.post(f"/v1/coupons/{code}/void", {"reason": "误发"}, key or district.key)


def test_more_stock_is_claimed_at_once(district: District) -> None:
    cam = new_campaign(district, stock=1, budget=1_000)["id"]
    claim(district, cam, district.member()).ok(201)
    check_problem(claim(district, cam, district.member()), 409, "campaign-sold-out")
    change(district, cam, stock=2).ok(200)
    check_problem(claim(district, cam, district.member()), 409, "campaign-sold-out")
    change(district, cam, budget=None).ok(200)
    claim(district, cam, district.member()).ok(201)
    check_problem(claim(district, cam, district.member()), 409, "campaign-sold-out")


def test_only_what_runs_is_claimed(timed: District, clock: SetClock) -> None:
    member = timed.member()
    draft = draft_campaign(timed).ok(201)["id"]
    check_problem(claim(timed, draft, member), 409, "campaign-not-running")
    window = {"from": ahead(hours=1), "to": ahead(hours=2)}
    cam = new_campaign(timed, claim_window=window, issuing=["claim", "targeted"])["id"]
    over = new_campaign(timed, validity={"from": ahead(hours=-1), "to": ahead(hours=1)})["id"]
    check_problem(claim(timed, cam, member), 409, "campaign-not-running")
    clock.move(timedelta(hours=1, minutes=1))
    claim(timed, cam, member).ok(201)
    check_problem(claim(timed, over, member), 409, "campaign-not-running")
    act(timed, cam, "pause").ok(200)
    check_problem(claim(timed, cam, member), 409, "campaign-not-running")
    act(timed, cam, "resume").ok(200)
    clock.move(timedelta(hours=1))
    check_problem(claim(timed, cam, member), 409, "campaign-not-running")
    ended = new_campaign(timed)["id"]
    act(timed, ended, "end").ok(200)
    check_problem(claim(timed, ended, member), 409, "campaign-not-running")
    targeted = new_campaign(timed, issuing=["targeted"])["id"]
    check_problem(claim(timed, targeted, member), 409, "not-claimable")
    assert len(coupons_of(timed, member)) == 1


def test_a_frozen_member_claims_nothing(district: District) -> None:
    member, cam = district.member(), new_campaign(district)["id"]
    district.api.post(f"/v1/members/{member}/freeze", {}, district.key).ok(200)
    check_problem(claim(district, cam, member), 409, "member-frozen")
    assert coupons_of(district, member) == []
    district.api.post(f"/v1/members/{member}/unfreeze", {}, district.key).ok(200)
    claim(district, cam, member).ok(201)


def test_a_campaign_is_for_its_audience(district: District) -> None:
    tier = new_tier(district, threshold=100)
    plain, gold, staff = district.member(), district.member(), district.member(tags=["staff"])
    district.report(member_id=gold).ok(201)
    campaigns = {
        "tier": new_campaign(district, audience={"tier_ids": [tier]}),
        "tag": new_campaign(district, audience={"tags": ["staff", "vip"]}),
        "first": new_campaign(district, audience={"first_purchase_only": True}),
        "old": new_campaign(district, audience={"member_since_before": "2020-01-01T00:00:00Z"}),
        "all": new_campaign(district, audience={"tags": ["staff"], "tier_ids": [tier]}),
    }
    claimed = {
        name: [
            "" if (reply := claim(district, cam["id"], member)).status == 201 else reply.code
            for member in (plain, gold, staff)
        ]
        for name, cam in campaigns.items()
    }
    no = "not-in-audience"
    assert claimed == {
        "tier": [no, "", no],
        "tag": [no, no, ""],
        "first": ["", no, ""],
        "old": [no, no, no],
        "all": [no, no, no],
    }


def test_a_code_is_read_as_it_is_typed(district: District) -> None:
    made = claim(district, new_campaign(district)["id"], district.member()).ok(201)
    code = made["code"]
    for typed in (code, code.lower().replace("-", ""), code.replace("-", "%20"), f"%5DC1{code}"):
        assert district.api.get(f"/v1/coupons/{typed}", district.key).ok(200) == made
    wrong = code[:-1] + ("0" if code[-1] != "0" else "1")
    for typed in (wrong, "7", "U" * 13):
        check_problem(district.api.get(f"/v1/coupons/{typed}", district.key), 422, "code-mistyped")


def test_a_shop_is_told_the_campaign_and_nothing_of_the_member(district: District, other_district: District) -> None:
    made = claim(district, new_campaign(district)["id"], district.member()).ok(201)
    seen = district.api.get(f"/v1/coupons/{made['code']}", district.other_shop.key).ok(200)
    assert seen == {**made, "member_id": None, "code": None}
    for key in (other_district.key, other_district.shop.key):
        check_problem(district.api.get(f"/v1/coupons/{made['code']}", key), 404, "not-found")


def test_a_shopper_reads_and_draws_its_own(district: District) -> None:
    member, cam = district.member(), new_campaign(district)["id"]
    own, other = claim(district, cam, member).ok(201), claim(district, cam, district.member()).ok(201)
    token = token_of(district, member)
    assert district.api.get(f"/v1/coupons/{own['code']}", token).ok(200) == own
    for query, kind in (("", "image/svg+xml"), ("?format=png", "image/png"), ("?symbol=code128", "image/svg+xml")):
        drawn = district.api.get(f"/v1/coupons/{own['code']}/qr{query}", token)
        assert (drawn.status, drawn.headers["Content-Type"], drawn.headers["Cache-Control"]) == (200, kind, "no-store")
    for path in (f"/v1/coupons/{other['code']}", f"/v1/coupons/{other['code']}/qr"):
        check_problem(district.api.get(path, token), 404, "not-found")


def test_a_shop_reads_coupons_of_whom_it_knows_without_their_codes(district: District) -> None:
    shop, member = district.shop, district.member()
    made = claim(district, new_campaign(district)["id"], member).ok(201)
    check_problem(district.api.get(f"/v1/members/{member}/coupons", shop.key), 404, "not-found")
    consent = {"controller": shop.merchant_id, "purpose": "membership", "version": "1"}
    district.api.post(f"/v1/members/{member}/consents", consent, token_of(district, member)).ok(201)
    assert coupons_of(district, member, key=shop.key) == [{**made, "code": None}]
    district.api.patch("/v1/programme", {"merchant_campaigns": True}, district.key).ok(200)
    runs = district.merchant_key(district.other_shop, scopes=["campaigns:write"])
    claim(district, new_campaign(district, key=runs)["id"], member).ok(201)
    assert len(coupons_of(district, member, key=shop.key)) == 1, "another merchant's campaigns are its own affair"


def test_lists_go_by_state_and_page(timed: District, clock: SetClock) -> None:
    member, cam = timed.member(), new_campaign(timed, validity={"days_after_issue": 1})["id"]
    first, second = (claim(timed, cam, member).ok(201) for _ in range(2))
    void(timed, first["code"]).ok(200)
    third = claim(timed, cam, member).ok(201)
    path = f"/v1/members/{member}/coupons"
    page = timed.api.get(f"{path}?limit=2", timed.key).ok(200)
    assert ([one["id"] for one in page["data"]], page["has_more"]) == ([third["id"], second["id"]], True)
    rest = timed.api.get(f"{path}?starting_after={second['id']}", timed.key).ok(200)
    assert [one["id"] for one in rest["data"]] == [first["id"]]

    def by_state() -> dict[str, set[str]]:
        states = ("issued", "reserved", "redeemed", "expired", "voided")
        pages = {one: timed.api.get(f"{path}?status={one}", timed.key).ok(200)["data"] for one in states}
        return {state: {row["id"] for row in rows} for state, rows in pages.items() if rows}

    assert by_state() == {"issued": {second["id"], third["id"]}, "voided": {first["id"]}}
    clock.go(3)
    assert by_state() == {"expired": {second["id"], third["id"]}, "voided": {first["id"]}}
    assert timed.api.get(f"/v1/coupons/{third['code']}", timed.key).ok(200)["status"] == "expired"


def test_a_coupon_is_taken_back_once_with_a_reason(district: District) -> None:
    made = claim(district, new_campaign(district)["id"], district.member()).ok(201)
    check_problem(void(district, made["code"], key=district.shop.key), 403, "forbidden")
    key = district.merchant_key(district.shop, scopes=["coupons:issue"])
    check_problem(void(district, made["code"], key=key), 403, "forbidden")
    voided = void(district, made["code"]).ok(200)
    assert voided == {**made, "status": "voided", "ended_at": voided["ended_at"]}
    check_problem(void(district, made["code"]), 409, "coupon-over")
    [entry] = district.api.get("/v1/audit-entries?action=coupon.voided", district.key).ok(200)["data"]
    assert entry["subject"]["id"] == made["id"]
    assert made["code"] not in str(entry)
    assert "误发" not in str(entry)


def test_a_merchant_gives_and_takes_back_coupons_of_its_own_campaign(district: District) -> None:
    district.api.patch("/v1/programme", {"merchant_campaigns": True}, district.key).ok(200)
    scopes = ["campaigns:write", "coupons:issue", "coupons:read"]
    own, other = (district.merchant_key(shop, scopes=scopes) for shop in (district.shop, district.other_shop))
    member, cam = district.member(key=district.shop.key), new_campaign(district, key=own)["id"]
    check_problem(claim(district, cam, member, key=other), 404, "not-found")
    stranger = district.member()
    assert check_problem(claim(district, cam, stranger, key=own), 404).pointers == {"/member_id"}
    made = claim(district, cam, member, key=own).ok(201)
    assert (made["code"], made["member_id"]) == (None, member)
    [code] = [one["code"] for one in coupons_of(district, member)]
    check_problem(void(district, code, key=other), 403, "forbidden")
    assert void(district, code, key=own).ok(200)["status"] == "voided"


def test_a_merchant_learns_nothing_of_a_member_by_an_audience(district: District) -> None:
    district.api.patch("/v1/programme", {"merchant_campaigns": True}, district.key).ok(200)
    own = district.merchant_key(district.shop, scopes=["campaigns:write", "coupons:issue"])
    phone = new_phone()
    district.member(phone, tags=["staff"])
    member = district.member(phone, key=district.shop.key)
    cam = new_campaign(district, key=own, audience={"tags": ["staff"]})["id"]
    check_problem(claim(district, cam, member, key=own), 403, "member-unproven")


def test_who_leaves_loses_its_coupons(district: District) -> None:
    member, cam = district.member(), new_campaign(district, budget=5_000)["id"]
    coupon = claim(district, cam, member).ok(201)
    claim(district, cam, district.member()).ok(201)
    district.api.delete(f"/v1/members/{member}", district.key).ok(200)
    assert counts(district, cam) == {"issued": 2, "voided": 1, "budget_left": 4_000}
    assert district.api.get(f"/v1/coupons/{coupon['code']}", district.key).ok(200)["status"] == "voided"


def test_a_coupon_that_is_over_when_its_member_leaves_stays_expired(timed: District, clock: SetClock) -> None:
    clock.go(0)
    member, cam = timed.member(), new_campaign(timed, validity={"days_after_issue": 1})["id"]
    coupon = claim(timed, cam, member).ok(201)
    clock.go(2)
    timed.api.delete(f"/v1/members/{member}", timed.key).ok(200)
    assert counts(timed, cam) == {"issued": 1, "expired": 1}
    assert timed.api.get(f"/v1/coupons/{coupon['code']}", timed.key).ok(200)["status"] == "expired"


def test_coupons_of_who_becomes_another_are_the_other_s(district: District) -> None:
    old, survivor, cam = district.member(), district.member(), new_campaign(district, per_member_limit=2)["id"]
    coupon = claim(district, cam, old).ok(201)
    own = claim(district, cam, survivor).ok(201)
    district.api.post(f"/v1/members/{old}/merge", {"into": survivor}, district.key).ok(200)
    assert {one["id"] for one in coupons_of(district, old)} == {coupon["id"], own["id"]}
    assert {one["member_id"] for one in coupons_of(district, survivor)} == {survivor}
    check_problem(claim(district, cam, old), 409, "claim-limit-reached")


def test_a_member_s_export_has_its_coupons(district: District) -> None:
    old, member, cam = district.member(), district.member(), new_campaign(district)["id"]
    first, second = claim(district, cam, old).ok(201), claim(district, cam, member).ok(201)
    preview = district.api.get(f"/v1/members/{old}/merge-preview?into={member}", district.key).ok(200)
    assert [preview[side]["coupons"] for side in ("member", "into")] == [1, 1]
    district.api.post(f"/v1/members/{old}/merge", {"into": member}, district.key).ok(200)
    voided = district.api.post(f"/v1/coupons/{second['code']}/void", {"reason": "误发"}, district.key).ok(200)
    told = district.api.get(f"/v1/members/{member}/export", district.key).ok(200)["coupons"]
    assert told == [{**first, "member_id": member, "void_reason": None}, {**voided, "void_reason": "误发"}]
    preview = district.api.get(f"/v1/members/{member}/merge-preview?into={district.member()}", district.key).ok(200)
    assert [preview[side]["coupons"] for side in ("member", "into")] == [1, 0]


def test_a_later_end_is_a_later_end_for_those_that_are_out(timed: District, clock: SetClock) -> None:
    start, fixed = ahead(), ahead(days=30)
    cam = new_campaign(timed, validity={"from": start, "to": fixed})["id"]
    counted = new_campaign(timed, validity={"days_after_issue": 2})["id"]
    clock.go(0)
    over, member = claim(timed, counted, timed.member()).ok(201), timed.member()
    first = claim(timed, cam, member).ok(201)
    clock.go(3)
    second = claim(timed, counted, member).ok(201)
    used = claim(timed, cam, member).ok(201)
    timed.report(coupons=[used["code"]]).ok(201)
    change(timed, cam, validity={"from": start, "to": ahead(days=60)}).ok(200)
    change(timed, counted, validity={"days_after_issue": 5}).ok(200)
    ends = {one["id"]: one["expires_at"] for one in coupons_of(timed, member)}
    assert ends[first["id"]] == ends[used["id"]] > fixed
    clock.go(9, "00:00")  # the end of the fifth day after the third
    assert ends[second["id"]] == clock().isoformat().replace("+00:00", "Z")
    assert timed.api.get(f"/v1/coupons/{over['code']}", timed.key).ok(200)["expires_at"] == over["expires_at"]


def test_what_is_no_later_end_moves_nothing(timed: District, clock: SetClock) -> None:
    cam = new_campaign(timed, validity={"from": ahead(), "to": ahead(days=30)})["id"]
    clock.go(0)
    member = timed.member()
    before = claim(timed, cam, member).ok(201)
    start = campaign_of(timed, cam)["validity"]["from"]
    for key, changes, code in (
        (timed.key, {"validity": {"from": start, "to": ahead(days=60)}, "amount_off": 1}, "campaign-published"),
        (timed.key, {"validity": {"from": start, "to": ahead(days=20)}}, "campaign-published"),
        (timed.shop.key, {"validity": {"from": start, "to": ahead(days=60)}}, "forbidden"),
    ):
        assert change(timed, cam, key=key, **changes).code == code
    assert coupons_of(timed, member) == [before]


def test_the_job_expires_what_is_over_once(timed: District, timed_app: Flask, clock: SetClock) -> None:
    cam = new_campaign(timed, validity={"days_after_issue": 1}, budget=10_000)["id"]
    made = [claim(timed, cam, timed.member()).ok(201)["id"] for _ in range(3)]
    clock.go(3)
    with timed_app.app_context():
        expire_coupons()
        expire_coupons()
    told = timed.api.get("/v1/events?type=coupon.expired", timed.key).ok(200)["data"]
    assert sorted(one["data"]["coupon_id"] for one in told) == sorted(made)
    assert counts(timed, cam) == {"issued": 3, "expired": 3, "budget_left": 10_000}


@pytest.mark.usefixtures("context")
def test_a_test_clock_lets_coupons_expire_on_its_way(api: Any) -> None:
    district = new_sandbox(api)
    cam = new_campaign(district, validity={"days_after_issue": 1})["id"]
    claim(district, cam, district.member()).ok(201)
    advance(district, days=3)
    [event] = district.api.get("/v1/events?type=coupon.expired", district.key).ok(200)["data"]
    assert event["data"]["campaign_id"] == cam


def test_another_district_claims_nothing_here(district: District, other_district: District) -> None:
    cam, theirs = new_campaign(district)["id"], new_campaign(other_district)["id"]
    check_problem(claim(district, theirs, district.member()), 404, "not-found")
    foreign = other_district.member()
    assert check_problem(claim(district, cam, foreign), 404, "not-found").pointers == {"/member_id"}
    token = token_of(other_district, foreign)
    check_problem(claim(district, cam, key=token), 404, "not-found")
    assert counts(district, cam) == {}
