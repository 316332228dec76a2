"""Pages as they stand after something went wrong, or well: everybody can read them, in both languages."""

from __future__ import annotations

from collections.abc import Mapping

import psycopg
import pytest
from playwright.sync_api import Page, expect

from tests.browser.test_console_tills import sign_in
from tests.browser.test_shopper import PHONE, come_to, join, member_of
from tests.factories.coupons import claim, coupons_of, new_campaign
from tests.factories.districts import District, new_phone
from tests.factories.pages import check_page, check_state, english_in
from tests.factories.receipts import secret_of
from tests.factories.shoppers import signed_in
from tests.factories.staff import Person, accept, hire, invite, new_email
from tests.factories.staffed_tills import add_cashier, new_till
from tests.factories.transactions import age

pytestmark = pytest.mark.usefixtures("context")
MAIN = "[data-action=main]"
FLAW = "[aria-invalid=true], .notice.is-danger"
DESK = {"locale": "zh-CN"}


def check_flaw(page: Page, path: str, fields: Mapping[str, str], press: str = MAIN) -> None:
    """Fills in a form wrongly, in both languages, and looks at what comes back. The page is Chinese afterwards."""
    for language in ("en", "zh"):
        page.goto(f"{path}{'&' if '?' in path else '?'}lang={language}")
        for name, value in fields.items():
            page.locator(f"{name if name[0] in '#[' else f'[name={name}]'}").first.fill(value)
        page.locator(press).first.click()
        expect(page.locator(FLAW).first).to_be_visible()
        check_state(page)


def check_told(page: Page, path: str, told: str, *others: str) -> None:
    """Looks at a page that tells what was just done; of what else it may tell, at the words alone."""
    for one in (*others, told):
        page.goto(f"{path}?told={one}&lang=zh")
        expect(page.get_by_role("status").first).to_be_visible()
        assert english_in(page) == []
    check_page(page)


@pytest.mark.parametrize("page", [DESK], indirect=True, ids=["desk"])
def test_the_console_before_one_is_in(page: Page, district: District) -> None:
    check_flaw(page, "/console/sign-in", {"login": new_email(), "password": "a horse that reads books"})
    check_flaw(page, "/console/sign-in", {"login": "nobody", "password": "x"})
    check_told(page, "/console/sign-in", "password")
    check_flaw(page, "/console/forgotten", {"login": "nobody"})
    page.goto("/console/forgotten")
    page.fill("[name=login]", new_phone())
    page.click(MAIN)
    expect(page.locator("[name=code]")).to_be_visible()
    check_page(page)
    check_flaw(page, page.url.partition("&lang")[0], {"code": "000000", "password": "a horse that reads books"})
    link = invite(district, "alliance_viewer").ok(201)["url"].partition("/console")[2]
    check_flaw(page, f"/console{link}", {"password": "short"})
    for missing in (f"/console{link}x", "/console/nothing-here"):
        page.goto(missing)
        check_page(page)
    person = hire(district)
    page.goto("/console/sign-in")
    page.fill("[name=login]", person.login)
    page.fill("[name=password]", person.password)
    page.click(MAIN)
    expect(page.locator("main[data-page=console-second-factor]")).to_be_visible()
    check_flaw(page, "/console/second-factor", {"otp": "000000"})


@pytest.mark.parametrize("page", [DESK], indirect=True, ids=["desk"])
def test_one_s_own_account(page: Page, district: District) -> None:
    person, account = told_of_a_reset(district), "/console/account"
    page.goto("/console/sign-in")
    page.fill("[name=login]", person.login)
    page.fill("[name=password]", person.password)
    page.click(MAIN)
    expect(page.locator("main[data-page=console-account]")).to_be_visible()
    expect(page.get_by_role("heading", name="有人改动了您的账号")).to_be_visible()
    check_page(page)
    check_told(page, account, "password", "factor", "factor-removed", "session")
    wrong = {"old_password": person.password, "password": "short"}
    check_flaw(page, account, wrong, "form[action$='/account/password'] button")
    check_flaw(page, f"{account}/totp", {"otp": "000000"})
    check_flaw(page, f"{account}/password-again", {"password": "a horse that reads books"})


