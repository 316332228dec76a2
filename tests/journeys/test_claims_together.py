"""Claims of one moment are decided in one unit of work: each as if it had come alone, and what asks for more is left to itself."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest
from flask import Flask

from app.coupons.errors import CampaignNotRunning, CampaignSoldOut, ClaimLimitReached, NotClaimable
from app.coupons.issuing.claiming import GivenCoupon
from app.foundation.database.unit_of_work import unit_of_work
from app.foundation.ids import new_id
from app.foundation.tenancy import Principal, system_principal
from app.transactions.coupon_claims import services
from app.transactions.coupon_claims.rush import Claim, Outcome, claim_free
from tests.factories.books import broken
from tests.factories.coupons import act, campaign_of, change, claim, coupons_of, draft_campaign, new_campaign
from tests.factories.districts import District


@pytest.fixture(autouse=True)
def books(district: District, app: Flask) -> Any:
    """Whatever a test does, the books hold afterwards."""
    yield
    with app.app_context():
        assert broken(district.id) == {}


def opened(district: District, **terms: Any) -> Any:
    """A campaign whose first coupon has been claimed, so that what is left is dealt out."""
    campaign = new_campaign(district, **terms)
    claim(district, campaign["id"], district.member()).ok(201)
    return campaign


def claims_of(district: District, campaign: Any, *member_ids: str, key: str | None = None) -> list[Claim]:
    principal = Principal("key", new_id("key"), district.id, scopes=frozenset({"*"}))
    pair = None if key is None else (principal.id, key)
    return [Claim(principal, campaign["id"], one, b"p" * 16, pair) for one in member_ids]


def together(app: Flask, district: District, *claims: Claim) -> list[Outcome]:
    with app.app_context(), unit_of_work(system_principal(district.id), pipelined=True) as uow:
        return claim_free(uow, claims)


def kinds(outcomes: list[Outcome]) -> list[type | None]:
    return [None if one is None else type(one) for one in outcomes]


def test_a_claim_comes_this_way(district: District, monkeypatch: pytest.MonkeyPatch) -> None:
    """Once a campaign is dealt out, nothing is left to be decided by itself."""
    campaign, member = opened(district, stock=20, per_member_limit=1), district.member()
    monkeypatch.delattr(services, "claim")
    coupon = claim(district, campaign["id"], member).ok(201)
    assert coupons_of(district, member) == [coupon]
    refused = claim(district, campaign["id"], member)
    assert (refused.code, refused.body["coupon_id"]) == ("claim-limit-reached", coupon["id"])


def test_each_sees_those_before_it(app: Flask, district: District) -> None:
    campaign, members = opened(district, stock=200, per_member_limit=2), [district.member() for _ in range(3)]
    outcomes = together(app, district, *claims_of(district, campaign, *members, *members, *members))
    assert kinds(outcomes) == [GivenCoupon] * 6 + [ClaimLimitReached] * 3
    assert [len(coupons_of(district, one)) for one in members] == [2, 2, 2]
    assert campaign_of(district, campaign["id"])["counts"]["issued"] == 7


def test_a_set_takes_from_some_slices_and_leaves_the_rest(app: Flask, district: District) -> None:
    """Sixteen slices of two: a set has four of them at most, and refuses nobody while others have some."""
    campaign, members = opened(district, stock=33), [district.member() for _ in range(12)]
    outcomes = together(app, district, *claims_of(district, campaign, *members))
    assert kinds(outcomes) == [GivenCoupon] * 8 + [None] * 4
    assert campaign_of(district, campaign["id"])["counts"]["issued"] == 9


def test_what_is_gone_is_told_to_all(app: Flask, district: District) -> None:
    campaign = opened(district, stock=1)
    assert kinds(together(app, district, *claims_of(district, campaign, district.member(), district.member()))) == [
        CampaignSoldOut,
        CampaignSoldOut,
    ]
    change(district, campaign["id"], stock=2).ok(200)
    assert kinds(together(app, district, *claims_of(district, campaign, district.member()))) == [None]


def test_campaigns_beside_each_other(app: Flask, district: District) -> None:
    """Each by its own terms; what costs points, asks for an audience or is a draft is left to itself."""
    free, other = opened(district, stock=100), opened(district)
    ended, codes = opened(district), new_campaign(district, issuing=["code_batch"])
    act(district, ended["id"], "end").ok(200)
    asks = new_campaign(district, audience={"tags": ["vip"]})
    costs = new_campaign(district, issuing=["points"], points_price=5)
    draft = draft_campaign(district).ok(201)
    member = district.member()
    every = (free, ended, codes, other, asks, costs, draft, {"id": new_id("cam")})
    outcomes = together(app, district, *(one for each in every for one in claims_of(district, each, member)))
    assert kinds(outcomes) == [GivenCoupon, CampaignNotRunning, NotClaimable, GivenCoupon, None, None, None, None]
    assert {one["campaign_id"] for one in coupons_of(district, member)} == {free["id"], other["id"]}


def test_members_who_are_frozen_gone_or_held(app: Flask, district: District, superuser: psycopg.Connection) -> None:
    campaign, frozen, held, there = opened(district), district.member(), district.member(), district.member()
    district.api.post(f"/v1/members/{frozen}/freeze", {}, district.key).ok(200)
    with superuser.transaction():
        superuser.execute("SELECT FROM members WHERE id = %s FOR UPDATE", (held[-32:],))
        outcomes = together(app, district, *claims_of(district, campaign, frozen, held, new_id("mem"), there))
    assert kinds(outcomes) == [None, None, None, GivenCoupon]


def test_a_key_stands_for_one_claim(app: Flask, district: District) -> None:
    campaign, member = opened(district, stock=20), district.member()
    claims = claims_of(district, campaign, member, member, key="once")
    assert kinds(together(app, district, *claims)) == [GivenCoupon, None]
    assert kinds(together(app, district, *claims)) == [None, None]
    assert len(coupons_of(district, member)) == 1


def test_a_key_is_answered_again(district: District) -> None:
    campaign, member = opened(district, stock=20), district.member()
    path, body = f"/v1/campaigns/{campaign['id']}/claims", {"member_id": member}
    first, again = (district.api.post(path, body, district.key, idempotency_key="once") for _ in range(2))
    assert (first.status, first.body) == (again.status, again.body)
    assert (first.headers.get("Idempotent-Replayed"), again.headers["Idempotent-Replayed"]) == (None, "true")
    other = district.api.post(path, {"member_id": district.member()}, district.key, idempotency_key="once")
    assert other.code == "idempotency-key-reused"
    assert campaign_of(district, campaign["id"])["counts"]["issued"] == 2


def test_a_key_s_claim_is_in_the_log(district: District) -> None:
    campaign, member = opened(district), district.member()
    coupon = claim(district, campaign["id"], member).ok(201)
    entry = district.api.get("/v1/audit-entries?limit=1", district.key).ok(200)["data"][0]
    assert (entry["action"], entry["subject"]["id"], entry["from"]) == ("coupon.claimed", campaign["id"], "127.0.0.1")
    assert entry["details"] == {"member_id": member, "coupon_id": coupon["id"]}
