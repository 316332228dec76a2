"""Bearers' codes become members' coupons."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest

from app.coupons.bill.codes import ALPHABET
from tests.factories.books import broken
from tests.factories.coupons import act, bearer_codes, bind, campaign_of, claim, coupons_of, new_campaign, reserve
from tests.factories.districts import District
from tests.factories.shoppers import signed_in

pytestmark = pytest.mark.usefixtures("context")
BEARERS: dict[str, Any] = {"issuing": ["claim", "code_batch"]}
SCOPES = ["campaigns:write", "campaigns:read", "coupons:issue", "coupons:read"]


def coupon_of(district: District, code: str) -> Any:
    return district.api.get(f"/v1/coupons/{code}", district.key).ok(200)


def test_a_shopper_binds_a_code(district: District) -> None:
    campaign, member = new_campaign(district, **BEARERS), district.member()
    [code] = bearer_codes(district, campaign["id"], 1)
    token = signed_in(district.id, member).access_token
    typed = code.lower().replace("-", " ").replace("0", "o")
    bound = bind(district, member, typed, key=token).ok(200)
    assert (bound["member_id"], bound["status"], bound["code"]) == (member, "issued", code)
    assert bind(district, member, code, key=token).ok(200) == bound, "again the same answer"
    assert [one["id"] for one in coupons_of(district, member)] == [bound["id"]]
    events = district.api.get("/v1/events?type=coupon.bound", district.key).ok(200)["data"]
    assert [one["data"] for one in events] == [
        {"coupon_id": bound["id"], "campaign_id": campaign["id"], "member_id": member}
    ]
    assert campaign_of(district, campaign["id"])["counts"]["issued"] == 1
    assert broken(district.id) == {}


@pytest.mark.parametrize("verb", ["pause", "end"])
def test_in_any_state_of_the_campaign(district: District, verb: str) -> None:
    campaign, member = new_campaign(district, **BEARERS), district.member()
    [code] = bearer_codes(district, campaign["id"], 1)
    act(district, campaign["id"], verb).ok(200)
    assert bind(district, member, code).ok(200)["member_id"] == member


def test_another_s_coupon_is_refused(district: District) -> None:
    campaign = new_campaign(district, **BEARERS)
    [code] = bearer_codes(district, campaign["id"], 1)
    first, second = district.member(), district.member()
    bind(district, first, code).ok(200)
    claimed = claim(district, campaign["id"], first).ok(201)["code"]
    for one in (code, claimed):
        refused = bind(district, second, one)
        assert (refused.status, refused.code) == (422, "coupon-of-another-member")
        assert coupon_of(district, one)["member_id"] == first
    assert coupons_of(district, second) == []


@pytest.mark.parametrize(("terms", "binds"), [({"per_member_limit": 2}, 2), ({"per_member_per_day": 1}, 1)])
def test_limits_per_member_count_here(
    district: District, superuser: psycopg.Connection, terms: dict[str, Any], binds: int
) -> None:
    """By the day of the binding, whenever the codes were made."""
    campaign, member = new_campaign(district, **BEARERS, **terms), district.member()
    codes = bearer_codes(district, campaign["id"], binds + 1)
    superuser.execute(
        "UPDATE coupons SET issued_at = issued_at - interval '3 days' WHERE campaign_id = %s", (campaign["id"][4:],)
    )
    had = [bind(district, member, code).ok(200)["id"] for code in codes[:binds]]
    refused = bind(district, member, codes[-1])
    assert (refused.status, refused.code, refused.body["coupon_id"] in had) == (409, "claim-limit-reached", True)
    assert coupon_of(district, codes[-1])["member_id"] is None
    assert claim(district, campaign["id"], member).code == "claim-limit-reached"
    bind(district, district.member(), codes[-1]).ok(200)


def test_what_is_over_or_frozen_is_not_bound(district: District) -> None:
    campaign, member = new_campaign(district, **BEARERS), district.member()
    over, other = bearer_codes(district, campaign["id"], 2)
    district.api.post(f"/v1/coupons/{over}/void", {"reason": "误发"}, district.key).ok(200)
    assert bind(district, member, over).code == "voided"
    district.api.post(f"/v1/members/{member}/freeze", {}, district.key).ok(200)
    assert bind(district, member, other).code == "member-frozen"
    assert coupon_of(district, other)["member_id"] is None


def test_what_a_shop_holds_for_a_bill_is_not_bound(district: District) -> None:
    campaign, member = new_campaign(district, **BEARERS), district.member()
    [code] = bearer_codes(district, campaign["id"], 1)
    reserve(district, code).ok(200)
    refused = bind(district, member, code)
    assert (refused.status, refused.code) == (422, "reserved")
    assert coupon_of(district, code)["member_id"] is None


def test_codes_that_lead_nowhere(district: District) -> None:
    campaign, member = new_campaign(district, **BEARERS), district.member()
    [code] = bearer_codes(district, campaign["id"], 1)
    mistyped = code[:-1] + ALPHABET[(ALPHABET.index(code[-1]) + 1) % 32]
    assert bind(district, member, mistyped).code == "code-mistyped"
    unknown = bind(district, member, "0000-0000-0000-0")
    assert (unknown.status, unknown.pointers) == (404, {"/code"})
    nobody = district.member()
    district.api.delete(f"/v1/members/{nobody}", district.key).ok(200)
    assert bind(district, nobody, code).status == 404
    assert coupon_of(district, code)["member_id"] is None


def test_a_merged_member_is_the_survivor(district: District) -> None:
    campaign = new_campaign(district, **BEARERS)
    [code] = bearer_codes(district, campaign["id"], 1)
    old, survivor = district.member(), district.member()
    district.api.post(f"/v1/members/{old}/merge", {"into": survivor}, district.key).ok(200)
    assert bind(district, old, code).ok(200)["member_id"] == survivor


def test_a_shopper_binds_for_itself_alone(district: District) -> None:
    campaign, other = new_campaign(district, **BEARERS), district.member()
    [code] = bearer_codes(district, campaign["id"], 1)
    token = signed_in(district.id, district.member()).access_token
    assert bind(district, other, code, key=token).status == 404
    assert coupon_of(district, code)["member_id"] is None


def test_a_merchant_binds_codes_of_the_alliance_and_its_own(district: District) -> None:
    district.api.patch("/v1/programme", {"merchant_campaigns": True}, district.key).ok(200)
    own, other = (district.merchant_key(one, scopes=SCOPES) for one in (district.shop, district.other_shop))
    [alliances] = bearer_codes(district, new_campaign(district, **BEARERS)["id"], 1)
    [merchants] = bearer_codes(district, new_campaign(district, key=own, **BEARERS)["id"], 1)
    member = district.member(key=district.other_shop.key, store_id=district.other_shop.store_id)
    assert bind(district, member, merchants, key=other).status == 403
    assert coupon_of(district, merchants)["member_id"] is None
    bound = bind(district, member, alliances, key=other).ok(200)
    assert (bound["code"], bound["member_id"]) == (None, member)
