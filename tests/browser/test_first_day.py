"""A manager's first day, as docs/manager.zh.md has it: from an empty district to a sale that the overview shows."""

from __future__ import annotations

import secrets

import pytest
from playwright.sync_api import Page, expect

from app.imports.tasks import work_on
from tests.factories.api import Api
from tests.factories.codes import new_phone_of
from tests.factories.districts import District, Shop
from tests.factories.imports import csv_of
from tests.factories.pages import reload, sign_in
from tests.factories.staff import hire
from tests.factories.staffed_tills import PIN

pytestmark = [
    pytest.mark.usefixtures("context"),
    pytest.mark.parametrize("page", [{"locale": "zh-CN"}], indirect=True, ids=["desk"]),
]
MAIN = "[data-action=main]"
NONE = Shop("", "", "", "")


def test_from_nothing_to_the_first_sale(page: Page, live: Api) -> None:
    made = live.post("/v1/districts", {"name": "新街", "slug": f"n{secrets.token_hex(6)}"}, live.operator_key).ok(201)
    street = District(live, made["id"], made["api_key"]["secret"], NONE, NONE, made["slug"])
    manager = hire(street)
    sign_in(page, manager)
    _import_merchants(page, street)
    _publish_a_rule(page, manager.password)
    _add_a_tier(page)
    _publish_a_campaign(page)
    code = _stand_a_till(page, street)
    _sell(page, street, code)
    page.goto("/console/sales")
    expect(page.locator("tbody tr")).to_contain_text("¥50.00")
    expect(page.locator("tbody tr")).to_contain_text("+100")


def _import_merchants(page: Page, street: District) -> None:
    page.goto("/console/imports")
    rows = csv_of(
        ("商户编号", "商户名称", "业态", "门店编号", "门店名称"), ("A1", "老灶火锅", "餐饮", "A1-1", "春熙店")
    )
    page.set_input_files("[name=file]", {"name": "商户.csv", "mimeType": "text/csv", "buffer": rows})
    page.select_option("[name=kind]", "merchants")
    page.click(MAIN)
    import_id = page.url.rpartition("/")[2]
    for _ in ("read", "recorded"):
        work_on(street.id, import_id)
        reload(page)
        if page.locator("form[action$='/start']").count():
            page.click(MAIN)
    page.goto("/console/merchants")
    expect(page.locator("tbody tr")).to_contain_text("老灶火锅")
    page.click("tbody a >> nth=0")
    expect(page.locator("main")).to_contain_text("春熙店")


def _publish_a_rule(page: Page, password: str) -> None:
    page.goto("/console/rules")
    page.fill("#field-name", "开业双倍")
    page.click("button[name=start][value=multiplier]")
    page.click("text=关闭")
    page.click("a[href$='/publish']")
    if page.locator("main[data-page=console-password-again]").is_visible():
        page.fill("[name=password]", password)
        page.click(MAIN)
    page.click(MAIN)
    expect(page.locator("main")).to_contain_text("规则已发布")


def _add_a_tier(page: Page) -> None:
    page.goto("/console/tiers")
    page.click(MAIN)
    page.fill("[name=name]", "银卡")
    page.fill("[name=threshold]", "50")
    page.click(MAIN)
    expect(page.locator(".ladder")).to_contain_text("银卡")


def _publish_a_campaign(page: Page) -> None:
    page.goto("/console/campaigns")
    page.click(MAIN)
    page.fill("[name=name]", "开业满 30 减 5")
    page.fill("[name=amount_off]", "5")
    page.fill("[name=min_amount]", "30")
    page.click(MAIN)
    expect(page.locator("main[data-page=console-campaign]")).to_be_visible()
    page.click(MAIN)
    expect(page.locator("main[data-page=console-campaign]")).to_contain_text("进行中")


def _stand_a_till(page: Page, street: District) -> str:
    poster = page.request.get(f"/s/{street.slug}/poster?store=A1-1")
    assert poster.status == 200
    page.goto("/console/tills")
    page.click(MAIN)
    page.fill("[name=name]", "1 号机")
    page.click(MAIN)
    page.fill("#field-name", "小陈")
    page.fill("#field-pin", PIN)
    page.click("text=添加 >> nth=-1")
    expect(page.locator(".rows")).to_contain_text("小陈")
    page.click(MAIN)
    return page.locator(".secret").inner_text()


def _sell(page: Page, street: District, code: str) -> None:
    phone = new_phone_of(street, name="林晓语")
    page.goto("/till")
    page.fill("#pairing", code)
    page.click("#pair [data-main]")
    page.fill("#pin", PIN)
    page.click("#pin-form [data-main]")
    expect(page.locator("#scan")).to_be_focused()
    for typed, seen in ((phone.code(), "#member-name"), ("50", "#earns")):
        page.keyboard.type(typed)
        page.keyboard.press("Enter")
        expect(page.locator(seen)).not_to_have_text("—")
    page.keyboard.press("Enter")
    expect(page.locator("#result-title")).to_have_text("已入账")
