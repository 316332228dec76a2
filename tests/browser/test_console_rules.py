"""Rules in the console as a manager works with them: from what is in force to a version with a date, with a rehearsal between."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from app.transactions.tasks import run_replay
from tests.browser.test_console_tills import sign_in
from tests.factories.districts import District
from tests.factories.pages import check_page, check_state
from tests.factories.staff import hire

pytestmark = [
    pytest.mark.usefixtures("context"),
    pytest.mark.parametrize("page", [{"locale": "zh-CN"}], indirect=True, ids=["desk"]),
]
MAIN = "[data-action=main]"


def test_rules_from_sentences_to_a_version(page: Page, district: District) -> None:
    district.report(member_id=district.member(), amount=10_000).ok(201)
    sign_in(page, hire(district))
    page.goto("/console/tiers")
    page.click(MAIN)
    page.fill("[name=name]", "金卡")
    page.fill("[name=threshold]", "50")
    page.click(MAIN)
    expect(page.locator(".ladder")).to_contain_text("金卡")
    check_page(page)
    page.click(".ladder >> text=修改")
    check_page(page)
    page.goto("/console/rules")
    check_page(page)
    page.fill("#field-name", "十二月草稿")
    page.click("button[name=start][value=weekend]")
    expect(page.locator(".is-open")).to_contain_text("周末双倍")
    page.click(".chooser summary >> nth=0")
    page.check("label:has-text('周五') input")
    page.keyboard.press("Escape")
    expect(page.locator(".chooser summary").first).to_have_text("周五、周六、周日")
    page.click(".further > summary >> nth=1")
    page.fill("[name='caps.per_transaction']", "1,000")
    check_state(page)
    page.click(MAIN)
    expect(page.locator(".is-open")).to_contain_text("每笔最多")
    expect(page.locator(".saved")).to_contain_text(re.compile(r"已保存 \d\d:\d\d"))
    page.fill("[name=factor]", "1")
    page.click(MAIN)
    expect(page.locator("[name=factor][aria-invalid]")).to_have_value("1")
    page.click("text=关闭")
    expect(page.locator(".is-open")).to_have_count(0)
    page.locator(".rule").nth(1).locator("a.button").focus()
    page.keyboard.press("Alt+ArrowUp")
    expect(page.locator(".rule h3").first).to_have_text("周末双倍")
    page.fill("[name=from]", "2020-01-01")
    page.fill("[name=to]", "2099-12-31")
    page.click("#rehearsal button:has-text('预演')")
    watched = page.locator("[data-watches]")
    if watched.count():
        found = re.search(r"rpl_\w+", watched.get_attribute("data-watches") or "")
        assert found is not None
        run_replay(district.id, found[0])
    expect(page.locator("#rehearsal .deltas")).to_contain_text("积分增减")
    check_page(page)
    page.goto(page.url.partition("?")[0] + "/changes")
    check_page(page)
    page.goto(page.url.partition("/changes")[0] + "/publish")
    check_page(page)
    page.check("[name=when][value=at]")
    page.fill("[name=effective_at]", "2099-01-01T08:00")
    page.click(MAIN)
    expect(page.locator("main")).to_contain_text("规则已发布")
    check_page(page)
    page.click("table >> text=十二月草稿")
    check_page(page)
