"""Receipts: printed they read back, scanned they lead to their sale; and sums as people type them."""

from __future__ import annotations

import io
import re

import pytest
import zxingcpp
from PIL import Image
from playwright.sync_api import Page, expect

from tests.factories.codes import new_phone_of
from tests.factories.districts import District
from tests.factories.sums import NO_SUMS, SUMS
from tests.factories.till_pages import TillPage

pytestmark = pytest.mark.usefixtures("context")
POINTS_A_MILLIMETRE = 72 / 25.4


@pytest.mark.parametrize("page", [{"device_scale_factor": 203 / 96}], indirect=True, ids=["203 dpi"])
def test_a_printed_receipt_reads_back(page: Page, till: TillPage) -> None:
    till.scan("12.50")
    page.keyboard.press("Enter")
    page.locator("#print").click()
    page.emulate_media(media="print")
    paper = Image.open(io.BytesIO(page.locator("#receipt").screenshot()))
    [sale] = till.sold()
    link = page.evaluate(_LINK, sale["reference"])
    assert {(code.format, code.text) for code in zxingcpp.read_barcodes(paper)} == {
        (zxingcpp.BarcodeFormat.QRCode, link),
        (zxingcpp.BarcodeFormat.Code128, sale["reference"]),
    }
    assert f"/s/{till.district.slug}/claim/" in link
    [sheet] = re.findall(rb"/MediaBox *\[0 0 ([\d.]+) ([\d.]+)\]", page.pdf(prefer_css_page_size=True))
    width, height = (float(side) / POINTS_A_MILLIMETRE for side in sheet)
    assert (round(width), 80 < height < 160) == (80, True)


_LINK = """async reference => {
  const { call } = await import(document.querySelector("script[type=module]").src.replace("till.js", "calls.js"));
  return (await call("GET", `/v1/transactions?reference=${reference}`)).data[0].claim_url;
}"""


def test_a_receipt_that_is_scanned_leads_to_its_sale(till: TillPage) -> None:
    page, phone = till.page, new_phone_of(till.district, name="林晓语")
    till.sell("20")
    [sale] = till.sold()
    link = page.evaluate(_LINK, sale["reference"])
    till.scan(link)
    expect(page.locator("#scan-says")).to_contain_text("小票 ¥20.00：请扫会员码补积分")
    till.scan(phone.code())  # nobody's yet: its points go to who is there
    expect(page.locator("#scan-says")).to_have_text("积分已补给 林**")
    for scanned in (link.upper(), sale["reference"]):  # somebody's: it is for giving back
        till.scan(scanned)
        expect(page.locator("#refund-amount")).to_have_value("20.00")
        till.close_refund()
    page.locator("#open-refund").click()
    page.locator("#refund-scan").fill(link)
    page.keyboard.press("Enter")
    expect(page.locator("#refund-amount")).to_have_value("20.00")
    page.keyboard.press("Enter")
    expect(page.locator("#result-title")).to_have_text("已退款")
    page.keyboard.press("Enter")
    till.scan(link)
    expect(page.locator("#refund-flaw")).to_have_text("这笔交易已全部退款。")
    [sale] = till.sold()
    assert (sale["member_id"], sale["refunded_amount"]) == (phone.member_id, 2_000)


def test_a_receipt_that_waits_for_a_member_can_be_given_back_or_left(till: TillPage) -> None:
    page, shop = till.page, till.district
    till.sell("30")
    link = page.evaluate(_LINK, till.sold()[0]["reference"])
    till.scan(link)
    expect(page.locator("#scan-says")).to_be_visible()
    expect(page.locator("#confirm")).to_be_disabled()
    till.scan("8")
    expect(page.locator("#scan-says")).to_be_hidden()
    expect(page.locator("#confirm")).to_be_enabled()
    till.scan(link)
    expect(page.locator("#scan-says")).to_be_visible()
    page.locator("#open-refund").click()
    expect(page.locator("#refund-amount")).to_have_value("30.00")
    till.close_refund()
    foreign = shop.report(store_id=shop.other_shop.store_id).ok(201)["claim_url"]
    till.scan(foreign)
    expect(page.locator("#scan-says")).to_have_text("本店没有这张小票的交易。")


def test_sums_are_read_as_people_type_them(page: Page, shop: District) -> None:
    page.goto("/till")
    read = page.evaluate(_READ, [*SUMS, *NO_SUMS])
    assert read == [*SUMS.values(), *[None] * len(NO_SUMS)]


_READ = """async texts => {
  const { fenOf } = await import(document.querySelector("script[type=module]").src.replace("till.js", "codes.js"));
  return texts.map(fenOf);
}"""
