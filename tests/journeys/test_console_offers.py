"""Campaigns in the console: drafted and changed in words, published, given, taken back; redemptions reviewed."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random
from typing import Any

import pytest
from flask import Flask

from app.coupons.bulk.tasks import make_codes, void_campaign
from app.coupons.giving.tasks import run_issue
from tests.factories.any_campaigns import any_campaign
from tests.factories.browsing import Browser
from tests.factories.clock import now
from tests.factories.coupons import act, campaign_of, claim, coupon_of, coupons_of, draft_campaign, new_campaign
from tests.factories.districts import District
from tests.factories.html_forms import form_of
from tests.factories.points import change_programme
from tests.factories.staff import hire
from tests.factories.tiers import new_tier
from tests.factories.vouchers import new_vouchers, pay_with_voucher

pytestmark = pytest.mark.usefixtures("context")


@pytest.fixture
def browser(app: Flask) -> Iterator[Browser]:
    with app.test_client() as client:
        yield Browser(client)


@pytest.fixture
def desk(browser: Browser, district: District) -> Browser:
    """An admin's browser."""
    return browser.sign_in(hire(district))


def fill(browser: Browser, path: str, **fields: str | list[str]) -> Browser:
    """Opens a form, changes some fields, and sends it."""
    assert browser.get(path).status == 200
    sent = form_of(browser.text, path)
    return browser.post(path, **{**sent, **{name.replace("__", "."): value for name, value in fields.items()}})


def told_of(district: District, action: str) -> list[Any]:
    return list(district.api.get(f"/v1/audit-entries?action={action}", district.key).ok(200)["data"])


def terms(campaign: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in campaign.items() if name not in ("counts", "updated_at")}


def test_a_campaign_is_drafted_in_words_and_published(desk: Browser, district: District) -> None:
    made = fill(
        desk,
        "/console/campaigns/new",
        name="周末满减",
        kind="amount_off",
        amount_off="￥10",
        min_amount="100.00",
        stock="1,000",
        budget="5000",
        funding__district="60",
        funding__merchant="40",
        funding__government="0",
        usable__weekdays=["6", "7"],
        usable__time_windows__0__from="18:00",
        usable__time_windows__0__to="23:00",
    )
    assert made.page == "console-campaign"
    campaign_id = made.at.rsplit("/", 1)[1]
    [entry] = told_of(district, "campaign.drafted")
    assert (entry["actor"]["kind"], entry["subject"]["id"]) == ("staff", campaign_id)
    known = campaign_of(district, campaign_id)
    assert (known["status"], known["amount_off"], known["min_amount"], known["stock"]) == (
        "draft",
        1_000,
        10_000,
        1_000,
    )
    assert known["funding"] == {"district": 60, "merchant": 40, "government": 0}
    assert known["usable"]["time_windows"] == [{"from": "18:00", "to": "23:00"}]
    assert "周六–周日" in made.text
    here = f"/console/campaigns/{campaign_id}"
    for verb, status in (("publish", "running"), ("pause", "paused"), ("resume", "running"), ("end", "ended")):
        assert desk.post(f"{here}/{verb}").status == 200
        assert campaign_of(district, campaign_id)["status"] == status
    assert [len(told_of(district, f"campaign.{done}")) for done in ("published", "paused", "resumed", "ended")] == [
        1
    ] * 4
    assert desk.post(f"{here}/resume").status == 409
    assert desk.page == "console-campaign"


def test_flaws_stand_at_their_fields_and_nothing_typed_is_lost(desk: Browser, district: District) -> None:
    refused = fill(desk, "/console/campaigns/new", name="年末", amount_off="ten", issuing=["", "points"])
    assert (refused.status, refused.page) == (422, "console-campaign-form")
    sent = form_of(refused.text, "/console/campaigns/new")
    assert (sent["name"], sent["amount_off"], sent["issuing"]) == (["年末"], ["ten"], ["", "points"])
    assert refused.text.count('aria-invalid="true"') == 1
    assert district.api.get("/v1/campaigns", district.key).ok(200)["data"] == []


