"""The console as a manager uses it: an authenticator, a passkey, and pages that everybody can read."""

from __future__ import annotations

import re
import subprocess
import urllib.request
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, expect

from app.config import Settings
from app.launcher.programs import stop
from app.launcher.supervisor import read_procfile
from app.staff.accounts import totp
from tests.browser.conftest import PATIENCE_MS
from tests.conftest import ROOT, environment_of
from tests.factories.clock import now
from tests.factories.districts import District
from tests.factories.installations import free_port
from tests.factories.pages import Watched, check_page
from tests.factories.processes import NO_ANSWER, PATIENCE_SECONDS, wait_until
from tests.factories.staff import PASSWORD, Person, hire, invite, new_email

pytestmark = pytest.mark.usefixtures("context")
MAIN = "[data-action=main]"


@pytest.fixture(scope="module")
def by_name(app: Flask, settings: Settings) -> Iterator[str]:
    """The product under a name: browsers give an address such as 127.0.0.1 no passkeys."""
    port = free_port()
    url = f"http://localhost:{port}"
    env = environment_of(replace(settings, public_url=url), port)
    [web] = [program for program in read_procfile(ROOT / "Procfile", env) if program.name == "web"]
    process = web.start(subprocess.DEVNULL)

    def is_there() -> bool:
        with suppress(*NO_ANSWER), urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=5):
            return True
        return False

    try:
        assert wait_until(is_there)
        yield url
    finally:
        stop([(web, process)], patience_seconds=PATIENCE_SECONDS)


@pytest.fixture
def desk(chromium: Browser, by_name: str) -> Iterator[Page]:
    """A manager's page, with a key for passkeys."""
    with chromium.new_context(base_url=by_name, locale="zh-CN") as context:
        context.set_default_timeout(PATIENCE_MS)
        page = context.new_page()
        devices = context.new_cdp_session(page)
        devices.send("WebAuthn.enable")
        options = {"protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True}
        more = {"isUserVerified": True, "automaticPresenceSimulation": True}
        devices.send("WebAuthn.addVirtualAuthenticator", {"options": {**options, **more}})
        watched = Watched(page)
        yield page
        assert watched.asked <= {by_name}
        assert watched.complaints == []


def come_to(page: Page, name: str) -> None:
    """Waits for a page by its name."""
    expect(page.locator(f"main[data-page={name}]")).to_be_visible()


def sign_in(page: Page, person: Person, otp: str = "") -> None:
    """Fills in the form as a person would."""
    page.goto("/console/sign-in")
    page.fill("[name=login]", person.login)
    page.fill("[name=password]", person.password)
    page.fill("[name=otp]", otp)
    page.click(MAIN)


def test_from_an_invitation_to_staff_of_one_s_own(desk: Page, district: District) -> None:
    """Invited, a password, an authenticator by its key, recovery codes, and then somebody else is invited."""
    login = new_email()
    url = invite(district, "alliance_admin", login=login).ok(201)["url"]
    desk.goto(re.sub(r"^https?://[^/]+", "", url))
    come_to(desk, "console-invitation")
    check_page(desk)
    desk.fill("[name=password]", PASSWORD)
    desk.click(MAIN)
    come_to(desk, "console-account")
    check_page(desk)
    desk.click(MAIN)
    come_to(desk, "console-totp")
    check_page(desk)
    desk.click("summary")
    secret = totp.secret_of(desk.locator(".secret").inner_text().replace(" ", ""))
    desk.fill("[name=otp]", totp.code_at(secret, totp.step_at(now())))
    desk.click(MAIN)
    come_to(desk, "console-codes")
    assert desk.locator(".codes li").count() == 10
    desk.click(MAIN)
    come_to(desk, "console-account")
    desk.goto("/console/")
    come_to(desk, "console-home")
    check_page(desk)
    desk.goto("/console/staff")
    come_to(desk, "console-staff")
    check_page(desk)
    desk.click(MAIN)
    come_to(desk, "console-invite")
    check_page(desk)
    desk.fill("[name=name]", "小陈")
    desk.fill("[name=login]", new_email())
    desk.select_option("[name=role]", "alliance_viewer")
    desk.click(MAIN)
    come_to(desk, "console-invited")
    expect(desk.locator(".link")).to_contain_text("/console/invitations/in_")
    desk.click(MAIN)
    come_to(desk, "console-staff")
    desk.click("table a >> nth=0")
    come_to(desk, "console-person")
    check_page(desk)


def test_a_passkey_is_added_and_signs_in(desk: Page, district: District) -> None:
    """In a real browser, on an authenticator of its own."""
    person = hire(district)
    sign_in(desk, person, person.otp())
    come_to(desk, "console-home")
    desk.goto("/console/account/passkey")
    come_to(desk, "console-passkey")
    desk.fill("[name=name]", "笔记本")
    desk.click(MAIN)
    come_to(desk, "console-account")
    expect(desk.locator("main")).to_contain_text("笔记本")
    desk.click("form[action='/console/sign-out'] button")
    come_to(desk, "console-sign-in")
    check_page(desk)
    sign_in(desk, person)
    come_to(desk, "console-second-factor")
    check_page(desk)
    desk.click("[data-ask]")
    come_to(desk, "console-home")


def test_other_pages_are_read_by_everybody(desk: Page, district: District, other_district: District) -> None:
    """The password again, a forgotten one, and the choice of a district."""
    desk.goto("/console/forgotten")
    come_to(desk, "console-forgotten")
    check_page(desk)
    person = hire(district, "alliance_viewer", strong=False)
    url = invite(other_district, "alliance_viewer", login=person.login).ok(201)["url"]
    person.call("POST", "/v1/staff/me/invitations", {"invitation": url.rsplit("/", 1)[1]}).ok(201)
    sign_in(desk, person)
    come_to(desk, "console-districts")
    check_page(desk)
    desk.click(MAIN)
    come_to(desk, "console-home")
    desk.goto("/console/account/password-again")
    come_to(desk, "console-password-again")
    check_page(desk)
