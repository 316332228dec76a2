"""Sales, members, shops and complaints as somebody of the alliance works through them, by mouse and by keys."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.factories.cases import complain
from tests.factories.districts import District, new_phone
from tests.factories.pages import check_page, check_state, sign_in
from tests.factories.staff import hire

pytestmark = [
    pytest.mark.usefixtures("context"),
    pytest.mark.parametrize("page", [{"locale": "zh-CN"}], indirect=True, ids=["desk"]),
]
MAIN = "[data-action=main]"
CONSENT = {"controller": "district", "purpose": "membership", "version": "2026-01"}
GOODS = [{"sku": "S-1", "name": "龙井", "category": "tea", "quantity": 2, "amount": 12_800}]


def test_from_a_sale_to_its_member_and_what_was_complained_of(page: Page, district: District) -> None:
    member = district.member(name="王小明", birthday="1990-05-01", tags=["staff"], consents=[CONSENT])
    sale = district.report(member_id=member, reference="T-77", items=GOODS, channel="till").ok(201)["id"]
    complain(district, member, sale).ok(201)
    district.report(reference="T-78").ok(201)
    sign_in(page, hire(district))
    page.goto("/console/sales")
    check_page(page)
    page.keyboard.press("/")
    page.keyboard.type("T-77")
    page.keyboard.press("Enter")
    expect(page.locator("tbody tr")).to_have_count(1)
    page.click("tbody th a")
    expect(page.locator("main[data-page=console-sale]")).to_contain_text("龙井")
    check_page(page)
    page.click("summary:text('退款')")
    page.fill("[name=amount]", "2000")
    page.click("button.is-danger")
    expect(page.locator(".flaw")).to_be_visible()
    check_state(page)
    page.fill("[name=amount]", "28")
    page.click("button.is-danger")
    expect(page.locator(".chain")).to_contain_text("28.00")
    page.click("text=投诉：")
    check_page(page)
    page.fill("[name=answer]", "已补 20 积分")
    page.click(MAIN)
    expect(page.locator(".ours")).to_contain_text("已补 20 积分")
    check_state(page)
    for listed in ("cases", "refunds"):
        page.goto(f"/console/{listed}")
        check_state(page)
    page.click("tbody td a")
    expect(page.locator("main[data-page=console-member]")).to_contain_text("王小明")
    page.click("details summary >> nth=0")
    expect(page.locator(".why-lines").first).to_be_visible()
    check_page(page)


def test_a_member_is_found_changed_merged_and_forgotten(page: Page, district: District) -> None:
    phone = new_phone()
    district.member(phone, name="王小明", tags=["staff"], consents=[CONSENT])
    other = district.member()
    number = district.api.get(f"/v1/members/{other}", district.key).ok()["number"]
    sign_in(page, hire(district))
    page.goto("/console/members")
    check_page(page)
    page.fill("[name=phone]", phone)
    page.keyboard.press("Enter")
    page.click("tbody th a")
    page.click("text=修改 >> nth=0")
    check_page(page)
    page.uncheck("[name=tags][type=checkbox]")
    page.click("text=保存标签")
    expect(page.locator("main")).to_contain_text("会员资料已修改")
    page.click("text=合并…")
    check_page(page)
    page.fill("[name=into]", number)
    page.click(MAIN)
    expect(page.locator("table")).to_contain_text(number)
    check_page(page)
    page.click(MAIN)
    expect(page.locator("main[data-page=console-member] .head")).to_contain_text(number)
    page.click("text=注销…")
    check_page(page)
    page.fill("[name=number]", number)
    page.click(MAIN)
    expect(page.locator("main[data-page=console-members]")).to_contain_text("会员已注销")
    expect(page.locator(".empty")).to_be_visible()


def test_a_merchant_joins_with_a_store_and_its_poster_on_a_phone(page: Page, district: District) -> None:
    page.set_viewport_size({"width": 390, "height": 800})
    sign_in(page, hire(district))
    page.goto("/console/merchants")
    check_page(page)
    page.click(MAIN)
    check_page(page)
    page.fill("[name=name]", "一品茶楼")
    page.fill("[name=code]", "T9")
    page.click(MAIN)
    check_page(page)
    page.fill("[name=name]", "东街店")
    page.fill("[name=code]", "T9-1")
    page.check("[name='opening_hours.0.weekdays'][value='6']")
    page.fill("[name='opening_hours.0.from']", "10:00")
    page.click(MAIN)
    expect(page.locator(".flaw")).to_be_visible()
    check_state(page)
    page.fill("[name='opening_hours.0.to']", "22:00")
    page.click(MAIN)
    expect(page.locator("h1")).to_have_text("东街店")
    check_page(page)
    with page.expect_download() as found:
        page.click("a[href$='poster-a4.pdf']")
    assert found.value.suggested_filename.endswith(".pdf")
    page.click("text=一品茶楼")
    expect(page.locator("tbody")).to_contain_text("周六 10:00–22:00")
    check_page(page)