def test_any_campaign_is_the_same_when_its_form_is_sent_untouched(desk: Browser, district: District) -> None:
    """Every field of the API is one of the form's: nothing is lost on the way through a page."""
    chance, shops = Random(7), [(one.merchant_id, one.store_id) for one in (district.shop, district.other_shop)]
    tier = new_tier(district)
    more: list[dict[str, Any]] = [
        {"audience": {"tier_ids": [tier], "tags": ["a b", "茶"], "member_since_before": "2026-01-01T00:00:00.25Z"}},
        {"issuing": ["automatic"], "trigger": {"on": "tier_reached", "tier_ids": [tier]}},
        {
            "issuing": ["points", "code_batch"],
            "points_price": 300,
            "funding": {"district": 100, "merchant": 0, "government": 0},
        },
        {"screening": {"staff_tags": [], "per_member_per_day": 9}, "description": '<b>"&amp;', "on_refund": "forfeit"},
    ]
    for extra in more:
        made = draft_campaign(district, **{**any_campaign(chance, now(), shops), **extra}).ok(201)
        here = f"/console/campaigns/{made['id']}/edit"
        before = terms(campaign_of(district, made["id"]))
        assert fill(desk, here).page == "console-campaign"
        assert terms(campaign_of(district, made["id"])) == before
        assert fill(desk, here, name="另一个名字").page == "console-campaign"
        assert terms(campaign_of(district, made["id"])) == {**before, "name": "另一个名字"}
    assert told_of(district, "campaign.changed")[0]["details"] == {"fields": ["name"]}


def test_what_is_published_only_becomes_more_generous(desk: Browser, district: District) -> None:
    campaign = new_campaign(district, stock=100, merchant_ids=[district.shop.merchant_id])
    here = f"/console/campaigns/{campaign['id']}/edit"
    assert "更优惠" in desk.get(here).text
    assert fill(desk, here, stock="200", merchant_ids=[]).page == "console-campaign"
    known = campaign_of(district, campaign["id"])
    assert (known["stock"], known["merchant_ids"]) == (200, [])
    refused = fill(desk, here, stock="50")
    assert (refused.status, refused.page) == (409, "console-campaign-form")
    assert 'aria-invalid="true"' in refused.text
    fill(desk, here, amount_off="1")
    assert campaign_of(district, campaign["id"])["amount_off"] == 1_000, "it isn't looked at"


def test_the_second_of_two_who_change_a_campaign_is_told_and_loses_nothing(desk: Browser, district: District) -> None:
    campaign = draft_campaign(district).ok(201)
    here = f"/console/campaigns/{campaign['id']}/edit"
    mine = form_of(desk.get(here).text, here)
    district.api.patch(f"/v1/campaigns/{campaign['id']}", {"stock": 5}, district.key).ok(200)
    told = desk.post(here, **{**mine, "name": ["我的名字"]})
    assert (told.status, told.page) == (409, "console-campaign-form")
    assert campaign_of(district, campaign["id"])["name"] == "周末满减"
    again = form_of(told.text, here)
    assert again["name"] == ["我的名字"]
    assert desk.post(here, **again).page == "console-campaign"
    assert campaign_of(district, campaign["id"])["name"] == "我的名字"


def test_campaigns_are_listed_with_their_state_and_counts(desk: Browser, district: District) -> None:
    running = new_campaign(district, name="进行的", stock=1_234)
    draft_campaign(district, name="草拟的").ok(201)
    claim(district, running["id"], district.member()).ok(201)
    text = desk.get("/console/campaigns").text
    assert "进行的" in text
    assert "草拟的" in text
    assert "1,234" in text
    assert 'value="1"' in text
    assert "草拟的" not in desk.get("/console/campaigns?status=running").text
    assert desk.get("/console/campaigns?status=nonsense").page == "console-campaigns"
    counted = desk.get(f"/console/campaigns/{running['id']}").text
    assert "已用 1 / 1,234" in counted


def test_codes_are_made_and_handed_over_once(desk: Browser, district: District) -> None:
    campaign = new_campaign(district, issuing=["code_batch"], stock=10)
    here = f"/console/campaigns/{campaign['id']}"
    assert desk.post(f"{here}/codes", name="传单", quantity="11").status == 409
    assert desk.post(f"{here}/codes", name="传单", quantity="3").page == "console-code-batch"
    batch_id = desk.at.rsplit("/", 1)[1]
    make_codes(district.id, batch_id)
    where = f"/console/code-batches/{batch_id}/download"
    first = desk.post(where, format="csv")
    assert first.text.split()[0] == "code"
    assert len(first.text.split()) == 4
    assert desk.post(where, format="csv").status == 409
    assert desk.page == "console-code-batch"
    assert len(desk.post(where, format="csv", reason="文件丢失").text.split()) == 4
    [again, once] = told_of(district, "code_batch.downloaded")
    assert again["actor"]["id"] == once["actor"]["id"]
    codes = desk.text.split()[1:]
    assert desk.post("/console/coupons", code=codes[0].lower()).page == "console-coupon"
    assert "周末满减" in desk.text
    assert desk.post("/console/coupons/void", code=codes[0], reason="印错").status == 200
    assert coupon_of(district, codes[0])["status"] == "voided"
    assert desk.post("/console/coupons", code="7K3M-Q9ZT-H2VC-2").status == 422
    assert desk.post("/console/coupons/void", code=codes[0], reason="又来").status == 409


