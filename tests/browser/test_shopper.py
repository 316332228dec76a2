"""The shopper's phone, as a person holds it."""

from __future__ import annotations

import io
import re

import pytest
import zxingcpp
from PIL import Image
from playwright.sync_api import Page, expect

from tests.factories.coupons import new_campaign
from tests.factories.districts import District, new_phone
from tests.factories.pages import check_page, check_state
from tests.factories.points import adjust
from tests.factories.shoppers import code_sent_to
from tests.factories.tiers import new_tier

PHONE = {"viewport": {"width": 390, "height": 844}, "device_scale_factor": 2, "locale": "zh-CN"}
pytestmark = [
    pytest.mark.parametrize("page", [PHONE], indirect=True, ids=["phone"]),
    pytest.mark.usefixtures("context"),
]
MAIN = "[data-action=main]"


def come_to(page: Page, name: str) -> None:
    """Waits for a page by its name."""
    expect(page.locator(f"main[data-page={name}]")).to_be_visible()


def join(page: Page, district: District, path: str = "/join", *, checks: bool = False) -> str:
    """Joins by a new phone, as a person would; gives the phone."""
    phone = new_phone()
    page.goto(f"/s/{district.slug}{path}")
    come_to(page, "shopper-join")
    if checks:
        check_page(page)
    page.fill("[name=phone]", phone)
    page.click(MAIN)
    come_to(page, "shopper-code")
    if checks:
        check_page(page)
    assert page.locator("[name=consent]:checked").count() == 0, "nothing is ticked before"
    for box in page.locator("[name=consent]").all():
        box.check()
    page.fill("[name=code]", code_sent_to(district.id, phone))
    page.click(MAIN)
    come_to(page, "shopper-card")
    return phone


def member_of(district: District, phone: str) -> str:
    """The id of the member of a phone."""
    [found] = district.api.get(f"/v1/members?phone={phone}", district.key).ok()["data"]
    return str(found["id"])


def code_on(page: Page) -> str:
    """The member code that the card shows."""
    expect(page.locator(".digits")).to_have_text(re.compile(r"(\d{4} ){4}\d\d"))
    return page.locator(".digits").inner_text().replace(" ", "")


def read_on(page: Page) -> list[str]:
    """What a gun and a camera read from the card."""
    shown = Image.open(io.BytesIO(page.locator(".pass").screenshot()))
    return [found.text for found in zxingcpp.read_barcodes(shown)]


def test_from_a_poster_to_the_first_points_in_one_journey(page: Page, district: District) -> None:
    phone = join(page, district, f"/join?store={district.shop.store_code}", checks=True)
    member = member_of(district, phone)
    shown = district.api.get(f"/v1/members/{member}", district.key).ok()
    assert [one["merchant_id"] for one in shown["memberships"]] == [district.shop.merchant_id]
    expect(page.locator("[data-now-of=available]")).to_have_text("0")
    before, read, after = code_on(page), read_on(page), code_on(page)
    assert len(read) == 2, "bars and a QR code"
    assert set(read) <= {before, after}
    sale = district.report(key=district.shop.key, member_code=code_on(page), amount=12_800).ok(201)
    assert sale["member_id"] == member
    expect(page.locator("[data-now-of=available]")).to_have_text("128")
    expect(page.locator(".news")).to_contain_text("+128 积分 · 店 A101")
    check_page(page)
    page.goto(f"/s/{district.slug}/points")
    page.click(MAIN)
    expect(page.locator(".why")).to_contain_text("应收 ¥128.00")
    check_state(page)


def test_every_page_can_be_read_by_everybody_in_both_languages(page: Page, district: District) -> None:
    phone = join(page, district)
    member, home = member_of(district, phone), f"/s/{district.slug}"
    empty = (
        "",
        "points",
        "coupons?show=claim",
        "coupons?show=mine",
        "coupons?show=past",
        "shops",
        "shops?zone=none",
        "me/notices",
    )
    for path in empty:
        page.goto(f"{home}/{path}")
        check_page(page)
    new_campaign(district, stock=1, issuing=["claim"], description="每桌一张")
    district.report(member_id=member, amount=12_800).ok(201)
    adjust(district, member, -20)
    new_tier(district)
    page.goto(f"{home}/coupons?show=claim")
    check_page(page)
    page.click(MAIN)
    come_to(page, "shopper-coupon")
    check_page(page)
    full = ("", "points", "coupons?show=claim", "coupons?show=mine", "shops", "me")
    own = ("profile", "notices", "consents", "lock", "sessions", "phone", "proof", "proof?sent=1", "export", "delete")
    for path in (*full, *(f"me/{one}" for one in own), "nothing/here"):
        page.goto(f"{home}/{path}")
        check_page(page)
    page.goto(f"{home}/me/notices")
    page.click(MAIN)
    expect(page.locator(MAIN)).to_have_count(0)
    check_state(page)


