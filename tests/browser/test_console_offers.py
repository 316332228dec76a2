"""Offers, settings and the installation as managers see them in a real browser."""

from __future__ import annotations

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from app.coupons.bulk.tasks import make_codes
from app.staff.people import founding
from tests.factories.coupons import claim, draft_campaign, new_campaign, order_codes
from tests.factories.districts import District
from tests.factories.pages import check_page, check_state, sign_in
from tests.factories.staff import PASSWORD, Person, accept, hire, new_email
from tests.factories.vouchers import new_vouchers, pay_with_voucher

pytestmark = [
    pytest.mark.usefixtures("context"),
    pytest.mark.parametrize("page", [{"locale": "zh-CN"}], indirect=True, ids=["desk"]),
]
MAIN = "[data-action=main]"


def come_to(page: Page, name: str) -> None:
    expect(page.locator(f"main[data-page={name}]")).to_be_visible()


def test_a_campaign_from_nothing_to_its_coupons(page: Page, shop: District) -> None:
    """Drafted in words by kinds that show their fields, published, with codes; every page can be read by everybody."""
    sign_in(page, hire(shop))
    page.goto("/console/campaigns")
    check_page(page)
    page.click(MAIN)
    come_to(page, "console-campaign-form")
    check_page(page)
    expect(page.locator("[name=percent_off]")).to_be_hidden()
    page.select_option("[name=kind]", "percent_off")
    expect(page.locator("[name=amount_off]")).to_be_hidden()
    page.fill("[name=percent_off]", "12")
    page.fill("[name=name]", "茶饮 8.8 折")
    page.check("[name=issuing][value=code_batch]")
    page.click("summary >> text=限定可用时间")
    check_state(page)
    page.click(MAIN)
    come_to(page, "console-campaign")
    check_page(page)
    page.click(MAIN)
    come_to(page, "console-campaign")
    expect(page.locator("main")).to_contain_text("8.8 折")
    page.fill("[name=name]", "传单")
    page.fill("[name=quantity]", "20")
    page.click("form[action$='/codes'] button")
    come_to(page, "console-code-batch")


def test_pages_of_offers_and_settings_are_read_by_everybody(page: Page, shop: District, app: Flask) -> None:
    """Axe, both languages, the policy."""
    campaign = new_campaign(shop, issuing=["claim", "code_batch", "targeted"], stock=9)["id"]
    batch = order_codes(shop, campaign, 2).ok(202)["id"]
    with app.app_context():
        make_codes(shop.id, batch)
    claim(shop, campaign, shop.member()).ok(201)
    asked = shop.api.post(f"/v1/campaigns/{campaign}/issue", {"audience": {}}, shop.key).ok(202)["id"]
    shop.api.post(f"/v1/issues/{asked}/cancel", {}, shop.key).ok(200)
    member = shop.member()
    shop.api.patch(f"/v1/members/{member}", {"tags": ["staff"]}, shop.key).ok(200)
    pay_with_voucher(shop, new_vouchers(shop), member).ok(201)
    [redemption] = shop.api.get("/v1/redemptions", shop.key).ok(200)["data"]
    body = {"url": "https://erp.example.com/q"}
    endpoint = shop.api.post("/v1/webhook-endpoints", body, shop.key).ok(201)["id"]
    key = shop.api.get("/v1/api-keys", shop.key).ok(200)["data"][0]["id"]
    sign_in(page, hire(shop))
    for path in (
        f"campaigns/{campaign}",
        f"campaigns/{campaign}/edit",
        f"campaigns/{campaign}/issue",
        f"code-batches/{batch}",
        f"issues/{asked}",
        "coupons",
        "redemptions",
        f"redemptions/{redemption['id']}",
        "audit",
        "keys",
        "keys/new",
        f"keys/{key}",
        "webhooks",
        "webhooks/new",
        f"webhooks/{endpoint}",
        "settings",
    ):
        page.goto(f"/console/{path}")
        check_page(page)
    draft_campaign(shop).ok(201)
    page.goto("/console/coupons")
    page.fill("[name=code]", claim(shop, campaign, shop.member()).ok(201)["code"])
    page.click(MAIN)
    expect(page.locator("main")).to_contain_text("周末满减")
    check_state(page)


def test_pages_of_the_installation_are_read_by_everybody(page: Page, shop: District) -> None:
    """The operator's: districts, a new one, usage and health."""
    login = new_email()
    opened = accept(shop.api, founding.invite_first(None, login, "运维")).ok(201)
    person = Person(shop.api, login, PASSWORD, opened["account_id"], opened["access_token"])
    person.set_up_totp()
    sign_in(page, person)
    for path in ("", "/new", "/usage", "/bills", "/health", f"/{shop.id}"):
        page.goto(f"/console/installation{path}")
        check_page(page)