def told_of_a_reset(district: District) -> Person:
    """An admin whose second factor another one has taken away, and who is signed in elsewhere."""
    hire(district)
    person = hire(district)
    path = f"/v1/staff/{person.account_id}/second-factor/reset"
    district.api.post(path, {}, district.key).ok(200)
    person.secret = None
    person.sign_in().ok(201)
    return person


@pytest.mark.parametrize("page", [DESK], indirect=True, ids=["desk"])
def test_staff_and_tills(page: Page, district: District) -> None:
    till, other = (new_till(district, district.shop.store_id)["id"] for _ in range(2))
    add_cashier(district, district.shop.store_id)
    person = accept(district.api, invite(district, "alliance_viewer").ok(201)["url"]).ok(201)["account_id"]
    invite(district, "cashier", store_id=district.shop.store_id).ok(201)
    sign_in(page, hire(district))
    check_told(page, "/console/staff", "changed", "removed", "reset", "withdrawn")
    check_flaw(page, "/console/staff/invite", {"name": "小陈", "login": "nobody"})
    page.goto(f"/console/staff/{person}")
    page.select_option("[name=role]", "merchant_manager")
    page.click(MAIN)
    expect(page.locator(FLAW).first).to_be_visible()
    check_state(page)
    check_told(page, "/console/tills", "revoked")
    check_flaw(page, "/console/tills/new", {"name": "门口", "locks_after_minutes": "9999"})
    check_told(page, f"/console/tills/{till}", "added", "pin", "removed")
    check_flaw(
        page, f"/console/tills/{till}", {"#field-name": "小林", "#field-pin": "1111"}, "form:has(#field-pin) button"
    )
    check_flaw(page, f"/console/tills/{till}", {"[id^=pin-]": "1111"}, "form[action$='/pin'] button")
    district.api.delete(f"/v1/tills/{other}", district.key).ok(200)
    page.goto(f"/console/tills/{other}")
    check_page(page)


@pytest.mark.parametrize("page", [PHONE], indirect=True, ids=["phone"])
def test_a_shopper_s_pages(page: Page, district: District, superuser: psycopg.Connection) -> None:
    home, me = f"/s/{district.slug}", f"/s/{district.slug}/me"
    check_flaw(page, f"{home}/join", {"phone": "123"})
    phone = join(page, district)
    member = member_of(district, phone)
    signed_in(district.id, member)
    check_told(page, f"{home}/", "welcome", "joined")
    check_told(page, f"{home}/points", "claimed")
    check_told(page, me, "changed", "moved", "waits", "kept")
    check_told(page, f"{me}/sessions", "ended")
    check_flaw(page, f"{me}/profile", {"birthday": "2999-01-01"})
    check_flaw(page, f"{me}/phone", {"phone": phone})
    check_flaw(page, f"{me}/delete", {"number": "1"})
    page.goto(f"{me}/lock")
    page.click(MAIN)
    check_page(page)
    page.goto(f"{me}/phone")
    page.fill("[name=phone]", new_phone())
    page.check("[name=is_lost]")
    page.click(MAIN)
    come_to(page, "shopper-phone-code")
    check_flaw(page, f"{me}/phone/code", {"code": "000000"})
    late, lost = (district.report(key=district.shop.key).ok(201) for _ in range(2))
    age(superuser, late["id"], days=40)
    for secret in (secret_of(late), secret_of(lost)[:-1] + "2"):
        page.goto(f"{home}/receipt/{secret}")
        check_page(page)
    page.context.clear_cookies()
    check_told(page, f"{home}/join", "out", "gone")


@pytest.mark.parametrize("page", [PHONE], indirect=True, ids=["phone"])
def test_a_shopper_s_coupons(page: Page, district: District) -> None:
    member, home = member_of(district, join(page, district)), f"/s/{district.slug}"
    used = claim(district, new_campaign(district)["id"], member).ok(201)["id"]
    code = coupons_of(district, member)[0]["code"]
    district.report(member_id=member, amount=20_000, coupons=[code]).ok(201)
    for path in ("coupons?show=past", f"coupons/{used}", f"coupons/{used}x"):
        page.goto(f"{home}/{path}")
        check_page(page)
