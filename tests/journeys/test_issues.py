"""Coupons are given to members who are named or described: in the queue, each once, within the limits of the campaign."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from flask import Flask

from app.coupons.giving import targeting
from app.coupons.giving.schemas import IssueBody
from app.coupons.giving.tasks import ask_waiting_issues, run_issue
from app.foundation.database.unit_of_work import unit_of_work
from app.foundation.tenancy import system_principal
from tests.factories.api import Reply
from tests.factories.books import broken
from tests.factories.clock import SetClock
from tests.factories.coupons import act, bearer_codes, bind, campaign_of, claim, coupons_of, new_campaign
from tests.factories.districts import District, new_phone
from tests.factories.points import change_programme
from tests.factories.problems import check_problem
from tests.factories.shoppers import signed_in
from tests.factories.tiers import new_tier

pytestmark = pytest.mark.usefixtures("context")
OFFERS = {"controller": "district", "purpose": "personalised-offers", "version": "2026-01"}


@pytest.fixture(autouse=True)
def books(request: pytest.FixtureRequest, app: Flask) -> Iterator[None]:
    """Whatever a test does, the books hold afterwards."""
    ids = [request.getfixturevalue(one).id for one in ("district", "timed") if one in request.fixturenames]
    yield
    with app.app_context():
        assert {one: broken(one) for one in ids} == {one: {} for one in ids}


def targeted(district: District, **terms: Any) -> str:
    return str(new_campaign(district, **{"issuing": ["targeted"], **terms})["id"])


def ask(district: District, cam: str, key: str | None = None, **body: Any) -> Reply:
    return district.api.post(f"/v1/campaigns/{cam}/issue", body, key or district.key)


def done(district: District, cam: str, key: str | None = None, **body: Any) -> Any:
    """An issue that has come to its end: status, issued, left out."""
    asked = ask(district, cam, key, **body).ok(202)
    assert (asked["status"], asked["issued"], asked["left_out"]) == ("queued", 0, 0)
    assert district.api.app is not None
    with district.api.app.app_context():
        run_issue(district.id, asked["id"])
    shown = district.api.get(f"/v1/issues/{asked['id']}", key or district.key).ok(200)
    return shown["status"], shown["issued"], shown["left_out"]


def who_has(district: District, cam: str, *members: str) -> list[int]:
    """How many coupons of a campaign each of some members has."""
    return [sum(one["campaign_id"] == cam for one in coupons_of(district, member)) for member in members]


def members_of(district: District, count: int) -> list[str]:
    body = {"members": [{"phone": new_phone()} for _ in range(count)]}
    rows = district.api.post("/v1/members/batch", body, district.key).ok(200)["results"]
    return [row["member"]["id"] for row in rows]


def test_members_who_are_named_get_one_each(district: District) -> None:
    first, second, third = members_of(district, 3)
    cam = targeted(district, budget=10_000)
    assert done(district, cam, member_ids=[second, first, second]) == ("done", 2, 0)
    assert who_has(district, cam, first, second, third) == [1, 1, 0]
    told = district.api.get("/v1/events?type=coupon.issued", district.key).ok(200)["data"]
    assert {(one["data"]["member_id"], one["data"]["way"]) for one in told} == {
        (first, "targeted"),
        (second, "targeted"),
    }
    counts = campaign_of(district, cam)["counts"]
    assert (counts["issued"], counts["budget_left"]) == (2, 8_000)
    [coupon] = coupons_of(district, first)
    sale = district.report(member_id=first, coupons=[coupon["code"]]).ok(201)
    assert sale["discount_amount"] == 1_000
    assert done(district, cam, member_ids=[first]) == ("done", 1, 0), "another issue is another coupon"


def test_sets_follow_each_other(district: District, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(targeting, "MEMBERS_A_SET", 3)
    members = members_of(district, 10)
    cam = targeted(district)
    assert done(district, cam, member_ids=members) == ("done", 10, 0)
    assert done(district, cam, audience={}) == ("done", 10, 0)
    assert set(who_has(district, cam, *members)) == {2}


def test_limits_are_kept(district: District) -> None:
    members = members_of(district, 6)
    cam = targeted(district, stock=4, per_member_limit=1, issuing=["targeted", "claim"])
    claim(district, cam, members[0]).ok(201)
    assert done(district, cam, member_ids=members) == ("done", 3, 3)
    assert sorted(who_has(district, cam, *members)) == [0, 0, 1, 1, 1, 1]
    assert who_has(district, cam, members[0]) == [1]
    budget = targeted(district, budget=2_999)
    assert done(district, budget, audience={}) == ("done", 2, 4)
    assert campaign_of(district, budget)["counts"]["budget_left"] == 999


def test_what_limits_claims_doesn_t_limit_issues(district: District) -> None:
    members = members_of(district, 3)
    cam = targeted(district, per_day_stock=1, audience={"tags": ["vip"]}, issuing=["targeted", "claim"])
    assert done(district, cam, member_ids=members) == ("done", 3, 0)


def test_who_withdrew_is_left_out_and_counted(district: District) -> None:
    willing, unwilling, again = members_of(district, 3)
    path = "/v1/members/{}/consents"
    for member, granted in ((unwilling, False), (again, False), (again, True)):
        district.api.post(path.format(member), {**OFFERS, "granted": granted}, district.key).ok()
    cam = targeted(district)
    assert done(district, cam, audience={}) == ("done", 2, 1)
    assert who_has(district, cam, willing, unwilling, again) == [1, 0, 1]


def test_who_is_frozen_or_gone_is_left_out(district: District) -> None:
    frozen, erased, merged, survivor = members_of(district, 4)
    cam = targeted(district)
    asked = ask(district, cam, member_ids=[frozen, erased, merged, survivor]).ok(202)
    district.api.post(f"/v1/members/{frozen}/freeze", {}, district.key).ok()
    district.api.delete(f"/v1/members/{erased}", district.key).ok()
    district.api.post(f"/v1/members/{merged}/merge", {"into": survivor}, district.key).ok()
    run_issue(district.id, asked["id"])
    shown = district.api.get(f"/v1/issues/{asked['id']}", district.key).ok(200)
    assert (shown["status"], shown["issued"], shown["left_out"]) == ("done", 1, 3)
    assert who_has(district, cam, survivor) == [1]


def test_an_unknown_member_is_pointed_at(district: District) -> None:
    member, cam = district.member(), targeted(district)
    refused = check_problem(ask(district, cam, member_ids=[member, f"mem_{'0' * 32}"]), 404)
    assert refused.pointers == {"/member_ids/1"}
    assert check_problem(ask(district, cam), 422).pointers == {"/member_ids"}
    both = check_problem(ask(district, cam, member_ids=[member], audience={}), 422)
    assert both.pointers == {"/audience"}
    assert campaign_of(district, cam)["counts"]["issued"] == 0


def test_only_what_is_issued_so_and_runs(district: District) -> None:
    member = district.member()
    check_problem(ask(district, str(new_campaign(district)["id"]), member_ids=[member]), 409, "not-claimable")
    cam = targeted(district)
    act(district, cam, "pause").ok(200)
    check_problem(ask(district, cam, member_ids=[member]), 409, "campaign-not-running")


def test_a_pause_rests_an_issue_and_an_end_stops_it(district: District, monkeypatch: pytest.MonkeyPatch) -> None:
    members, cam = members_of(district, 3), targeted(district)
    asked = [ask(district, cam, member_ids=members).ok(202)["id"] for _ in range(2)]
    act(district, cam, "pause").ok(200)
    run_issue(district.id, asked[0])
    assert district.api.get(f"/v1/issues/{asked[0]}", district.key).ok(200)["status"] == "queued"
    assert who_has(district, cam, *members) == [0, 0, 0]
    act(district, cam, "resume").ok(200)
    jobs: list[Any] = []
    monkeypatch.setattr("app.foundation.jobs.queue.put_jobs", jobs.extend)
    ask_waiting_issues()
    assert {(district.id, one) for one in asked} <= {job.arguments for job in jobs}
    run_issue(district.id, asked[0])
    assert who_has(district, cam, *members) == [1, 1, 1]
    act(district, cam, "end").ok(200)
    run_issue(district.id, asked[1])
    shown = district.api.get(f"/v1/issues/{asked[1]}", district.key).ok(200)
    assert (shown["status"], shown["issued"], shown["finished_at"] is None) == ("failed", 0, False)


def test_an_audience_by_what_is_known_of_members(timed: District, clock: SetClock) -> None:
    clock.go(0)
    tier = new_tier(timed, threshold=100)
    vip, plain = timed.member(tags=["vip"]), timed.member()
    timed.report(member_id=vip, amount=50_000).ok(201)
    late = clock.moment
    clock.go(10)
    young = timed.member()
    timed.report(member_id=plain, amount=10_000, store_id=timed.other_shop.store_id).ok(201)

    def meant(**audience: Any) -> set[str]:
        cam = targeted(timed)
        _, issued, left_out = done(timed, cam, audience=audience)
        given = {one for one in (vip, plain, young) if who_has(timed, cam, one) == [1]}
        assert (issued, left_out) == (len(given), 0)
        return given

    now = clock.moment.isoformat()
    assert meant() == {vip, plain, young}
    assert meant(tags=["vip"]) == {vip}
    assert meant(tier_ids=[tier]) == {vip, plain}
    assert meant(first_purchase_only=True) == {young}
    assert meant(member_since_before=now) == {vip, plain}
    assert meant(merchant_ids=[timed.other_shop.merchant_id]) == {plain}
    assert meant(merchant_ids=[timed.shop.merchant_id, timed.other_shop.merchant_id]) == {vip, plain}
    assert meant(last_purchase_before=now) == {vip}
    assert meant(last_purchase_after=now) == {plain}
    assert meant(lapsed_days=10) == {vip}
    assert meant(lapsed_days=11) == set()
    assert meant(min_spent=10_000) == {vip, plain}
    assert meant(min_spent=10_001) == {vip}
    assert meant(min_spent=10_000, spent_days=10) == {plain}
    assert meant(min_spent=10_000, spent_days=11) == {vip, plain}
    assert meant(tags=["vip"], first_purchase_only=True) == set()
    assert late < clock.moment


def test_money_that_went_back_was_not_spent(district: District) -> None:
    member, cam = district.member(), targeted(district)
    sale = district.report(member_id=member, amount=10_000).ok(201)
    body = {"transaction_id": sale["id"], "reference": "back", "amount": 1}
    district.api.post("/v1/refunds", body, district.key).ok(201)
    assert done(district, cam, audience={"min_spent": 10_000}) == ("done", 0, 0)
    assert done(district, cam, audience={"min_spent": 9_999}) == ("done", 1, 0)


def test_who_joins_later_isn_t_meant(district: District) -> None:
    cam, early = targeted(district), district.member()
    asked = ask(district, cam, audience={}).ok(202)
    late = district.member()
    run_issue(district.id, asked["id"])
    assert who_has(district, cam, early, late) == [1, 0]


def test_a_merchant_gives_to_those_who_showed_themselves_there(district: District) -> None:
    change_programme(district, merchant_campaigns=True)
    scopes = ["campaigns:write", "campaigns:read", "coupons:issue", "coupons:read", "members:write"]
    key = district.merchant_key(district.shop, scopes=scopes)
    cam = targeted(district, key=key)
    stranger, named, proven = district.member(), district.member(key=key), district.member(key=key)
    consent = {"controller": district.shop.merchant_id, "purpose": "membership", "version": "1", "granted": True}
    district.api.post(f"/v1/members/{proven}/consents", consent, _token(district, proven)).ok()
    assert check_problem(ask(district, cam, key, member_ids=[stranger]), 404).pointers == {"/member_ids/0"}
    assert done(district, cam, key, member_ids=[named, proven]) == ("done", 1, 1)
    assert done(district, cam, key, audience={}) == ("done", 1, 0)
    assert who_has(district, cam, stranger, named, proven) == [0, 0, 2]
    elsewhere = {"merchant_ids": [district.other_shop.merchant_id]}
    assert check_problem(ask(district, cam, key, audience=elsewhere), 404).pointers == {"/audience/merchant_ids/0"}
    check_problem(ask(district, targeted(district), key, audience={}), 403)
    district.report(member_id=proven, amount=10_000, store_id=district.other_shop.store_id).ok(201)
    assert done(district, cam, key, audience={"min_spent": 1}) == ("done", 0, 0), "its own sales only"
    other = district.merchant_key(district.other_shop, scopes=["coupons:read"])
    asked = ask(district, cam, key, member_ids=[proven]).ok(202)
    check_problem(district.api.get(f"/v1/issues/{asked['id']}", other), 404)


def test_an_issue_that_died_goes_on(district: District, superuser: psycopg.Connection) -> None:
    """Whatever was told last, each member gets one: the row says up to whom it has come."""
    members, cam = members_of(district, 5), targeted(district)
    asked = ask(district, cam, member_ids=members).ok(202)["id"]
    run_issue(district.id, asked)
    superuser.execute(
        "UPDATE issues SET status = 'running', finished_at = NULL, reached = %s WHERE id = %s", ("0" * 32, asked[-32:])
    )
    run_issue(district.id, asked)
    assert who_has(district, cam, *members) == [1] * 5


def _token(district: District, member_id: str) -> str:
    return str(signed_in(district.id, member_id).access_token)


def test_what_became_a_member_s_today_counts_today(timed: District, clock: SetClock) -> None:
    """A code of yesterday that is bound today has been had today, as claims see it, too."""
    clock.go(0)
    cam = targeted(timed, issuing=["claim", "targeted", "code_batch"], per_member_per_day=1)
    assert timed.api.app is not None
    with timed.api.app.app_context():
        [code] = bearer_codes(timed, cam, 1)
    member, other = timed.member(), timed.member()
    clock.go(1)
    bind(timed, member, code).ok(200)
    check_problem(claim(timed, cam, member), 409, "claim-limit-reached")
    assert done(timed, cam, member_ids=[member, other]) == ("done", 1, 1)
    clock.go(2)
    assert done(timed, cam, member_ids=[member]) == ("done", 1, 0)


def test_an_issue_is_cancelled_and_nobody_else_gets_one(district: District, other_district: District) -> None:
    first, second = members_of(district, 2)
    cam = targeted(district)
    asked = ask(district, cam, member_ids=[first, second]).ok(202)["id"]
    where = f"/v1/issues/{asked}/cancel"
    check_problem(district.api.post(where, {}, other_district.key), 404)
    stopped = [district.api.post(where, {}, district.key).ok(200) for _ in range(2)]
    assert stopped[0] == stopped[1]
    assert (stopped[0]["status"], stopped[0]["issued"]) == ("cancelled", 0)
    assert district.api.app is not None
    with district.api.app.app_context():
        run_issue(district.id, asked)
    assert who_has(district, cam, first, second) == [0, 0]
    entries = district.api.get("/v1/audit-entries?action=issue.cancelled", district.key).ok(200)["data"]
    assert [one["subject"]["id"] for one in entries] == [asked], "the second time nothing was changed"


def test_members_who_would_be_meant_are_counted_before(district: District) -> None:
    """As many as the issue then means; beyond a number of members that somebody waits for, it says so."""
    for member in members_of(district, 3)[:2]:
        district.api.patch(f"/v1/members/{member}", {"tags": ["vip"]}, district.key).ok(200)
    cam, audience = targeted(district), {"tags": ["vip"]}
    whole = IssueBody().load({"audience": audience})["audience"]
    assert district.api.app is not None
    with district.api.app.app_context(), unit_of_work(system_principal(district.id)) as uow:
        counted = targeting.count_meant(uow, cam, whole)
    assert counted == (2, 3, True)
    assert done(district, cam, audience=audience) == ("done", 2, 0)
