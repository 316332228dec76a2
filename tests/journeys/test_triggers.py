"""Coupons come by themselves: once for each member and occurrence, late and repeated events included."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import psycopg
import pytest
from flask import Flask

from app.coupons.giving.days import give_of_day
from app.foundation.clock import format_instant
from app.foundation.tasks import take_events
from tests.factories.api import Api
from tests.factories.books import UNTAKEN, broken
from tests.factories.clock import SHANGHAI, SetClock
from tests.factories.coupons import act, coupons_of, new_campaign
from tests.factories.districts import District
from tests.factories.points import change_programme
from tests.factories.sandboxes import advance, new_sandbox, now_in
from tests.factories.shoppers import signed_in
from tests.factories.tiers import new_tier

pytestmark = pytest.mark.usefixtures("context")


@pytest.fixture(autouse=True)
def books(request: pytest.FixtureRequest, app: Flask) -> Iterator[None]:
    """Whatever a test does, the books hold afterwards."""
    ids = [request.getfixturevalue(one).id for one in ("district", "timed") if one in request.fixturenames]
    yield
    with app.app_context():
        assert {one: broken(one) for one in ids} == {one: {} for one in ids}


def automatic(district: District, on: str, **more: Any) -> str:
    trigger = {"on": on, **{name: more.pop(name) for name in _OF_TRIGGERS if name in more}}
    return str(new_campaign(district, issuing=["automatic"], trigger=trigger, **more)["id"])


_OF_TRIGGERS = ("min_amount", "tier_ids", "days", "days_before")


def events(superuser: psycopg.Connection, district: District) -> list[str]:
    query = "SELECT id FROM outbox WHERE district_id = %s ORDER BY id"
    return [str(one).replace("-", "") for (one,) in superuser.execute(query, (district.id[-32:],))]


@pytest.fixture
def relay(superuser: psycopg.Connection) -> Any:
    """Hands over all that has happened; again: as if it had not been handed over."""

    def hand_over(district: District, *, again: bool = False) -> None:
        if again:
            for undone in UNTAKEN:
                superuser.execute(f"{undone} WHERE district_id = %s", (district.id[-32:],))
        assert district.api.app is not None
        with district.api.app.app_context():
            take_events(district.id, events(superuser, district))

    return hand_over


def had(district: District, member_id: str, cam: str) -> list[str]:
    """The states of a member's coupons of a campaign."""
    return [one["status"] for one in coupons_of(district, member_id) if one["campaign_id"] == cam]


def test_who_joins_gets_one(district: District, relay: Any) -> None:
    early = district.member()
    relay(district)
    cam = automatic(district, "joined")
    late = district.member()
    relay(district)
    relay(district, again=True)
    assert (had(district, late, cam), had(district, early, cam)) == (["issued"], [])
    told = district.api.get("/v1/events?type=coupon.issued", district.key).ok(200)["data"]
    assert {one["data"]["way"] for one in told} == {"automatic"}


def test_each_large_sale_gives_one_by_its_bill(district: District, relay: Any) -> None:
    member, cam = district.member(), automatic(district, "sale", min_amount=10_000)
    district.report(member_id=member, amount=9_999).ok(201)
    district.report(member_id=member, amount=10_000, eligible_amount=0).ok(201)
    district.report(member_id=member, amount=20_000).ok(201)
    district.report(amount=20_000).ok(201)
    relay(district)
    relay(district, again=True)
    assert had(district, member, cam) == ["issued"] * 2


def test_the_first_purchase_gives_one(district: District, relay: Any) -> None:
    old, new = district.member(), district.member()
    district.report(member_id=old, amount=100).ok(201)
    relay(district)
    cam = automatic(district, "first_purchase")
    for member in (old, new, new):
        district.report(member_id=member, amount=100).ok(201)
    relay(district)
    relay(district, again=True)
    assert (len(had(district, new, cam)), len(had(district, old, cam))) == (1, 0)


def test_a_claimed_sale_counts(district: District, relay: Any) -> None:
    member, cam = district.member(), automatic(district, "sale")
    sale = district.report(amount=10_000).ok(201)
    relay(district)
    district.api.post(f"/v1/transactions/{sale['id']}/claim", {"member_id": member}, district.key).ok(200)
    relay(district)
    assert had(district, member, cam) == ["issued"]


