"""`/v1/campaigns`: drafted, published, paused, resumed, ended; once published they only get more generous."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from app.coupons.campaigns.rules import STATUSES
from tests.factories.clock import SetClock, ahead
from tests.factories.coupons import TEN_OFF, act, campaign_of, change, draft_campaign, new_campaign
from tests.factories.districts import District
from tests.factories.problems import check_problem
from tests.factories.tiers import new_tier

SPAN = {"from": "2026-01-01T00:00:00Z", "to": "2099-01-01T00:00:00Z"}
PERCENT = {"kind": "percent_off", "amount_off": None, "percent_off": 12}
GIFT = {"kind": "exchange", "amount_off": None, "sku": "T-88", "exchange_price": 0}


def test_a_campaign_is_drafted_with_all_its_fields(district: District) -> None:
    made = draft_campaign(district).ok(201)
    assert {**TEN_OFF, "validity": {"days_after_issue": 30, "wait_days": 0}}.items() <= made.items()
    assert {name: made[name] for name in ("status", "merchant_id", "stock", "budget", "issuing", "stacking_group")} == {
        "status": "draft",
        "merchant_id": None,
        "stock": None,
        "budget": None,
        "issuing": ["claim"],
        "stacking_group": "default",
    }
    assert made["funding"] == {"district": 100, "merchant": 0, "government": 0}
    assert made["usable"] == {"weekdays": [], "time_windows": [], "excluded_dates": []}
    read = campaign_of(district, made["id"])
    assert read.pop("counts") == {
        "issued": 0,
        "reserved": 0,
        "redeemed": 0,
        "expired": 0,
        "voided": 0,
        "left": None,
        "budget_left": None,
        "discount_given": 0,
    }
    assert read == made
    [listed] = district.api.get("/v1/campaigns", district.key).ok(200)["data"]
    assert listed == made


def test_a_whole_campaign_comes_back_as_it_was_sent(district: District) -> None:
    tier, sponsor = new_tier(district), district.shop.merchant_id
    whole = {
        **TEN_OFF,
        **PERCENT,
        "description": "周末全场",
        "max_discount": 5_000,
        "merchant_ids": [sponsor],
        "store_ids": [district.shop.store_id],
        "categories": ["catering"],
        "channels": ["till"],
        "item_skus": ["T-88"],
        "item_categories": ["tea"],
        "excluded_skus": ["T-99"],
        "usable": {
            "weekdays": [5, 6],
            "time_windows": [{"from": "22:00", "to": "02:00"}],
            "excluded_dates": ["2026-10-01"],
        },
        "validity": SPAN,
        "stock": 1_000,
        "per_day_stock": 100,
        "per_member_limit": 2,
        "per_member_per_day": 1,
        "budget": 500_000,
        "claim_window": SPAN,
        "release_times": ["18:00", "10:00"],
        "audience": {
            "tier_ids": [tier],
            "tags": ["staff"],
            "first_purchase_only": True,
            "member_since_before": "2026-01-01T08:00:00+08:00",
        },
        "stacking_group": None,
        "exclusive": True,
        "with_points": False,
        "earns_points": False,
        "funding": {"district": 60, "merchant": 40, "government": 0},
        "sponsor_merchant_id": sponsor,
        "issuing": ["points", "targeted", "automatic"],
        "points_price": 100,
        "trigger": {"on": "tier_reached", "tier_ids": [tier]},
        "on_refund": "forfeit",
    }
    made = district.api.post("/v1/campaigns", whole, district.key).ok(201)
    whole["release_times"] = ["10:00", "18:00"]
    whole["audience"]["member_since_before"] = "2026-01-01T00:00:00Z"
    assert {name: made[name] for name in whole} == whole


@pytest.mark.parametrize(
    ("terms", "pointer", "code"),
    [
        ({"amount_off": None}, "/amount_off", "required"),
        ({"amount_off": 0}, "/amount_off", "out-of-range"),
        ({"percent_off": 12}, "/percent_off", "unknown-field"),
        ({"max_discount": 500}, "/max_discount", "unknown-field"),
        ({**PERCENT, "percent_off": 100}, "/percent_off", "out-of-range"),
        ({**PERCENT, "budget": 10_000}, "/max_discount", "required"),
        ({**GIFT, "budget": 10_000}, "/max_discount", "required"),
        ({**GIFT, "sku": None}, "/sku", "required"),
        ({"funding": {"district": 60, "merchant": 41}}, "/funding", "not-100"),
        ({"validity": {}}, "/validity/days_after_issue", "required"),
        ({"validity": {"from": SPAN["from"]}}, "/validity/to", "required"),
        ({"validity": {"from": SPAN["to"], "to": SPAN["from"]}}, "/validity/to", "contradiction"),
        ({"validity": {**SPAN, "days_after_issue": 3}}, "/validity/days_after_issue", "unknown-field"),
        ({"validity": {"days_after_issue": 731}}, "/validity/days_after_issue", "out-of-range"),
        ({"validity": {"wait_days": 3}}, "/validity/days_after_issue", "required"),
        ({"claim_window": {"from": SPAN["to"], "to": SPAN["from"]}}, "/claim_window/to", "contradiction"),
        ({"release_times": ["10:00"]}, "/release_times", "contradiction"),
        ({"release_times": ["24:00"], "per_day_stock": 5}, "/release_times/0", "invalid-clock"),
        ({"issuing": ["claim", "points"], "points_price": 5}, "/issuing", "contradiction"),
        ({"issuing": ["points"]}, "/points_price", "required"),
        ({"points_price": 5}, "/points_price", "contradiction"),
        ({"issuing": ["points"], "points_price": 5, "funding": {"merchant": 100}}, "/funding", "contradiction"),
        (
            {"issuing": ["points"], "points_price": 5, "funding": {"district": 50, "government": 50}},
            "/funding",
            "contradiction",
        ),
        ({"issuing": []}, "/issuing", "invalid-length"),
        ({"issuing": ["automatic"]}, "/trigger", "required"),
        ({"trigger": {"on": "joined"}}, "/trigger", "contradiction"),
        ({"issuing": ["automatic"], "trigger": {"on": "lapsed"}}, "/trigger/days", "required"),
        ({"issuing": ["automatic"], "trigger": {"on": "joined", "days": 3}}, "/trigger/days", "unknown-field"),
        ({"usable": {"time_windows": [{"from": "10:00", "to": "10:00"}]}}, "/usable/time_windows/0/to", "empty-window"),
        ({"stock": 0}, "/stock", "out-of-range"),
        ({"colour": "red"}, "/colour", "unknown-field"),
    ],
)
def test_what_does_not_fit_is_refused_where_it_stands(
    untouched: District, terms: dict[str, Any], pointer: str, code: str
) -> None:
    refused = check_problem(draft_campaign(untouched, **terms), 422, "validation-failed")
    assert [(flaw["pointer"], flaw["code"]) for flaw in refused.body["errors"]] == [(pointer, code)]
    assert untouched.api.get("/v1/campaigns", untouched.key).ok(200)["data"] == []


def test_points_are_paid_to_a_sponsor(district: District) -> None:
    terms = {"issuing": ["points"], "points_price": 5, "funding": {"merchant": 100}}
    made = draft_campaign(district, **terms, sponsor_merchant_id=district.shop.merchant_id).ok(201)
    assert made["sponsor_merchant_id"] == district.shop.merchant_id


def test_a_draft_becomes_another_campaign(district: District) -> None:
    made = draft_campaign(district).ok(201)
    changed = change(district, made["id"], kind="percent_off", amount_off=None, percent_off=20).ok(200)
    assert (changed["kind"], changed["amount_off"], changed["percent_off"]) == ("percent_off", None, 20)
    refused = check_problem(change(district, made["id"], kind="exchange"), 422, "validation-failed")
    assert refused.pointers == {"/percent_off", "/sku", "/exchange_price"}
    assert change(district, made["id"]).ok(200) == changed


def test_its_course(district: District) -> None:
    cam = draft_campaign(district).ok(201)["id"]
    for verb in ("pause", "resume", "end"):
        check_problem(act(district, cam, verb), 409, "campaign-state")
    for verb, status in (
        ("publish", "running"),
        ("publish", "running"),
        ("resume", "running"),
        ("pause", "paused"),
        ("pause", "paused"),
        ("publish", "paused"),
        ("resume", "running"),
        ("end", "ended"),
        ("end", "ended"),
        ("pause", "paused"),
        ("end", "paused"),
        ("resume", "ended"),
    ):
        assert act(district, cam, verb).ok(200)["status"] == status, verb
    for verb in ("publish", "resume"):
        check_problem(act(district, cam, verb), 409, "campaign-state")
    events = [one for one in told(district) if one[0].startswith("campaign.")]
    assert events == [
        ("campaign.published", cam),
        ("campaign.paused", cam),
        ("campaign.resumed", cam),
        ("campaign.ended", cam),
        ("campaign.paused", cam),
        ("campaign.resumed", cam),
    ]
    acts = district.api.get(f"/v1/audit-entries?subject_id={cam}", district.key).ok(200)["data"]
    assert [one["action"] for one in reversed(acts)] == ["campaign.drafted", *(kind for kind, _ in events)]


def told(district: District) -> list[tuple[str, str]]:
    """Kinds of events and their campaigns, oldest first."""
    rows = district.api.get("/v1/events?limit=100", district.key).ok(200)["data"]
    return [(row["type"], row["data"].get("campaign_id", "")) for row in reversed(rows)]


def check_found_by_state(district: District, known: dict[str, str]) -> None:
    """Lists find campaigns by the state that each says it is in."""
    found = {
        one["id"]: status
        for status in STATUSES
        for one in district.api.get(f"/v1/campaigns?status={status}", district.key).ok(200)["data"]
        if one["status"] == status
    }
    assert found == known


def test_campaigns_are_found_by_state_and_name(district: District) -> None:
    draft = draft_campaign(district, name="年末 100% 返").ok(201)["id"]
    running, paused, ended = (new_campaign(district)["id"] for _ in range(3))
    act(district, paused, "end").ok(200)
    act(district, paused, "pause").ok(200)
    act(district, ended, "end").ok(200)
    check_found_by_state(district, {draft: "draft", running: "running", paused: "paused", ended: "ended"})
    for name, ids in (("100%25", [draft]), ("周末", [ended, paused, running]), ("1%25", [])):
        found = district.api.get(f"/v1/campaigns?name={name}", district.key).ok(200)["data"]
        assert [one["id"] for one in found] == ids


def test_it_begins_and_ends_by_the_clock(timed: District, clock: SetClock) -> None:
    window = {"from": ahead(hours=1), "to": ahead(hours=2)}
    only_claimed = new_campaign(timed, claim_window=window)["id"]
    also_targeted = new_campaign(timed, claim_window=window, issuing=["claim", "targeted"])["id"]
    seen = []
    for _ in range(3):
        seen.append([campaign_of(timed, one)["status"] for one in (only_claimed, also_targeted)])
        check_found_by_state(timed, {only_claimed: seen[-1][0], also_targeted: seen[-1][1]})
        clock.move(timedelta(hours=1, seconds=1))
    assert seen == [["scheduled", "scheduled"], ["running", "running"], ["ended", "running"]]


def test_nobody_publishes_what_is_over(timed: District, clock: SetClock) -> None:
    cam = draft_campaign(timed, validity={"from": ahead(hours=-1), "to": ahead(hours=1)}).ok(201)["id"]
    clock.move(timedelta(hours=2))
    assert check_problem(act(timed, cam, "publish"), 422, "validation-failed").pointers == {"/validity/to"}
    assert campaign_of(timed, cam)["status"] == "draft"


def test_once_published_it_only_gets_more_generous(district: District) -> None:
    tight = {"stock": 10, "budget": 100_000, "per_member_limit": 1, "claim_window": SPAN, "channels": ["till"]}
    made = new_campaign(district, merchant_ids=[district.shop.merchant_id], **tight)
    more = {
        "name": "更多优惠",
        "description": "不限库存",
        "min_amount": 0,
        "stock": 20,
        "budget": None,
        "claim_window": {**SPAN, "to": "2100-01-01T00:00:00Z"},
        "validity": {"days_after_issue": 31, "wait_days": 0},
        "merchant_ids": [district.shop.merchant_id, district.other_shop.merchant_id],
        "channels": [],
    }
    changed = change(district, made["id"], **more).ok(200)
    assert {name: changed[name] for name in more} == more
    assert change(district, made["id"], **more).ok(200) == changed
    less = {
        "amount_off": 1_500,
        "min_amount": 1,
        "stock": 19,
        "per_day_stock": 5,
        "budget": 1_000_000,
        "claim_window": SPAN,
        "validity": {"days_after_issue": 30},
        "merchant_ids": [district.shop.merchant_id],
        "channels": ["till"],
        "usable": {"weekdays": [1]},
        "exclusive": True,
    }
    refused = check_problem(change(district, made["id"], **less), 409, "campaign-published")
    assert refused.pointers == {
        "/amount_off",
        "/min_amount",
        "/stock",
        "/per_day_stock",
        "/budget",
        "/claim_window/to",
        "/validity/days_after_issue",
        "/merchant_ids",
        "/channels",
        "/usable",
        "/exclusive",
    }
    assert {**campaign_of(district, made["id"]), "counts": None} == {**changed, "counts": None}


def test_shops_and_tiers_are_the_district_s(district: District, other_district: District) -> None:
    shop = other_district.shop
    for terms, pointer in (
        ({"merchant_ids": [district.shop.merchant_id, shop.merchant_id]}, "/merchant_ids/1"),
        ({"store_ids": [shop.store_id]}, "/store_ids/0"),
        (
            {"sponsor_merchant_id": shop.merchant_id, "funding": {"merchant": 100}},
            "/sponsor_merchant_id",
        ),
        ({"audience": {"tier_ids": [new_tier(other_district)]}}, "/audience/tier_ids/0"),
    ):
        assert check_problem(draft_campaign(district, **terms), 404, "not-found").pointers == {pointer}


@pytest.fixture
def shop_key(district: District) -> str:
    """A key by which the first shop runs campaigns, if it may."""
    return district.merchant_key(district.shop, scopes=["campaigns:write", "campaigns:read"])


def allow(district: District, *, allowed: bool = True) -> None:
    """Lets the district's merchants run campaigns, or no more."""
    changed = district.api.patch("/v1/programme", {"merchant_campaigns": allowed}, district.key).ok(200)
    assert changed["merchant_campaigns"] is allowed


