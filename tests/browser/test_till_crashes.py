"""Sales at a till whose browser or server is killed, whose network is away for an hour, or whose disk is full: each once."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import psycopg
import pytest
from playwright.sync_api import Browser, BrowserContext, Error, Page, expect

from app.config import Settings
from app.launcher.programs import kill_group
from tests.browser.conftest import FLAGS, PATIENCE_MS, program
from tests.factories.api import Api
from tests.factories.codes import new_phone_of
from tests.factories.districts import District, new_district
from tests.factories.pages import Watched
from tests.factories.processes import naming, wait_until
from tests.factories.running import Running
from tests.factories.staffed_tills import PIN, new_till, pairing_code
from tests.factories.till_pages import TillPage, paired_page

pytestmark = pytest.mark.usefixtures("context")
AN_HOUR = 3_600
LINE = 12
"""Sales that wait: enough to be killed among them."""


def amounts(till: TillPage) -> list[int]:
    """What the district has recorded of the shop, by amount."""
    return sorted(sale["amount"] for sale in till.sold())


def test_a_browser_that_is_killed_sends_every_sale_once(
    chromium: Browser, shop: District, address: str, tmp_path: Path
) -> None:
    """Of three sales that wait one has reached the server, and its answer nobody."""

    def start() -> BrowserContext:
        kind = chromium.browser_type
        return kind.launch_persistent_context(tmp_path, executable_path=program(), args=FLAGS, base_url=address)

    killed = start()
    till = paired_page(killed.pages[0], shop)
    killed.set_offline(True)
    for amount in ("3", "4", "5"):
        till.sell(amount)
    delivered: list[int] = []
    killed.route("**/v1/transactions", lambda route: delivered.append(route.fetch().status))  # and never answered
    killed.set_offline(False)
    assert wait_until(lambda: till.page.wait_for_timeout(10) or delivered)
    assert (delivered, amounts(till)) == ([201], [300])
    for pid in naming(f"--user-data-dir={tmp_path}"):
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    with suppress(Error):
        killed.close()
    with start() as again:
        page = again.pages[0]
        watched = Watched(page)
        page.goto("/till?lang=zh")
        expect(page.locator(".net")).to_have_text("已联网")
        assert TillPage(page, shop, till.till_id, till.cashier_id).kept() == []
        assert watched.complaints == []
    assert amounts(till) == [300, 400, 500]


@pytest.fixture
def web(settings: Settings) -> Iterator[Running]:
    """A web server that a test may kill."""
    with Running("web", settings) as server:
        server.wait_for(f"{server.url}/readyz")
        yield server


def kill(server: Running) -> None:
    """As a power cut does: its workers too."""
    kill_group(server.process.pid)
    server.process.wait()


def revive(server: Running, page: Page) -> None:
    """Starts it again at its port; the browser hears of the network."""
    server.__enter__()
    server.wait_for(f"{server.url}/readyz")
    page.evaluate("dispatchEvent(new Event('online'))")


def test_a_server_that_is_killed_records_every_sale_once(
    chromium: Browser, web: Running, api: Api, superuser: psycopg.Connection
) -> None:
    """In the middle of a sale, and while a line of them is sent."""
    with chromium.new_context(base_url=web.url) as context:
        context.set_default_timeout(PATIENCE_MS)
        till = paired_page(context.new_page(), new_district(api))
        page, wanted = till.page, [100]
        with superuser.transaction():
            superuser.execute("LOCK TABLE transactions IN SHARE ROW EXCLUSIVE MODE")
            till.scan("1")
            page.keyboard.press("Enter")
            assert wait_until(lambda: superuser.execute(_WAITING).fetchone() is not None)
            kill(web)
        expect(page.locator("#result-title")).to_have_text("已存本机，稍后上传")
        page.keyboard.press("Enter")
        for number in range(LINE):
            till.sell(f"{number + 2}")
            wanted.append(100 * (number + 2))
        revive(web, page)
        assert wait_until(lambda: len(amounts(till)) > 2)
        kill(web)
        assert set(amounts(till)) <= set(wanted)
        revive(web, page)
        expect(page.locator(".net")).to_have_text("已联网")
        assert till.kept() == []
        assert amounts(till) == wanted


_WAITING = """
    SELECT FROM pg_locks WHERE relation = 'transactions'::regclass AND NOT granted
    AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
