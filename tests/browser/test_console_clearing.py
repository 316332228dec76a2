"""Settlement as managers see it in a real browser: axe, both languages, the policy."""

from __future__ import annotations

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from tests.factories.clock import now
from tests.factories.districts import District
from tests.factories.pages import check_page, check_state, sign_in
from tests.factories.settlement import settle_by_hand
from tests.factories.staff import hire

pytestmark = [
    pytest.mark.usefixtures("context"),
    pytest.mark.parametrize("page", [{"locale": "zh-CN"}], indirect=True, ids=["desk"]),
]
MAIN = "[data-action=main]"


def test_settlement_is_read_by_everybody(page: Page, shop: District, app: Flask) -> None:
    """From the first terms, looked at before they stand, to a statement with its items, payments and accounts."""
    sign_in(page, hire(shop))
    page.goto("/console/settlement")
    check_page(page)
    page.click(f"main {MAIN}")
    expect(page.locator("main[data-page=console-terms-new]")).to_be_visible()
    page.fill("[name=issue_price]", "1")
    page.fill("[name=redemption_price]", "0.9")
    page.click(f"main {MAIN}")
    expect(page.locator("#changes")).to_contain_text("¥5.00")
    check_state(page)

    with app.app_context():
        period, statement, _other = settle_by_hand(shop)
    merchant = shop.shop.merchant_id
    slip = {"merchant_id": merchant, "amount": 100, "bank_reference": "1", "booked_on": now().date().isoformat()}
    payment = shop.api.post("/v1/payments", slip, shop.key).ok(201)["id"]
    bank = {"bank_details": {"holder": "柳浪小灶", "account_number": "0012345678"}}
    shop.api.patch(f"/v1/merchants/{merchant}/settlement-account", bank, shop.key).ok(200)
    shop.api.post(f"/v1/merchants/{merchant}/deposits", {"amount": 100}, shop.key).ok(201)
    wrong = {"lines": [{"amount": 1}], "reason": "missing", "text": "少了"}
    dispute = shop.api.post(f"/v1/statements/{statement}/dispute", wrong, shop.key).ok(201)["id"]
    for path in (
        "",
        "/disputes",
        f"/disputes/{dispute}",
        "/terms",
        "/terms/new",
        f"/periods/{period}",
        f"/statements/{statement}?line=1",
        "/payments",
        "/payments/new",
        f"/payments/{payment}",
        f"/accounts/{merchant}",
    ):
        page.goto(f"/console/settlement{path}")
        check_page(page)