def test_merchants_run_campaigns_where_the_district_lets_them(district: District, shop_key: str) -> None:
    check_problem(draft_campaign(district, key=shop_key), 403, "forbidden")
    allow(district)
    made = draft_campaign(district, key=shop_key).ok(201)
    shop = district.shop.merchant_id
    assert (made["merchant_id"], made["merchant_ids"]) == (shop, [shop])
    assert made["funding"] == {"district": 0, "merchant": 100, "government": 0}
    allow(district, allowed=False)
    check_problem(act(district, made["id"], "publish", key=shop_key), 403, "forbidden")
    check_problem(change(district, made["id"], key=shop_key, name="x"), 403, "forbidden")
    assert campaign_of(district, made["id"])["status"] == "draft"


def test_a_merchant_s_campaign_is_its_own_affair(district: District, shop_key: str) -> None:
    allow(district)
    own, other = district.shop.merchant_id, district.other_shop.merchant_id
    split = {"district": 50, "merchant": 50}
    assert check_problem(draft_campaign(district, key=shop_key, funding=split), 422).pointers == {"/funding"}
    for terms, pointer in (
        ({"merchant_ids": [own, other]}, "/merchant_ids/1"),
        ({"store_ids": [district.other_shop.store_id]}, "/store_ids/0"),
        ({"sponsor_merchant_id": other}, "/sponsor_merchant_id"),
    ):
        assert check_problem(draft_campaign(district, key=shop_key, **terms), 404).pointers == {pointer}
    made = new_campaign(district, key=shop_key)
    assert campaign_of(district, made["id"], key=shop_key)["counts"]["issued"] == 0
    other_key = district.merchant_key(district.other_shop, scopes=["campaigns:write", "campaigns:read"])
    for verb in ("publish", "pause", "resume", "end"):
        check_problem(act(district, made["id"], verb, key=other_key), 404, "not-found")
    check_problem(district.api.get(f"/v1/campaigns/{made['id']}", other_key), 404, "not-found")
    assert act(district, made["id"], "pause").ok(200)["status"] == "paused", "the alliance may stop any"


