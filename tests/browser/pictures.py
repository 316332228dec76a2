"""`make pictures`: pictures of the three doors of the product that runs here, for the README. Its demo tells who comes in."""

from __future__ import annotations

import io
import json
import os
import re
import shutil
import sys
import urllib.request
from pathlib import Path
from typing import Any

from PIL import Image
from playwright.sync_api import Browser, Page, expect, sync_playwright

from app.foundation.clock import utc_now
from app.staff.accounts import totp
from tests.browser.conftest import FLAGS
from tests.factories.processes import wait_until

INTO = Path("docs/pictures")
LANGUAGES = ("zh", "en")
PHONE = {"viewport": {"width": 390, "height": 844}, "device_scale_factor": 2}
TABLET = {"viewport": {"width": 1180, "height": 820}}
COLOURS = 256
MAIN = "[data-action=main]"


def main(demo_file: Path) -> None:
    """Takes them all, in both languages."""
    told = json.loads(demo_file.read_text(encoding="utf-8"))
    INTO.mkdir(exist_ok=True)
    program = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=FLAGS)
        card, till, desk = (open_door(browser, told, size) for size in (PHONE, TABLET, TABLET))
        join(card, told)
        sign_in(desk, told)
        code = ""
        for language in LANGUAGES:
            code = take_card(card, told, language, code)
            take_till(till, told, language, code)
            take_console(desk, language)


def picture(page: Page, name: str) -> None:
    """Takes the page as it stands, in no more colours than a page has: a third of the size, and nobody sees it."""
    taken = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
    taken.quantize(COLOURS, dither=Image.Dither.NONE).save(INTO / f"{name}.png", optimize=True)


def open_door(browser: Browser, told: dict[str, Any], size: dict[str, Any]) -> Page:
    """A browser of somebody's own."""
    return browser.new_context(base_url=told["base_url"], **size).new_page()


def join(page: Page, told: dict[str, Any]) -> None:
    """Signs the demo's member in."""
    [district, *_] = told["districts"]
    phone = district["member"]["phone"]
    known = len(messages_to(told, phone))
    page.goto(f"/s/{district['slug']}/join")
    page.fill("[name=phone]", phone)
    page.click(MAIN)
    page.fill("[name=code]", code_after(told, phone, known))
    page.click(MAIN)
    expect(page.locator("main[data-page=shopper-card]")).to_be_visible()


def take_card(page: Page, told: dict[str, Any], language: str, used: str) -> str:
    """The card, and the coupons on it; gives a member code that it shows and that no till has used."""
    home = f"/s/{told['districts'][0]['slug']}/"
    page.goto(f"{home}coupons?lang={language}")
    picture(page, f"coupons-{language}")
    page.goto(home)
    shown = page.locator(".digits")
    expect(shown).to_have_text(re.compile(r"(\d{4} ){4}\d\d"))
    expect(shown).not_to_have_text(used or "-", timeout=70_000)
    picture(page, f"card-{language}")
    return shown.inner_text()


def messages_to(told: dict[str, Any], phone: str) -> list[dict[str, Any]]:
    """What a phone was sent, newest first."""
    with urllib.request.urlopen(f"{told['sms_inbox']}?phone={phone}") as answer:
        found: list[dict[str, Any]] = json.load(answer)["data"]
    return found


def code_after(told: dict[str, Any], phone: str, known: int) -> str:
    """The sign-in code that comes after those that are known."""
    assert wait_until(lambda: len(messages_to(told, phone)) > known)
    return str(messages_to(told, phone)[0]["code"])


def take_till(page: Page, told: dict[str, Any], language: str, member_code: str) -> None:
    """A sale at the till, before it is confirmed."""
    [till, *_] = told["districts"][0]["tills"]
    page.goto(f"/till?lang={language}")
    page.locator("#pairing, #cashiers button, #scan").locator("visible=true").first.wait_for()
    if page.locator("#pairing").is_visible():
        page.fill("#pairing", till["pairing_code"])
        page.click("#pair [data-main]")
        page.locator("#cashiers button, #scan").locator("visible=true").first.wait_for()
    if page.locator("#pin").is_visible():  # a till that somebody has opened stays open
        page.click("#cashiers button >> nth=0")
        page.fill("#pin", till["pins"][0]["pin"])
        page.click("#pin-form [data-main]")
    expect(page.locator("#scan")).to_be_focused()
    for typed, seen in ((member_code.replace(" ", ""), "#member-name"), ("268", "#earns")):
        page.keyboard.type(typed)
        page.keyboard.press("Enter")
        expect(page.locator(seen)).to_have_text(re.compile(r"[^—]"))
    picture(page, f"till-{language}")


def sign_in(page: Page, told: dict[str, Any]) -> None:
    """Signs the district's admin in."""
    [admin] = [one for one in told["districts"][0]["staff"] if one["role"] == "alliance_admin"]
    secret = totp.secret_of(admin["totp_secret"])
    page.goto("/console/sign-in")
    page.fill("[name=login]", admin["login"])
    page.fill("[name=password]", admin["password"])
    page.fill("[name=otp]", totp.code_at(secret, totp.step_at(utc_now())))
    page.click(MAIN)
    expect(page.locator("main[data-page=console-home]")).to_be_visible()


def take_console(page: Page, language: str) -> None:
    """What the district's admin sees."""
    for path, name in (("", "console"), ("campaigns", "campaigns"), ("imports", "imports"), ("rules", "rules")):
        page.goto(f"/console/{path}?lang={language}")
        page.wait_for_load_state("networkidle")
        picture(page, f"{name}-{language}")


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "var/demo.json"))