def test_a_complaint_about_a_purchase_is_sent_from_its_movement_and_answered(page: Page, district: District) -> None:
    member, home = member_of(district, join(page, district)), f"/s/{district.slug}"
    page.goto(f"{home}/me/cases")
    check_page(page)
    sale = district.report(key=district.key, member_id=member, amount=12_800).ok(201)
    page.goto(f"{home}/points")
    page.click(MAIN)
    page.click(".why a")
    come_to(page, "shopper-new-case")
    check_page(page)
    page.click(MAIN)
    expect(page.get_by_role("alert")).to_contain_text("请选择最接近的一项")
    check_state(page)
    page.check("[value=points-missing]")
    page.fill("[name=description]", "少算了一杯茶的积分")
    page.click(MAIN)
    come_to(page, "shopper-cases")
    check_page(page)
    [case] = district.api.get("/v1/cases?step=open", district.shop.key).ok()["data"]
    assert (case["transaction_id"], case["description"]) == (sale["id"], "少算了一杯茶的积分")
    page.goto(f"{home}/me/cases/new?transaction_id={sale['id']}")
    come_to(page, "shopper-cases")
    district.api.post(f"/v1/cases/{case['id']}/answer", {"answer": "已补 20 积分"}, district.shop.key).ok(200)
    page.reload()
    expect(page.locator(".answer")).to_contain_text("已补 20 积分")
    check_page(page)


def test_what_is_wrong_stands_at_its_field_and_is_read_out(page: Page, district: District) -> None:
    home = f"/s/{district.slug}"
    page.goto(f"{home}/join")
    page.fill("[name=phone]", "123")
    page.click(MAIN)
    expect(page.locator("[name=phone]")).to_have_attribute("aria-invalid", "true")
    assert page.locator("[name=phone]").input_value() == "123"
    check_state(page)
    phone = new_phone()
    page.fill("[name=phone]", phone)
    page.click(MAIN)
    come_to(page, "shopper-code")
    page.fill("[name=code]", "000000")
    page.click(MAIN)
    expect(page.locator("[name=code]")).to_have_attribute("aria-invalid", "true")
    check_state(page)
    page.fill("[name=code]", code_sent_to(district.id, phone))
    page.click(MAIN)
    expect(page.get_by_role("alert")).to_contain_text("请勾选第一项")
    check_state(page)
    page.locator("[name=consent]").first.check()
    page.click(MAIN)
    come_to(page, "shopper-card")


def test_the_card_renews_its_code_without_network(page: Page, district: District) -> None:
    join(page, district)
    shown = code_on(page)
    page.context.set_offline(True)
    page.clock.install()
    page.clock.fast_forward("01:05")
    expect(page.locator(".digits")).not_to_have_text(" ".join(re.findall(r".{1,4}", shown)))
    later = code_on(page)
    assert later[:12] == shown[:12]
    expect(page.locator(".renews span")).to_have_text("没有网络，会员码照常可用")
    page.context.set_offline(False)


def test_spending_with_a_screenshot_that_is_two_minutes_old_fails(page: Page, district: District) -> None:
    phone = join(page, district)
    member = member_of(district, phone)
    adjust(district, member, 500)
    code = page.evaluate(
        """async () => {
          const { codeAt } = await import(document.querySelector("script[type=module]").src.replace("card.js", "totp.js"));
          const { cardOf } = await import(document.querySelector("script[type=module]").src.replace("card.js", "keys.js"));
          const { now, print, key } = document.querySelector(".pass").dataset;
          return codeAt(await cardOf(now, print, key), Date.now() - 125000);
        }"""
    )
    refused = district.report(key=district.shop.key, member_code=code, amount=5_000, points_to_spend=300)
    assert (refused.status, refused.code) == (410, "member-code-expired")
    assert district.balance(member)["available"] == 500
    fresh = district.report(key=district.shop.key, member_code=code_on(page), amount=5_000, points_to_spend=300)
    assert fresh.ok(201)["points_spent"] == 300


