"""All unused coupons of a campaign are taken back, in the queue."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest

from app.coupons.bulk import voiding
from app.coupons.bulk.tasks import ask_in_district, void_campaign
from tests.factories.api import Reply
from tests.factories.books import broken
from tests.factories.coupons import (
    act,
    bearer_codes,
    campaign_of,
    claim,
    coupons_of,
    draft_campaign,
    new_campaign,
    order_codes,
)
from tests.factories.districts import District

pytestmark = pytest.mark.usefixtures("context")


def void(district: District, campaign_id: str, *, key: str | None = None) -> Reply:
    return district.api.post(f"/v1/campaigns/{campaign_id}/void", {"reason": "印错金额"}, key or district.key)


def counts(district: District, campaign_id: str) -> dict[str, Any]:
    return {name: one for name, one in campaign_of(district, campaign_id)["counts"].items() if one}


def voided_events(district: District) -> list[str]:
    told = district.api.get("/v1/events?type=coupon.voided&limit=100", district.key).ok(200)["data"]
    return [one["data"]["coupon_id"] for one in told]


def test_what_is_not_used_is_taken_back(district: District, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(voiding, "COUPONS_A_SET", 3)
    campaign = new_campaign(district, issuing=["claim", "code_batch"], budget=20_000)
    members = [district.member() for _ in range(3)]
    claimed = [claim(district, campaign["id"], member).ok(201) for member in members]
    buyer = {"member_id": members[0], "coupons": [claimed[0]["code"]], "amount": 20_000}
    district.report(**buyer).ok(201)
    bearer_codes(district, campaign["id"], 5)
    asked = void(district, campaign["id"]).ok(202)
    assert (asked["id"], asked["status"]) == (campaign["id"], "running")
    void_campaign(district.id, campaign["id"])
    assert counts(district, campaign["id"]) == {
        "issued": 8,
        "redeemed": 1,
        "voided": 7,
        "budget_left": 19_000,
        "discount_given": 1_000,
    }
    assert [coupons_of(district, member)[0]["status"] for member in members] == ["redeemed", "voided", "voided"]
    assert len(set(voided_events(district))) == len(voided_events(district)) == 7
    entries = district.api.get("/v1/audit-entries?action=campaign.voided", district.key).ok(200)["data"]
    assert [one["subject"]["id"] for one in entries] == [campaign["id"]]
    assert claim(district, campaign["id"], members[1]).ok(201)["status"] == "issued", "the campaign goes on"
    assert void_campaign(district.id, campaign["id"]) == 0, "what was asked for is done"
    assert broken(district.id) == {}


def test_points_that_coupons_cost_come_back(district: District) -> None:
    campaign = new_campaign(district, issuing=["points"], points_price=100)
    member = district.member()
    district.api.post(f"/v1/members/{member}/points/adjustments", {"points": 250, "reason": "补"}, district.key).ok(201)
    for _ in range(2):
        district.api.post(f"/v1/campaigns/{campaign['id']}/claims", {"member_id": member}, district.key).ok(201)
    assert district.balance(member)["available"] == 50
    void(district, campaign["id"]).ok(202)
    void_campaign(district.id, campaign["id"])
    assert district.balance(member)["available"] == 250
    assert counts(district, campaign["id"])["voided"] == 2
    assert broken(district.id) == {}


def test_codes_that_were_ordered_before_are_made_first(district: District) -> None:
    campaign = new_campaign(district, issuing=["code_batch"], stock=10)
    batch = order_codes(district, campaign["id"], 6).ok(202)
    void(district, campaign["id"]).ok(202)
    void_campaign(district.id, campaign["id"])
    assert counts(district, campaign["id"]) == {"issued": 6, "voided": 6, "left": 4}
    assert district.api.get(f"/v1/code-batches/{batch['id']}", district.key).ok(200)["status"] == "done"


def test_a_job_that_dies_is_followed_by_another(
    district: District, superuser: psycopg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(voiding, "COUPONS_A_SET", 2)
    campaign = new_campaign(district, issuing=["code_batch"])
    bearer_codes(district, campaign["id"], 5)
    void(district, campaign["id"]).ok(202)
    assert voiding._void_some(district.id, campaign["id"]) == 2
    assert counts(district, campaign["id"])["voided"] == 2
    superuser.execute("UPDATE campaign_voids SET alive_at = alive_at - interval '1 hour'")
    assert ask_in_district(district.id) == 1
    void_campaign(district.id, campaign["id"])
    assert counts(district, campaign["id"])["voided"] == len(voided_events(district)) == 5


def test_expired_coupons_expire_and_are_not_voided(district: District, superuser: psycopg.Connection) -> None:
    campaign = new_campaign(district, issuing=["code_batch"])
    bearer_codes(district, campaign["id"], 2)
    superuser.execute(
        "UPDATE coupons SET expires_at = now() - interval '1 minute' WHERE campaign_id = %s", (campaign["id"][4:],)
    )
    void(district, campaign["id"]).ok(202)
    void_campaign(district.id, campaign["id"])
    assert counts(district, campaign["id"]) == {"issued": 2, "expired": 2}
    assert voided_events(district) == []


def test_where_nothing_is_to_be_taken_back(district: District) -> None:
    draft = draft_campaign(district).ok(201)
    assert void(district, draft["id"]).code == "campaign-state"
    ended = new_campaign(district)
    coupon = claim(district, ended["id"], district.member()).ok(201)
    act(district, ended["id"], "end").ok(200)
    district.api.patch("/v1/programme", {"merchant_campaigns": True}, district.key).ok(200)
    own = district.merchant_key(district.shop, scopes=["campaigns:write", "coupons:issue"])
    assert void(district, ended["id"], key=own).status == 403
    assert void_campaign(district.id, ended["id"]) == 0
    assert district.api.get(f"/v1/coupons/{coupon['code']}", district.key).ok(200)["status"] == "issued"