"""


def test_an_hour_without_network_at_two_tabs_is_recorded_once_and_as_it_was(page: Page, shop: District) -> None:
    """Codes that were scanned an hour ago, a till that locked itself meanwhile, and a token that is changed after it."""
    page.clock.install()
    till = paired_page(page, shop)
    phone = new_phone_of(shop)
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    page.reload()
    expect(page.locator("#scan")).to_be_focused()
    other = page.context.new_page()
    other.goto("/till")
    expect(other.locator("#scan")).to_be_focused()
    second = TillPage(other, shop, till.till_id, till.cashier_id)
    page.context.set_offline(True)
    began = int(time.time()) - AN_HOUR
    page.clock.set_system_time(began)
    till.scan(phone.code_at(began))
    till.sell("88")
    second.sell("7")
    page.clock.fast_forward("01:00:00")
    for one in (till, second):  # nobody has touched them for an hour
        expect(one.page.locator("#locked")).to_be_visible()
        one.page.locator("#record-only").click()
        expect(one.page.locator("#offline-note")).to_be_visible()
    till.sell("9")
    before = page.evaluate(_TOKEN)
    page.context.set_offline(False)
    for one in (till, second):
        expect(one.page.locator(".net")).to_have_text("已联网")
    assert till.kept("refused") == till.kept() == second.kept() == []
    recorded = {sale["amount"]: sale for sale in till.sold()}
    assert {amount: sale["member_id"] for amount, sale in recorded.items()} == {
        8_800: phone.member_id,
        700: None,
        900: None,
    }
    assert recorded[8_800]["occurred_at"] < recorded[900]["occurred_at"]
    assert recorded[8_800]["points_earned"] == 88
    for one in (till, second):  # the token of this day is another one, whichever tab asks first
        open_again(one.page)
        one.sell("6")
    assert page.evaluate(_TOKEN) != before
    assert amounts(till) == [600, 600, 700, 900, 8_800]


def test_a_clock_that_was_set_wrong_without_network_moves_no_sale_into_the_future(page: Page, shop: District) -> None:
    """As by a battery that is empty: the till learns the time from the server before it sends such a sale again."""
    page.clock.install()
    till = paired_page(page, shop)
    page.context.set_offline(True)
    page.clock.set_system_time(time.time() + 24 * AN_HOUR)
    till.sell("5")
    page.context.set_offline(False)
    expect(page.locator(".net")).to_have_text("已联网")
    assert till.kept("refused") == till.kept() == []
    [sale] = till.sold()
    assert sale["occurred_at"] <= sale["recorded_at"]


def open_again(page: Page) -> None:
    """A cashier comes back, after the day in which the token was new."""
    page.evaluate(_AGE_TOKEN)
    page.locator("#lock").click()
    page.locator("#pin").fill(PIN)
    page.locator("#pin-form [data-main]").click()
    expect(page.locator("#scan")).to_be_focused()


_STORE = """import(document.querySelector("script[type=module]").src.replace("till.js", "store.js"))"""
_TOKEN = f"{_STORE}.then(store => store.setting('token'))"
_AGE_TOKEN = f"{_STORE}.then(store => store.keepSetting('token-since', 0))"


_FULL = """names => {
  for (const name of names) IDBObjectStore.prototype[name] = () => { throw new DOMException("", "QuotaExceededError"); };
}"""


def test_where_the_disk_is_full_nothing_pretends_to_be_recorded(page: Page, till: TillPage) -> None:
    """The cashier is told, the sale stays on the screen, and counts once when there is room again."""
    page.evaluate("window.room = {...Object.getOwnPropertyDescriptors(IDBObjectStore.prototype)}")
    page.evaluate(_FULL, ["add", "put", "delete"])
    till.scan("42")
    page.keyboard.press("Enter")
    expect(page.locator("#sale-flaw")).to_have_text("本机存储空间已满，无法保存这一单。请手工记下，并告知店长。")
    expect(page.locator("#result")).to_be_hidden()
    expect(page.locator("#pay")).to_have_text("¥42.00")
    assert (till.kept(), till.sold()) == ([], [])
    page.evaluate(_ROOM)
    page.keyboard.press("Enter")
    expect(page.locator("#result-title")).to_have_text("已入账")
    page.keyboard.press("Enter")
    page.evaluate(_FULL, ["delete"])  # it fills up under a sale: what is recorded can't be struck off the line
    till.scan("43")
    page.keyboard.press("Enter")
    expect(page.locator("#result-title")).to_have_text("已入账")
    page.keyboard.press("Enter")
    assert len(till.kept()) == 1
    page.evaluate(_ROOM)
    page.evaluate("dispatchEvent(new Event('online'))")
    expect(page.locator(".net")).to_have_text("已联网")
    assert till.kept() == []
    assert amounts(till) == [4_200, 4_300]


_ROOM = "Object.defineProperties(IDBObjectStore.prototype, window.room)"


def test_a_browser_that_can_keep_nothing_becomes_no_till(page: Page, shop: District) -> None:
    """Whoever pairs it is told why, instead of a till that forgets which it is."""
    page.goto("/till?lang=zh")
    page.evaluate(_FULL, ["add", "put"])
    page.locator("#pairing").fill(pairing_code(shop, new_till(shop, shop.shop.store_id)["id"]))
    page.keyboard.press("Enter")
    expect(page.locator("#pairing-flaw")).to_contain_text("本机存储空间已满，无法配对")