def test_the_key_of_codes_crosses_the_network_once_and_no_script_reads_it(page: Page, district: District) -> None:
    join(page, district)
    shown = code_on(page)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.reload()
    assert code_on(page)[:12] == shown[:12]
    assert not any(url.endswith("/code-key") for url in asked)
    assert page.evaluate("document.cookie") == ""
    kept = page.evaluate(
        """() => new Promise((resolve) => {
          const asked = indexedDB.open("quantong-card", 1);
          asked.onsuccess = () => {
            const all = asked.result.transaction("keys").objectStore("keys").getAll();
            all.onsuccess = () => resolve(all.result.map((one) => [one.key instanceof CryptoKey, one.key.extractable]));
          };
        })"""
    )
    assert kept == [[True, False]]


def test_a_receipt_is_claimed_on_the_way_by_who_joins(page: Page, district: District) -> None:
    sale = district.report(key=district.shop.key, amount=6_600).ok(201)
    secret = sale["claim_url"].rpartition("/")[2]
    page.goto(f"/s/{district.slug}/receipt/{secret}")
    come_to(page, "shopper-receipt")
    check_page(page)
    page.click(MAIN)
    phone = new_phone()
    page.fill("[name=phone]", phone)
    page.click(MAIN)
    page.locator("[name=consent]").first.check()
    page.fill("[name=code]", code_sent_to(district.id, phone))
    page.click(MAIN)
    come_to(page, "shopper-card")
    expect(page.locator("[data-now-of=available]")).to_have_text("66")
    page.goto(f"/s/{district.slug}/receipt/{secret}")
    check_page(page)
    other = district.report(key=district.shop.key, amount=1_200).ok(201)
    page.goto(other["claim_url"].replace("http://127.0.0.1:8000", ""))
    page.click(MAIN)
    come_to(page, "shopper-points")
    expect(page.locator(".movement").first).to_contain_text("+12")


def test_a_member_who_scans_another_shop_s_poster_is_its_member_too(page: Page, district: District) -> None:
    phone = join(page, district)
    page.goto(f"/s/{district.slug}/join?store={district.other_shop.store_code}")
    come_to(page, "shopper-card")
    shown = district.api.get(f"/v1/members/{member_of(district, phone)}", district.key).ok()
    assert [one["merchant_id"] for one in shown["memberships"]] == [district.other_shop.merchant_id]


def test_one_leaves_after_a_fresh_code_and_by_one_s_number(page: Page, district: District) -> None:
    phone = join(page, district)
    member = member_of(district, phone)
    number = district.api.get(f"/v1/members/{member}", district.key).ok()["number"]
    page.goto(f"/s/{district.slug}/me/delete")
    page.fill("[name=number]", "1")
    page.click(MAIN)
    expect(page.locator("[name=number]")).to_have_attribute("aria-invalid", "true")
    page.fill("[name=number]", number)
    page.click(MAIN)
    come_to(page, "shopper-join")
    assert district.api.get(f"/v1/members/{member}", district.key).ok()["status"] == "erased"
    page.goto(f"/s/{district.slug}/")
    come_to(page, "shopper-join")


def test_a_number_changes_by_codes_to_both(page: Page, district: District) -> None:
    phone, new = join(page, district), new_phone()
    member = member_of(district, phone)
    page.goto(f"/s/{district.slug}/me/phone")
    page.fill("[name=phone]", new)
    page.click(MAIN)
    come_to(page, "shopper-phone-code")
    check_page(page)
    page.fill("[name=code]", code_sent_to(district.id, new))
    page.fill("[name=old_code]", "000000")
    page.click(MAIN)
    expect(page.locator("[name=old_code]")).to_have_attribute("aria-invalid", "true")
    page.fill("[name=code]", code_sent_to(district.id, new))
    page.fill("[name=old_code]", code_sent_to(district.id, phone))
    page.click(MAIN)
    come_to(page, "shopper-me")
    assert member_of(district, new) == member


def test_the_keyboard_alone_joins(page: Page, district: District) -> None:
    phone = new_phone()
    page.goto(f"/s/{district.slug}/join")
    page.focus("[name=phone]")
    page.keyboard.type(phone)
    page.keyboard.press("Enter")
    come_to(page, "shopper-code")
    page.focus("[name=code]")
    page.keyboard.type(code_sent_to(district.id, phone))
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    page.keyboard.press("Enter")
    come_to(page, "shopper-card")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
