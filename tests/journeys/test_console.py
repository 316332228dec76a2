"""The console's pages as a browser calls them: signing in, the second factor, one's account, who works here."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from flask import Flask

from app.config import Settings
from app.factory import create_app
from tests.factories.api import Api
from tests.factories.browsing import Browser
from tests.factories.districts import District, new_district, new_phone
from tests.factories.problems import check_problem
from tests.factories.shoppers import code_of
from tests.factories.staff import PASSWORD, hire, invite, new_email, with_phone

pytestmark = pytest.mark.usefixtures("context")


@pytest.fixture
def browser(app: Flask) -> Iterator[Browser]:
    with app.test_client() as client:
        yield Browser(client)


def test_who_isn_t_signed_in_is_led_to_the_sign_in_and_back(browser: Browser, district: District) -> None:
    assert browser.get("/console/staff").page == "console-sign-in"
    assert "next" in browser.text
    person = hire(district)
    fields = {"next": "/console/staff", "login": person.login, "password": person.password, "otp": person.otp()}
    assert browser.post("/console/sign-in", **fields).page == "console-staff"
    assert browser.post("/console/sign-out").page == "console-sign-in"
    assert browser.get("/console/").page == "console-sign-in"


@pytest.mark.parametrize("where", ["https://evil.example/", "//evil.example", "/console/\\evil", "/s/x/"])
def test_the_way_back_leads_nowhere_else(browser: Browser, district: District, where: str) -> None:
    person = hire(district, "alliance_viewer", strong=False)
    assert browser.sign_in(person, next=where).at == "/console/"


def test_the_second_factor_is_asked_for_on_a_page_of_its_own(browser: Browser, district: District) -> None:
    person = hire(district)
    assert browser.sign_in(person, otp="").page == "console-second-factor"
    assert browser.post("/console/second-factor", otp="000000").status == 422
    assert browser.page == "console-second-factor"
    assert browser.post("/console/second-factor", otp=person.otp()).page == "console-home"


def test_a_wrong_password_says_nothing_of_the_account(browser: Browser, district: District) -> None:
    person = hire(district, "alliance_viewer", strong=False)
    shown = []
    for login in (person.login, new_email()):
        browser.post("/console/sign-in", login=login, password="not this one at all")
        assert (browser.status, browser.page) == (422, "console-sign-in")
        shown.append(browser.text.replace(login, "…"))
    assert shown[0] == shown[1]


def test_another_site_signs_nobody_in(browser: Browser, district: District) -> None:
    person = hire(district, "alliance_viewer", strong=False)
    fields = {"login": person.login, "password": person.password}
    assert browser.post("/console/sign-in", {"Sec-Fetch-Site": "cross-site"}, **fields).status == 403
    assert browser.get("/console/").page == "console-sign-in"


def test_an_invitation_is_taken_up_and_a_second_factor_set_up(browser: Browser, district: District) -> None:
    url = invite(district, "alliance_operator", name="顾明").ok(201)["url"]
    path = re.sub(r"^https?://[^/]+", "", url)
    assert browser.get(path).page == "console-invitation"
    assert "顾明" in browser.text
    assert browser.post(path, password="short").status == 422
    assert browser.post(path, password=PASSWORD).page == "console-account"
    assert browser.get("/console/").page == "console-account", "its role needs a second factor"
    assert browser.get("/console/account/totp").page == "console-totp"
    assert "data:image/svg+xml" in browser.text
    assert browser.post("/console/account/totp", otp="1").status == 422
    assert browser.page == "console-totp"
    assert browser.get(path).status == 422


def test_staff_are_invited_changed_and_removed(browser: Browser, district: District) -> None:
    admin, viewer = hire(district), hire(district, "alliance_viewer", strong=False)
    browser.sign_in(admin)
    assert browser.get("/console/staff/invite").page == "console-invite"
    made = browser.post(
        "/console/staff/invite", name="小陈", login=new_email(), role="cashier", store_id=district.shop.store_id
    )
    assert made.page == "console-invited"
    assert "/console/invitations/in_" in made.text
    assert "小陈" in browser.get("/console/staff").text
    here = f"/console/staff/{viewer.account_id}"
    assert browser.post(here, role="alliance_operator").page == "console-staff"
    assert viewer.call("GET", "/v1/merchants").status in (200, 401)
    assert browser.post(f"{here}/remove").page == "console-staff"
    own = f"/console/staff/{admin.account_id}/remove"
    assert browser.post(own).status == 409
    assert browser.page == "console-person"


def test_what_is_final_asks_for_the_password_again(browser: Browser, district: District, superuser: object) -> None:
    admin = hire(district)
    browser.sign_in(admin)
    superuser.execute(  # type: ignore[attr-defined]
        "UPDATE staff_sessions SET proven_at = proven_at - interval '6 minutes' WHERE account_id = %s",
        (admin.account_id[-32:],),
    )
    assert browser.get("/console/staff/invite").page == "console-password-again"
    fields = {"next": "/console/staff/invite", "password": "not this one at all"}
    assert browser.post("/console/account/password-again", **fields).status == 422
    fields["password"] = admin.password
    assert browser.post("/console/account/password-again", **fields).page == "console-invite"


def test_somebody_with_two_districts_chooses(browser: Browser, district: District, other_district: District) -> None:
    person = hire(district, "alliance_viewer", strong=False)
    url = invite(other_district, "alliance_viewer", login=person.login).ok(201)["url"]
    person.call("POST", "/v1/staff/me/invitations", {"invitation": url.rsplit("/", 1)[1]}).ok(201)
    assert browser.sign_in(person).page == "console-districts"
    assert browser.post("/console/districts", district=other_district.id).page == "console-home"
    assert browser.post("/console/districts", district=f"dis_{'1' * 32}").status == 404


def test_a_password_is_changed_and_other_sessions_end(browser: Browser, district: District) -> None:
    person = hire(district, "alliance_viewer", strong=False)
    browser.sign_in(person)
    change = {"old_password": person.password, "password": "another horse entirely"}
    assert browser.post("/console/account/password", **change).page == "console-account"
    sessions = browser.text.count("/console/account/sessions/end")
    assert sessions == 0, "this one is the only one"


def test_a_code_signs_in_where_the_password_is_forgotten(browser: Browser, district: District) -> None:
    person = with_phone(district)
    assert "/console/sign-in/code" in browser.get("/console/staff").text
    browser.post("/console/sign-in/code", login=person.login, next="/console/staff")
    challenge = re.findall(r'name="challenge" value="(\w+)"', browser.text)[0]
    assert (browser.page, browser.status) == ("console-by-code", 200)
    wrong = f"{(int(code_of(challenge)) + 1) % 10**6:06d}"
    assert browser.post("/console/sign-in/code", challenge=challenge, code=wrong).status == 422
    browser.post("/console/sign-in/code", challenge=challenge, code=code_of(challenge), next="/console/staff")
    assert browser.page == "console-second-factor"
    assert browser.post("/console/second-factor", otp=person.otp()).page == "console-home"


def test_pages_with_codes_say_nothing_of_accounts(browser: Browser, district: District) -> None:
    person, told = with_phone(district, "alliance_viewer", strong=False), set[str]()
    for path in ("/console/sign-in/code", "/console/forgotten"):
        for login in (person.login, new_phone()):
            browser.post(path, login=login)
            told.add(re.sub(r'ch_\w+|name="next".*?>', "", browser.text).replace(path, ""))
        assert len(told) == 1
        told.clear()
        assert browser.post(path).status == 422
        assert 'data-action="main"' in browser.post(path, login=new_email()).text


def test_the_inviter_is_told_to_hand_over_a_link_that_no_e_mail_carries(browser: Browser, district: District) -> None:
    browser.sign_in(hire(district))
    fields = {"name": "李雷", "role": "alliance_viewer", "merchant_id": "", "store_id": ""}
    assert "不发送电子邮件" in browser.post("/console/staff/invite", login=new_email(), **fields).text
    assert "不发送电子邮件" not in browser.post("/console/staff/invite", login=new_phone(), **fields).text


def test_times_are_those_of_the_district_where_one_works(browser: Browser, api: Api) -> None:
    person = hire(new_district(api, time_zone="America/Los_Angeles"), "alliance_viewer", strong=False)
    assert browser.sign_in(person).page == "console-home"
    [used] = {
        one["used_at"] for one in person.call("GET", "/v1/staff/sessions").ok(200)["data"] if not one["is_current"]
    }
    local = datetime.fromisoformat(used).astimezone(ZoneInfo("America/Los_Angeles"))
    assert f"{local.year}年{local.month}月{local.day}日 {local:%H:%M}" in browser.get("/console/account").text


def test_passkeys_are_offered_only_where_browsers_give_them(browser: Browser, district: District) -> None:
    browser.sign_in(hire(district, "alliance_viewer", strong=False))
    text = browser.get("/console/account").text
    assert "http://localhost:8000/console/account" in text, "where PUBLIC_URL is an address of this machine"
    assert '/console/account/passkey"' not in text


def test_where_the_address_is_of_figures_there_are_no_passkeys(settings: Settings) -> None:
    app = create_app(replace(settings, public_url="https://192.168.0.7:8001"))
    district = new_district(Api.inside(app, settings.operator_key))
    person = hire(district, "alliance_viewer", strong=False)
    check_problem(person.call("POST", "/v1/staff/me/passkeys/options"), 409, "passkeys-unavailable")
    with app.test_client() as client:
        browser = Browser(client).sign_in(person)
        assert "而非数字地址" in browser.get("/console/account").text
        assert browser.get("/console/account/passkey").status == 409
