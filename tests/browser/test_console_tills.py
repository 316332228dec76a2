"""Tills in the console: made, paired by a code that is shown once, opened by cashiers, revoked."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.factories.districts import District, new_shop
from tests.factories.pages import check_page, check_state, sign_in
from tests.factories.staff import hire
from tests.factories.staffed_tills import new_till, pair

pytestmark = [
    pytest.mark.usefixtures("context"),
    pytest.mark.parametrize("page", [{"locale": "zh-CN"}], indirect=True, ids=["desk"]),
]
MAIN = "[data-action=main]"


def test_from_a_new_till_to_a_browser_that_is_one(page: Page, district: District) -> None:
    sign_in(page, hire(district))
    page.goto("/console/tills")
    check_page(page)
    page.click(MAIN)
    check_page(page)
    page.select_option("[name=store_id]", district.shop.store_id)
    page.fill("[name=name]", "门口那台")
    page.click(MAIN)
    expect(page.locator("h1")).to_have_text("门口那台")
    page.fill("#field-name", "小陈")
    page.fill("#field-pin", "1111")
    page.click("text=添加 >> nth=-1")
    expect(page.locator(".flaw")).to_contain_text("PIN")
    page.fill("#field-pin", "2580")
    page.click("text=添加 >> nth=-1")
    expect(page.locator(".rows")).to_contain_text("小陈")
    check_page(page)
    page.click(MAIN)
    expect(page.locator(".secret")).to_have_text(re.compile(r"(\d{4} ){3}\d{4}"))
    check_state(page)
    code = page.locator(".secret").inner_text()
    assert pair(district, code).ok(201)["store_id"] == district.shop.store_id
    assert pair(district, code).status == 404
    page.click(MAIN)
    page.click(".is-danger >> text=吊销此收银台")
    expect(page.locator("main")).to_contain_text("收银台已吊销")
    expect(page.locator("table")).to_contain_text("已吊销")
    check_page(page)


def test_a_manager_sees_and_pairs_the_tills_of_its_own_merchant_only(page: Page, district: District) -> None:
    other = new_shop(district.api, district.key, "C303")
    theirs, own = new_till(district, other.store_id), new_till(district, district.shop.store_id)
    sign_in(page, hire(district, "merchant_manager"))
    page.goto("/console/tills")
    assert page.locator("tbody tr").count() == 1
    expect(page.locator("tbody a")).to_have_attribute("href", f"/console/tills/{own['id']}")
    assert page.request.get(f"/console/tills/{theirs['id']}").status == 404
    sent = {"Origin": page.url.partition("/console")[0], "Sec-Fetch-Site": "same-origin"}
    for act in ("pairing-code", "revoke", "cashiers"):
        form = {"name": "小林", "pin": "9513"} if act == "cashiers" else {}
        assert page.request.post(f"/console/tills/{theirs['id']}/{act}", headers=sent, form=form).status == 404
    shown = district.api.get(f"/v1/tills/{theirs['id']}", district.key).ok()
    assert (shown["status"], shown["pairing_ends_at"]) == ("unpaired", None)
    cashiers = district.api.get(f"/v1/stores/{other.store_id}/cashiers", district.key).ok()["data"]
    assert cashiers == []