def test_merchants_see_the_alliance_s_campaigns_once_they_are_published(district: District, shop_key: str) -> None:
    draft = draft_campaign(district).ok(201)["id"]
    made = new_campaign(district, name="联盟券")
    rows = district.api.get("/v1/campaigns", shop_key).ok(200)["data"]
    assert [row["id"] for row in rows] == [made["id"]]
    check_problem(district.api.get(f"/v1/campaigns/{draft}", shop_key), 404, "not-found")
    assert campaign_of(district, made["id"], key=shop_key)["counts"] is None
    allow(district)
    for verb in ("pause", "end"):
        check_problem(act(district, made["id"], verb, key=shop_key), 403, "forbidden")
    check_problem(change(district, made["id"], key=shop_key, name="x"), 403, "forbidden")
    assert campaign_of(district, made["id"])["status"] == "running"


def test_another_district_s_campaigns_are_nobody_s(district: District, other_district: District) -> None:
    theirs = new_campaign(other_district)["id"]
    check_problem(district.api.get(f"/v1/campaigns/{theirs}", district.key), 404, "not-found")
    check_problem(change(district, theirs, name="x"), 404, "not-found")
    check_problem(act(district, theirs, "end"), 404, "not-found")
    assert district.api.get("/v1/campaigns", district.key).ok(200)["data"] == []
    assert campaign_of(other_district, theirs)["status"] == "running"