@pytest.mark.parametrize("on", ["sale", "first_purchase"])
def test_a_sale_that_is_refunded_whole_takes_its_coupon_back(district: District, relay: Any, on: str) -> None:
    member, cam = district.member(), automatic(district, on)
    sale = district.report(member_id=member, amount=10_000).ok(201)
    relay(district)
    for reference, amount, status in (("a", 4_000, "issued"), ("b", 6_000, "voided")):
        body = {"transaction_id": sale["id"], "reference": reference, "amount": amount}
        district.api.post("/v1/refunds", body, district.key).ok(201)
        relay(district)
        assert had(district, member, cam) == [status]
    relay(district, again=True)
    assert had(district, member, cam) == ["voided"]


def test_a_coupon_that_was_used_stays_used(district: District, relay: Any) -> None:
    member, cam = district.member(), automatic(district, "first_purchase")
    sale = district.report(member_id=member, amount=10_000).ok(201)
    relay(district)
    [coupon] = coupons_of(district, member)
    district.report(member_id=member, amount=20_000, coupons=[coupon["code"]]).ok(201)
    district.api.post(
        "/v1/refunds", {"transaction_id": sale["id"], "reference": "a", "amount": 10_000}, district.key
    ).ok(201)
    relay(district)
    assert had(district, member, cam) == ["redeemed"]


def test_a_refund_that_is_told_first_leaves_nothing(district: District, relay: Any) -> None:
    member, cam = district.member(), automatic(district, "sale")
    sale = district.report(member_id=member, amount=10_000).ok(201)
    district.api.post(
        "/v1/refunds", {"transaction_id": sale["id"], "reference": "a", "amount": 10_000}, district.key
    ).ok(201)
    relay(district)
    assert had(district, member, cam) == []


def test_a_tier_that_is_reached_gives_one(district: District, relay: Any) -> None:
    silver, gold = (new_tier(district, rank=rank, threshold=100 * rank) for rank in (1, 2))
    member, cam = district.member(), automatic(district, "tier_reached", tier_ids=[gold])
    district.report(member_id=member, amount=15_000).ok(201)
    relay(district)
    assert (had(district, member, cam), silver != gold) == ([], True)
    district.report(member_id=member, amount=15_000).ok(201)
    relay(district)
    relay(district, again=True)
    assert had(district, member, cam) == ["issued"]


def test_limits_pauses_and_freezes_hold(district: District, relay: Any) -> None:
    first, second, frozen = (district.member() for _ in range(3))
    district.api.post(f"/v1/members/{frozen}/freeze", {}, district.key).ok()
    limited, paused = automatic(district, "sale", per_member_limit=1, stock=2), automatic(district, "sale")
    act(district, paused, "pause").ok(200)
    for member in (first, first, frozen, second):
        district.report(member_id=member, amount=10_000).ok(201)
    relay(district)
    act(district, paused, "resume").ok(200)
    relay(district, again=True)
    assert [len(had(district, one, limited)) for one in (first, second, frozen)] == [1, 1, 0]
    assert [len(had(district, one, paused)) for one in (first, second, frozen)] == [0, 0, 0], (
        "what a pause kept is over"
    )


def test_a_merchant_s_own_is_for_those_who_showed_themselves_there(district: District, relay: Any) -> None:
    change_programme(district, merchant_campaigns=True)
    key = district.merchant_key(district.shop, scopes=["campaigns:write", "campaigns:read"])
    joined, sold = (automatic(district, on, key=key) for on in ("joined", "sale"))
    named, proven = (district.member(key=district.shop.key) for _ in range(2))
    consent = {"controller": district.shop.merchant_id, "purpose": "membership", "version": "1", "granted": True}
    token = str(signed_in(district.id, proven).access_token)
    district.api.post(f"/v1/members/{proven}/consents", consent, token).ok()
    for store in (district.shop.store_id, district.other_shop.store_id):
        for member in (named, proven):
            district.report(member_id=member, amount=10_000, store_id=store).ok(201)
    relay(district)
    assert (had(district, named, joined), had(district, named, sold)) == ([], [])
    assert len(had(district, proven, sold)) == 1, "a sale elsewhere is none of its business"


def test_birthdays_give_one_a_year(timed: District, clock: SetClock) -> None:
    clock.go(0)
    today = clock.moment.astimezone(SHANGHAI).date()
    born = (today + timedelta(days=10)).replace(year=1990)
    member, other = timed.member(birthday=born.isoformat()), timed.member()
    cam, day = automatic(timed, "birthday", days_before=7), automatic(timed, "birthday")
    assert timed.api.app is not None
    seen = []
    with timed.api.app.app_context():
        for days in (0, 2, 3, 4, 9, 10, 11, 3 + 366):
            clock.go(days)
            give_of_day(timed.id)
            give_of_day(timed.id)
            seen.append((len(had(timed, member, cam)), len(had(timed, member, day)), len(coupons_of(timed, other))))
    assert seen == [(0, 0, 0), (0, 0, 0), (1, 0, 0), (1, 0, 0), (1, 0, 0), (1, 1, 0), (1, 1, 0), (2, 1, 0)]


