"""What goes on, in the console: figures drawn over their tables, and read without a script, too."""

from __future__ import annotations

import psycopg
import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from app.pages.assets import STATIC
from tests.browser.conftest import PATIENCE_MS
from tests.factories.districts import District
from tests.factories.pages import check_page, sign_in
from tests.factories.staff import hire
from tests.factories.webhooks import take_all

pytestmark = [
    pytest.mark.usefixtures("context"),
    pytest.mark.parametrize("page", [{"locale": "zh-CN"}], indirect=True, ids=["desk"]),
]
MAIN = "[data-action=main]"


def test_figures_are_drawn_over_their_tables(
    page: Page, district: District, app: Flask, superuser: psycopg.Connection
) -> None:
    district.report(amount=12_800).ok(201)
    district.report(amount=6_400, store_id=district.other_shop.store_id).ok(201)
    take_all(app, superuser, district.id)
    sign_in(page, hire(district))
    check_page(page)
    expect(page.locator(".stat").first).to_contain_text("¥0.00")
    page.goto("/console/figures")
    check_page(page)
    expect(page.locator(".total")).to_contain_text("¥192.00")
    page.select_option("[name=by]", "merchant")
    page.click(MAIN)
    check_page(page)
    expect(page.locator("tbody td")).to_have_text(["¥128.00", "¥64.00"])
    if not (STATIC / "vendor" / "echarts" / "index.js").exists():
        pytest.skip("charts come by `make setup`, where npm can be reached")
    assert page.locator("figure canvas").count() == 1
    page.click("summary")
    expect(page.locator("table")).to_be_visible()
    with page.context.browser.new_context(
        java_script_enabled=False, storage_state=page.context.storage_state()
    ) as plain:  # type: ignore[union-attr]
        without = plain.new_page()
        without.set_default_timeout(PATIENCE_MS)
        without.goto(page.url)
        expect(without.locator("table")).to_be_visible()
        assert without.locator(".drawn").is_hidden()