def test_members_are_counted_before_they_are_given_a_coupon(desk: Browser, district: District) -> None:
    first, _ = district.member(), district.member()
    district.api.patch(f"/v1/members/{first}", {"tags": ["vip"]}, district.key).ok(200)
    campaign = new_campaign(district, issuing=["targeted"])
    here = f"/console/campaigns/{campaign['id']}/issue"
    counted = fill(desk, here, tags="vip")
    assert counted.page == "console-issue-form"
    assert "符合条件的会员有 1 位" in counted.text
    assert coupons_of(district, first) == []
    given = counted.post(here, **{**form_of(counted.text, here), "counted": "true"})
    assert given.page == "console-issue"
    issue_id = given.at.rsplit("/", 1)[1]
    run_issue(district.id, issue_id)
    assert len(coupons_of(district, first)) == 1
    stopped = fill(desk, here, counted="true", tags="vip").at.rsplit("/", 1)[1]
    assert desk.post(f"/console/issues/{stopped}/cancel").page == "console-issue"
    run_issue(district.id, stopped)
    assert len(coupons_of(district, first)) == 1
    assert len(told_of(district, "issue.cancelled")) == 1


def test_unused_coupons_are_taken_back(desk: Browser, district: District) -> None:
    campaign, member = new_campaign(district), district.member()
    claim(district, campaign["id"], member).ok(201)
    here = f"/console/campaigns/{campaign['id']}/void"
    assert desk.post(here, reason="").status == 422
    assert desk.post(here, reason="印错金额").page == "console-campaign"
    void_campaign(district.id, campaign["id"])
    assert [one["status"] for one in coupons_of(district, member)] == ["voided"]


def test_vouchers_that_look_odd_are_reviewed(desk: Browser, district: District) -> None:
    campaign = new_vouchers(district, screening={"staff_tags": ["staff"]})
    for _ in range(2):
        member = district.member()
        district.api.patch(f"/v1/members/{member}", {"tags": ["staff"]}, district.key).ok(200)
        pay_with_voucher(district, campaign, member).ok(201)
    held = district.api.get("/v1/redemptions?state=held", district.key).ok(200)["data"]
    text = desk.get("/console/redemptions?state=held").text
    assert all(one["id"] in text for one in held)
    assert "持券人是工作人员" in text
    right, wrong = (f"/console/redemptions/{one['id']}" for one in held)
    assert desk.post(f"{wrong}/reject", reason="").status == 422
    assert desk.post(f"{wrong}/reject", reason="未见商品").page == "console-redemption"
    assert "未见商品" in desk.text
    assert desk.post(f"{right}/release").page == "console-redemption"
    states = {one["state"] for one in district.api.get("/v1/redemptions", district.key).ok(200)["data"]}
    assert states == {"released", "rejected"}
    assert desk.post(f"{right}/reject", reason="迟了").status == 409


def test_a_merchant_runs_its_own_where_the_district_lets_it(browser: Browser, district: District) -> None:
    """Paid by it wholly, at its own shops; of the alliance's it sees words and no figures."""
    alliance = new_campaign(district, name="商圈的", stock=4_321)
    browser.sign_in(hire(district, "merchant_manager"))
    assert browser.get("/console/campaigns/new").status == 403
    change_programme(district, merchant_campaigns=True)
    made = fill(browser, "/console/campaigns/new", name="本店的", amount_off="5", funding__district="100")
    assert made.status == 422
    made = fill(browser, "/console/campaigns/new", name="本店的", amount_off="5")
    assert made.page == "console-campaign"
    known = campaign_of(district, made.at.rsplit("/", 1)[1])
    assert known["merchant_ids"] == [district.shop.merchant_id]
    assert known["funding"] == {"district": 0, "merchant": 100, "government": 0}
    text = browser.get(f"/console/campaigns/{alliance['id']}").text
    assert "商圈的" in text
    assert "/edit" not in text
    assert "已用" not in text
    act(district, alliance["id"], "end").ok(200)
    assert browser.post(f"/console/campaigns/{alliance['id']}/pause").status == 403


def test_a_form_that_is_sent_twice_drafts_one_campaign(desk: Browser, district: District) -> None:
    """And one that was changed meanwhile is told so: it isn't lost under the first."""
    path = "/console/campaigns/new"
    sent = {**form_of(desk.get(path).text, path), "name": ["开业"], "amount_off": ["10"]}
    assert desk.post(path, **sent).at == desk.post(path, **sent).at
    assert desk.post(path, **{**sent, "name": ["年末"]}).status == 422
    assert desk.page == "console-campaign-form"
    assert len(district.api.get("/v1/campaigns", district.key).ok(200)["data"]) == 1