def test_who_hasn_t_bought_for_long_gets_one(timed: District, clock: SetClock) -> None:
    clock.go(0)
    member, never, cam = timed.member(), timed.member(), automatic(timed, "lapsed", days=5)
    assert timed.api.app is not None
    seen = []
    with timed.api.app.app_context():
        for days, buys in ((0, True), (4, False), (5, False), (6, True), (10, False), (11, False), (30, False)):
            clock.go(days)
            if buys:
                timed.report(member_id=member, amount=100).ok(201)
            give_of_day(timed.id)
            seen.append((len(had(timed, member, cam)), len(coupons_of(timed, never))))
    assert seen == [(0, 0), (0, 0), (1, 0), (1, 0), (1, 0), (2, 0), (2, 0)]


def test_who_withdrew_is_left_out_of_what_looks_at_the_person(timed: District, clock: SetClock) -> None:
    clock.go(0)
    born = clock.moment.astimezone(SHANGHAI).date().replace(year=1990)
    member, cam = timed.member(birthday=born.isoformat()), automatic(timed, "birthday")
    consent = {"controller": "district", "purpose": "personalised-offers", "version": "1", "granted": False}
    timed.api.post(f"/v1/members/{member}/consents", consent, timed.key).ok()
    assert timed.api.app is not None
    with timed.api.app.app_context():
        give_of_day(timed.id)
    assert had(timed, member, cam) == []


def test_a_test_clock_stops_for_birthdays_and_lapses(api: Api) -> None:
    sandbox = new_sandbox(api)
    born = (now_in(sandbox).astimezone(SHANGHAI).date() + timedelta(days=20)).replace(year=1990)
    member = sandbox.member(birthday=born.isoformat())
    birthday, lapsed = automatic(sandbox, "birthday", days_before=3), automatic(sandbox, "lapsed", days=10)
    sandbox.report(member_id=member, amount=100).ok(201)
    advance(sandbox, days=16)
    assert (len(had(sandbox, member, birthday)), len(had(sandbox, member, lapsed))) == (0, 1)
    advance(sandbox, days=4)
    assert (len(had(sandbox, member, birthday)), len(had(sandbox, member, lapsed))) == (1, 1)


@pytest.mark.parametrize("on", ["joined", "sale", "first_purchase", "tier_reached"])
def test_what_happened_before_a_campaign_is_out_gives_none_however_late_it_is_told(
    district: District, relay: Any, on: str
) -> None:
    gold = new_tier(district, rank=1, threshold=100)
    early = district.member()
    sale = district.report(member_id=early, amount=12_800).ok(201)
    cam = automatic(district, on, **({"tier_ids": [gold]} if on == "tier_reached" else {}))
    late = district.member()
    district.report(member_id=late, amount=12_800).ok(201)
    body = {"transaction_id": sale["id"], "reference": "part", "amount": 1}
    district.api.post("/v1/refunds", body, district.key).ok(201)
    relay(district)
    assert (had(district, early, cam), had(district, late, cam)) == ([], ["issued"])


def test_history_that_is_taken_over_gives_none_and_late_sales_do(timed: District, clock: SetClock, relay: Any) -> None:
    clock.go(0)
    first = [timed.member() for _ in range(3)]
    cam, days = automatic(timed, "sale"), timedelta(days=1)
    published = clock.moment
    for member, at in zip(first, (published - 3 * days, published - 8 * days, published), strict=True):
        clock.go(9 if at == published else 0)
        timed.report(member_id=member, amount=100, occurred_at=format_instant(at)).ok(201)
    relay(timed)
    assert [len(had(timed, one, cam)) for one in first] == [1, 0, 1]


def test_why_its_coupon_is_gone_is_told_in_the_reader_s_language(district: District, relay: Any) -> None:
    member = district.member()
    automatic(district, "sale")
    sale = district.report(member_id=member, amount=100).ok(201)
    relay(district)
    body = {"transaction_id": sale["id"], "reference": "all", "amount": 100}
    district.api.post("/v1/refunds", body, district.key).ok(201)
    relay(district)
    [coupon] = district.api.get(f"/v1/members/{member}/export", district.key).ok(200)["coupons"]
    assert coupon["void_reason"] == "发券的那笔消费已全额退款。"
