"""The console's first page: what goes on against the same minute of an earlier day, of one's own shops."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from zoneinfo import ZoneInfo

import psycopg
import pytest
from flask import Flask

from app.foundation.clock import format_instant
from app.foundation.database.unit_of_work import unit_of_work
from app.foundation.tenancy import system_principal
from app.insights.comparing import Overview, overview
from tests.factories.clock import SHANGHAI, SetClock, local
from tests.factories.coupons import claim, new_campaign
from tests.factories.districts import District
from tests.factories.points import change_programme
from tests.factories.staff import hire
from tests.factories.webhooks import take_all
from tests.journeys.test_console import Browser


def seen(app: Flask, district: District, over: int) -> Overview:
    stores = [district.shop.store_id, district.other_shop.store_id]
    with app.app_context(), unit_of_work(system_principal(district.id)) as uow:
        return overview(uow, ZoneInfo("Asia/Shanghai"), over, stores)


def test_the_same_minute_of_last_week_is_compared(
    timed: District, timed_app: Flask, clock: SetClock, superuser: psycopg.Connection
) -> None:
    """Not what was sold later on that day; the hour that runs is cut at the minute."""
    clock.moment = local(8, "15:00")
    change_programme(timed, late_sale_days=None)
    member = timed.member()
    clock.moment = local(8, "15:20")
    for days, at, amount in (
        (0, "00:10", 1_000),
        (0, "15:05", 2_000),
        (-1, "12:00", 4_000),
        (-7, "14:59", 10_000),
        (-7, "15:19", 20_000),
        (-7, "15:20", 40_000),
        (-7, "16:00", 80_000),
        (-8, "12:00", 160_000),
    ):
        when = format_instant(local(8 + days, at))
        timed.report(member_id=member, amount=amount, occurred_at=when).ok(201)
    take_all(timed_app, superuser, timed.id)
    today = seen(timed_app, timed, 1)
    assert (today.trade.member_net_amount, today.trade_then.member_net_amount) == (3_000, 30_000)
    assert (today.trade.sales, today.trade_then.sales) == (2, 2)
    assert today.now - today.then == timedelta(days=7)
    week = seen(timed_app, timed, 7)
    assert (week.trade.member_net_amount, week.trade_then.member_net_amount) == (7_000, 190_000)
    assert (today.joined, today.joined_then) == (1, 0)
    assert today.joined_days == {today.now.date(): 1}
    assert today.now.tzinfo == SHANGHAI
    told = timed.api.get("/v1/figures/now", timed.key).ok(200)
    assert told["until"] == format_instant(today.now)
    assert (told["from"], told["compared_from"]) == (str(today.first), str(today.first - timedelta(days=7)))
    by_code = {one["code"]: [one[when]["value"] for when in ("now", "before")] for one in told["data"]}
    assert by_code["sales.member_net"] == [3_000, 30_000]
    assert by_code["sales.basket"] == [1_500, 15_000]
    assert by_code["sales.member_share"] == [1.0, 1.0]
    assert by_code["members.enrolled"] == [1, 0]
    few = timed.api.get("/v1/figures/now?days=7", timed.shop.key).ok(200)
    by_code = {one["code"]: [one[when]["value"] for when in ("now", "before")] for one in few["data"]}
    assert by_code["sales.net"] == [7_000, 190_000]
    assert by_code["sales.member_net"] == [None, None]


def test_shops_gone_silent_are_told_of_one_s_own(timed: District, timed_app: Flask, clock: SetClock) -> None:
    """Those that never sold aren't; who has been silent longest comes first."""

    def silent(key: str, query: str = "") -> list[str]:
        found = timed.api.get(f"/v1/figures/silent-shops{query}", key).ok(200)["data"]
        return [one["store_id"] for one in found]

    first, other = timed.shop.store_id, timed.other_shop.store_id
    clock.moment = local(8, "12:00")
    timed.report(amount=1_000, store_id=other).ok(201)
    clock.moment = local(8, "13:00")
    timed.report(amount=1_000).ok(201)
    clock.moment = local(10, "12:00")
    assert silent(timed.key) == [other]
    assert silent(timed.key, "?hours=47") == [other, first]
    assert silent(timed.shop.key, "?hours=47") == [first]
    assert silent(timed.key, "?hours=49") == []
    assert timed.api.get("/v1/figures/silent-shops?hours=0", timed.key).status == 422
    assert timed.api.get("/v1/figures/now?days=2", timed.key).status == 422


@pytest.fixture
def browser(app: Flask) -> Iterator[Browser]:
    with app.test_client() as client:
        yield Browser(client)


def figures_of(browser: Browser) -> list[str]:
    return re.findall(r'<strong class="figure">([^<]+)</strong>', browser.text)


@pytest.fixture
def street(district: District, app: Flask, superuser: psycopg.Connection) -> District:
    """Ten sales to a member at the first shop and one at the other, which nobody there may tell of; a campaign is out of stock."""
    member = district.member()
    for _ in range(10):
        district.report(member_id=member, amount=1_000).ok(201)
    district.report(member_id=member, amount=70_000, store_id=district.other_shop.store_id).ok(201)
    claim(district, new_campaign(district, name="夜市满减", stock=1)["id"], member).ok(201)
    take_all(app, superuser, district.id)
    return district


def test_the_alliance_sees_all_and_each_figure_opens_its_list(browser: Browser, street: District) -> None:
    browser.sign_in(hire(street))
    assert browser.get("/console/").page == "console-home"
    assert figures_of(browser) == ["¥800.00", "1", "800", "0", "0"]
    assert "夜市满减" in browser.text
    for to in re.findall(r'<a href="([^"]+)" class="stat"', browser.text):
        assert browser.get(to.replace("&amp;", "&")).status == 200
    for query in ("over=30", "over=7&sort=points", "sort=name&q=不存在", "over=99&sort=no&silent=1"):
        assert browser.get(f"/console/?{query}").status == 200


def test_a_merchant_sees_its_own_shops_and_no_few_members(browser: Browser, street: District) -> None:
    """Nor what members hold, nor the alliance's figures by another address."""
    browser.sign_in(hire(street, "merchant_manager"))
    assert figures_of(browser.get("/console/")) == ["¥100.00", "1", "100", "0", "0"]
    shops = re.findall(r"/console/sales\?store_id=(str_\w+)", browser.text)
    assert shops == [street.shop.store_id]
    assert "夜市满减" not in browser.text
    for code in ("points.outstanding", "members.enrolled"):
        assert "¥100.00" in browser.get(f"/console/figures?code={code}").text
    assert "/console/exports/new?of=figures&amp;code=sales.net" in browser.text
    browser.post("/console/sign-out")
    few = hire(street, "merchant_manager", merchant_id=street.other_shop.merchant_id)
    browser.sign_in(few)
    assert figures_of(browser.get("/console/"))[0] == "–"
    assert "¥700.00" not in browser.text


def test_who_may_see_no_figures_is_shown_where_to_go(browser: Browser, street: District) -> None:
    browser.sign_in(hire(street, "cashier"))
    assert figures_of(browser.get("/console/")) == []
    assert browser.get("/console/figures").status == 403
