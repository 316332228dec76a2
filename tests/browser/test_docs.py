"""`/docs` in a browser: somebody reads the contract, puts in a key and tries a call."""

from __future__ import annotations

import json

import pytest
from playwright.sync_api import Page, expect

from app.foundation.http.contract.contract_pages import ASSETS
from tests.factories.districts import District

IS_INSTALLED = all(path.exists() for path in ASSETS.values())
"""Whether `make setup` could get the viewer; where it couldn't, the page has to say how to."""
IN = {"zh": {"locale": "zh-CN"}, "en": {"locale": "en-GB"}}
WORDS = {
    "zh": {"authorize": "填入密钥", "close": "关闭", "send": "发送"},
    "en": {"authorize": "Authorize", "close": "Close", "send": "Execute"},
}


@pytest.mark.parametrize(("page", "words"), [(IN[one], WORDS[one]) for one in IN], indirect=["page"], ids=list(IN))
def test_a_key_is_put_in_and_a_call_is_tried(page: Page, words: dict[str, str], district: District) -> None:
    page.goto("/docs")
    if not IS_INSTALLED:
        expect(page.get_by_role("alert")).to_contain_text("make setup")
        return
    page.get_by_role("button", name=words["authorize"], exact=True).first.click()
    box = page.locator(".modal-ux")
    box.get_by_role("textbox").first.fill(district.key)
    expect(box.locator("button.authorize").first).to_have_text(words["authorize"])
    box.locator("button.authorize").first.click()
    box.get_by_role("button", name=words["close"], exact=True).last.click()
    page.locator("[data-tag=programme]").click()
    call = page.locator("#operations-programme-get_programme")
    call.locator(".opblock-summary-control").click()
    call.get_by_role("button", name=words["send"], exact=True).click()
    answer = call.locator(".live-responses-table .response").first
    expect(answer.locator(".response-col_status")).to_contain_text("200")
    shown = json.loads(answer.locator("pre").first.inner_text())
    assert shown == district.api.get("/v1/programme", district.key).ok()


def test_the_page_says_what_it_is(page: Page) -> None:
    page.goto("/docs")
    expect(page.get_by_role("heading", name="圈通开放接口")).to_be_visible()
    expect(page.locator("[data-tag=transactions]" if IS_INSTALLED else "[role=alert]")).to_be_visible()
