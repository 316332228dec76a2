"""A cashier at `/till`, in a real Chromium: two scans and one tap, the gun, the camera, without network, by keyboard alone."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.factories.codes import new_phone_of
from tests.factories.coupons import claim, new_campaign
from tests.factories.districts import District
from tests.factories.pages import check_state
from tests.factories.points import adjust
from tests.factories.till_pages import TillPage, paired_page

pytestmark = pytest.mark.usefixtures("context")
TABLET = {"viewport": {"width": 1024, "height": 768}}
PHONE = {"viewport": {"width": 390, "height": 844}}


@pytest.mark.parametrize("page", [TABLET], indirect=True)
def test_two_scans_and_one_tap(till: TillPage) -> None:
    phone = new_phone_of(till.district, name="林晓语")
    adjust(till.district, phone.member_id, 500)
    campaign = new_campaign(till.district, name="夜市满减券", amount_off=3_000, min_amount=20_000)["id"]
    claim(till.district, campaign, phone.member_id).ok(201)
    page = till.page
    till.scan(phone.code())
    expect(page.locator("#member-name")).to_have_text("林**")
    assert "林晓语" not in page.content()
    till.scan("268")
    expect(page.locator("#pay")).to_have_text("¥238.00")
    expect(page.locator("#earns")).to_have_text("+238")
    page.locator(".give", has_text="积分").click()
    expect(page.locator("#pay")).to_have_text("¥233.00")
    page.locator("#confirm").click()
    expect(page.locator("#result-title")).to_have_text("已入账")
    expect(page.locator("#result-figure")).to_have_text("+233")
    [sale] = till.sold()
    assert (sale["paid_amount"], sale["discount_amount"], sale["points_spent"]) == (23_300, 3_000, 500)
    assert sale["metadata"] == {"till_id": till.till_id, "cashier_id": till.cashier_id}
    page.locator("#print").click()
    assert page.evaluate("printed") == 1
    page.locator("#next").click()
    expect(page.locator("#scan")).to_be_focused()
    expect(page.locator("#no-member")).to_be_visible()
    assert till.kept() == []


def test_the_keyboard_alone_completes_a_sale_and_the_gun_types_wherever_the_focus_is(till: TillPage) -> None:
    phone = new_phone_of(till.district)
    till.page.locator("#open-today").focus()
    till.scan("12.50")
    expect(till.page.locator("#amount")).to_have_text("12.50")
    till.page.locator("#camera").focus()
    till.scan(phone.code())
    expect(till.page.locator("#earns")).to_have_text("+12")
    till.page.keyboard.press("Enter")
    expect(till.page.locator("#result-title")).to_have_text("已入账")
    till.page.keyboard.press("Enter")
    expect(till.page.locator("#result")).to_be_hidden()
    assert [sale["member_id"] for sale in till.sold()] == [phone.member_id]


def test_without_network_every_sale_is_kept_and_sent_once(page: Page, shop: District) -> None:
    till = paired_page(page, shop)
    phone = new_phone_of(shop)
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    page.reload()
    expect(page.locator("#scan")).to_be_focused()
    page.context.set_offline(True)
    expect(page.locator(".net")).to_have_text("无网络")
    till.scan(phone.code())
    expect(page.locator("#member-more")).to_have_text("会员码已记下，上传时核对")
    till.scan("88")
    page.keyboard.press("Enter")
    expect(page.locator("#result-title")).to_have_text("已存本机，稍后上传")
    page.keyboard.press("Enter")
    till.sell("5")
    assert len(till.kept()) == 2
    other = page.context.new_page()
    for tab in (page, other):  # the page opens without network, and nobody's PIN can be checked
        tab.goto("/till")
        tab.locator("#record-only").click()
        expect(tab.locator("#scan")).to_be_focused()
    second = TillPage(other, shop, till.till_id, till.cashier_id)
    second.sell("7")
    assert till.sold() == []
    page.context.set_offline(False)
    expect(page.locator(".net")).to_have_text("已联网")
    expect(other.locator(".net")).to_have_text("已联网")
    assert till.kept() == second.kept() == []
    assert sorted(sale["amount"] for sale in till.sold()) == [500, 700, 8_800]
    assert [sale["member_id"] for sale in till.sold() if sale["amount"] == 8_800] == [phone.member_id]
    other.close()


def test_a_lost_answer_counts_once(till: TillPage) -> None:
    lost: list[str] = []

    def lose(route: object) -> None:
        route.fetch()  # type: ignore[attr-defined]
        lost.append("an answer")
        route.abort()  # type: ignore[attr-defined]

    till.page.route("**/v1/transactions", lose, times=1)
    till.scan("9")
    till.page.keyboard.press("Enter")
    expect(till.page.locator("#result-title")).to_have_text("已存本机，稍后上传")
    till.page.keyboard.press("Enter")
    till.page.evaluate("dispatchEvent(new Event('online'))")
    expect(till.page.locator(".net")).to_have_text("已联网")
    assert lost
    assert [sale["amount"] for sale in till.sold()] == [900]


def test_what_is_refused_is_put_aside_for_a_person(till: TillPage) -> None:
    page = till.page
    page.context.set_offline(True)
    till.scan("880000000000000000")
    expect(page.locator("#member")).to_be_visible()
    till.scan("6")
    page.keyboard.press("Enter")
    expect(page.locator("#result")).to_be_visible()
    page.keyboard.press("Enter")
    page.context.set_offline(False)
    expect(page.locator("#open-refused")).to_have_text("1 笔待处理")
    assert till.sold() == []
    page.locator("#open-refused").click()
    page.locator("#refused .row").click()
    expect(page.locator("#open-refused")).to_be_hidden()


@pytest.mark.parametrize("minutes", [-60, 60])
def test_a_clock_that_is_wrong_by_an_hour_records_at_the_right_time(page: Page, shop: District, minutes: int) -> None:
    page.add_init_script(f"const real = Date.now; Date.now = () => real() + {minutes} * 60000;")
    till = paired_page(page, shop)
    till.sell("3")
    [sale] = till.sold()
    assert sale["occurred_at"][:16] == sale["recorded_at"][:16] or sale["occurred_at"] < sale["recorded_at"]


def test_a_revoked_till_sells_no_more_and_keeps_what_waits(till: TillPage) -> None:
    page, district = till.page, till.district
    page.context.set_offline(True)
    till.sell("4")
    district.api.delete(f"/v1/tills/{till.till_id}", district.key).ok(200)
    page.wait_for_timeout(400)  # the process trusts a token that long
    page.context.set_offline(False)
    expect(page.locator("#pair-note")).to_contain_text("本机存有 1 笔交易")
    assert len(till.kept()) == 1


def test_a_guessed_pin_locks_and_says_for_how_long(page: Page, shop: District) -> None:
    paired_page(page, shop)
    with page.expect_response("**/v1/till/shift"):
        page.locator("#lock").click()
    for _ in range(6):
        page.locator("#pin").fill("9519")
        with page.expect_response("**/v1/till/shift"):
            page.locator("#pin-form [data-main]").click()
    expect(page.locator("#pin-flaw")).to_have_text(re.compile("请等 [0-9]+ 秒"))


def test_a_refund_by_the_receipt_s_bars(till: TillPage) -> None:
    till.sell("20")
    [sale] = till.sold()
    page = till.page
    page.locator("#open-refund").click()
    page.locator("#refund-scan").fill(sale["reference"])
    page.keyboard.press("Enter")
    expect(page.locator("#refund-amount")).to_have_value("20.00")
    page.locator("#refund-amount").fill("5")
    page.keyboard.press("Enter")
    expect(page.locator("#result-title")).to_have_text("已退款")
    page.keyboard.press("Enter")
    assert till.sold()[0]["refunded_amount"] == 500
    page.locator("#open-today").click()
    page.locator("#counted").fill("14")
    expect(page.locator("#count-says")).to_have_text("少了 ¥1.00。")


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("page", [TABLET, PHONE], indirect=True, ids=["tablet", "phone"])
def test_every_state_can_be_read_by_everybody(page: Page, shop: District, language: str) -> None:
    page.goto(f"/till?lang={language}")
    expect(page.locator("#pairing")).to_be_focused()
    check_state(page)
    till = paired_page(page, shop, language=language)
    check_state(page)
    phone = new_phone_of(shop, name="林晓语")
    adjust(shop, phone.member_id, 500)
    campaign = new_campaign(shop, name="夜市满减券", amount_off=3_000, min_amount=20_000)["id"]
    claim(shop, campaign, phone.member_id).ok(201)
    till.scan("x")
    expect(page.locator("#scan-says")).to_be_visible()
    check_state(page)
    till.scan(phone.code())
    till.scan("268")
    expect(page.locator("#earns")).to_have_text("+238")
    check_state(page)
    page.keyboard.press("Enter")
    expect(page.locator("#result")).to_be_visible()
    check_state(page)
    page.keyboard.press("Enter")
    for panel in ("today", "refund"):
        page.locator(f"#open-{panel}").click()
        expect(page.locator(f"#{panel} .row").first).to_be_visible()
        check_state(page)
        page.locator(f"#{panel} [data-close]").click()
    page.context.set_offline(True)
    expect(page.locator("#offline-note")).to_be_visible()
    check_state(page)
    page.context.set_offline(False)
    page.locator("#lock").click()
    expect(page.locator("#pin")).to_be_focused()
    check_state(page)
