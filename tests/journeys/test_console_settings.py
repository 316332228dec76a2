"""Settings in the console: who did what, keys, webhooks, terms; and the operator's districts."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask

from tests.factories.browsing import Browser
from tests.factories.coupons import new_campaign
from tests.factories.districts import District
from tests.factories.staff import hire

pytestmark = pytest.mark.usefixtures("context")


@pytest.fixture
def browser(app: Flask) -> Iterator[Browser]:
    with app.test_client() as client:
        yield Browser(client)


def test_the_log_is_read_in_words_by_person_subject_act_and_day(browser: Browser, district: District) -> None:
    admin = hire(district, name="沈岚")
    campaign = new_campaign(district)["id"]
    browser.sign_in(admin)
    browser.post(f"/console/campaigns/{campaign}/pause")
    text = browser.get("/console/audit").text
    assert "活动 · 已暂停" in text
    assert "沈岚" in text
    assert "活动 · 已暂停" not in browser.get("/console/audit?action=campaign.published").text
    by_person = browser.get(f"/console/audit?actor_id={admin.account_id}&subject_id={campaign}").text
    assert by_person.count("<tr>") == 2
    assert "没有符合条件的记录" in browser.get("/console/audit?to=2020-01-01").text
    assert browser.get("/console/audit?from=yesterday").status == 200
    manager = hire(district, "merchant_manager")
    browser.post("/console/sign-out")
    assert browser.sign_in(manager).get("/console/audit").status == 403
