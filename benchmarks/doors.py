"""The doors on the demo's street: what each page costs the server and the network, how soon a card is there on a slow
phone, and what a till's token costs a sale.

Needs Chromium, which signs in as people do and then lends its cookies to the load generator.
"""

from __future__ import annotations

import gzip
import itertools
import json
import random
import statistics
import subprocess
import sys
from collections.abc import Iterator
from typing import Any, NamedTuple

from playwright.sync_api import CDPSession, Page, sync_playwright

from benchmarks import load
from benchmarks.sales import new_sale
from benchmarks.stage import PORT, ROOT, Stage, call
from tests.browser.conftest import FLAGS, program
from tests.browser.pictures import PHONE, TABLET, join, open_door, sign_in
from tests.factories.processes import cpu_of, naming

CLIENTS, LOOKS, TURNS, VISITS = 8, 200, 3, 5
MOST_MS, MOST_FCP_SECONDS, FLOOR = 100, 1.5, 0.9
SLOW = {"offline": False, "latency": 150, "downloadThroughput": 1.6e6 / 8, "uploadThroughput": 0.75e6 / 8}
"""What Lighthouse takes for a phone on a slow network; its processor is four times slower than this one."""
SHOPPER = (
    "",
    "points",
    "coupons?show=claim",
    "coupons?show=mine",
    "shops",
    "me",
    "me/consents",
    "me/sessions",
    "me/phone",
)
VISITOR = ("join", "shops")
CONSOLE = ("", "staff", "staff/invite", "tills", "tills/new", "account")


class Street(NamedTuple):
    """The demo as it was loaded, and who is signed in there."""

    told: dict[str, Any]
    member: Page
    manager: Page

    @property
    def home(self) -> str:
        """Where shoppers of the district come in."""
        return f"/s/{self.told['districts'][0]['slug']}/"


def measure(ready: Stage, seconds: float, *, quick: bool) -> None:
    """Prints the time of each page and its bytes, first visits, the card on a slow phone, and sales by till and key."""
    told = _demo(ready)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program(), args=FLAGS)
        street = Street(told, *(open_door(browser, told, size) for size in (PHONE, TABLET)))
        join(street.member, told)
        sign_in(street.manager, told)
        _pages(ready, street, LOOKS // 4 if quick else LOOKS)
        _first_visits(street)
        _first_paint(street)
        browser.close()
    _sales(ready, seconds)


def _demo(ready: Stage) -> dict[str, Any]:
    """Loads the demo's street into the product on the stage."""
    base = f"http://127.0.0.1:{PORT}"
    out = ready.folder / "demo.json"
    words = ["demo", "--quick", "--base-url", base, "--out", str(out), "--sms-inbox", f"{base}/sms-inbox"]
    subprocess.run([sys.executable, "-m", "app.cli", *words], env=ready.env, cwd=ROOT, check=True)
    ready.rest()
    return {**json.loads(out.read_text(encoding="utf-8")), "base_url": base, "sms_inbox": f"{base}/sms-inbox"}


def _pages(ready: Stage, street: Street, looks: int) -> None:
    """How long the server takes for each page, and its bytes."""
    print(f"\n{CLIENTS} clients, {looks} looks at each page (aim: p95 {MOST_MS} ms)", flush=True)
    doors = (
        *((f"{street.home}{one}", _cookies(street.member)) for one in SHOPPER),
        *((f"{street.home}{one}", "") for one in VISITOR),
        ("/till", ""),
        ("/console/sign-in", ""),
        *((f"/console/{one}", _cookies(street.manager)) for one in CONSOLE),
    )
    for path, cookies in doors:
        request = load.get(path, cookies)
        _look(ready, request, 4 * CLIENTS)  # both processes read the page's templates
        before = _worked(ready)
        found = _look(ready, request, looks)
        worked = 1000 * (_worked(ready) - before) / looks
        if found.unwanted:
            raise RuntimeError(f"{path} isn't shown: {found.first_unwanted[:300]!r}")
        times = f"p50 {found.percentile(50):6.1f} ms  p95 {found.percentile(95):6.1f} ms  CPU {worked:5.1f} ms"
        size, packed = len(found.last_body), len(gzip.compress(found.last_body))
        print(f"{path:<38}{found.per_second:>7,.0f}/s  {times}  {size:>7,} bytes, {packed:>6,} gz", flush=True)


def _look(ready: Stage, request: bytes, times: int) -> load.Result:
    requests = itertools.repeat(request, times)
    return load.run(ready.address, requests, connections=CLIENTS, seconds=60, status=b"200")


def _worked(ready: Stage) -> float:
    """Seconds of CPU that all servers of the stage have taken: what other programs of the machine do changes it little."""
    return sum(cpu_of(pid) for pid in naming(str(ready.folder)))


def _cookies(page: Page) -> str:
    return "; ".join(f"{one['name']}={one['value']}" for one in page.context.cookies())


def _first_visits(street: Street) -> None:
    """What comes over the network where a browser keeps nothing yet."""
    print("\nbytes of a first visit", flush=True)
    for path, page in ((street.home, street.member), ("/console/", street.manager), ("/till", street.manager)):
        devices = _devices(page)
        received: list[float] = []
        devices.on("Network.loadingFinished", lambda told, all_=received: all_.append(told["encodedDataLength"]))
        page.goto(path, wait_until="networkidle")
        print(f"{path:<38}{sum(received):>9,.0f} bytes in {len(received)} answers", flush=True)
        devices.detach()


def _devices(page: Page) -> CDPSession:
    """What Chromium lets tests do with a page's network, which remembers nothing from now on."""
    devices = page.context.new_cdp_session(page)
    devices.send("Network.enable")
    devices.send("Network.clearBrowserCache")
    devices.send("Network.setCacheDisabled", {"cacheDisabled": True})
    return devices


def _first_paint(street: Street) -> None:
    """How soon a card is there, on a phone that has never seen it."""
    devices, page = _devices(street.member), street.member
    devices.send("Network.emulateNetworkConditions", SLOW)
    devices.send("Emulation.setCPUThrottlingRate", {"rate": 4})
    taken = []
    for _ in range(VISITS):
        page.goto(street.home, wait_until="load")
        taken.append(page.evaluate(_FCP) / 1000)
    print(f"\n{'first paint of a card, slow phone':<38}{statistics.median(taken):>9.2f} s", end="  ")
    print(f"{min(taken):.2f} to {max(taken):.2f} (aim {MOST_FCP_SECONDS})", flush=True)


_FCP = """() => new Promise((resolve) => new PerformanceObserver((list) => resolve(list.getEntries()[0].startTime))
  .observe({ type: "paint", buffered: true }))"""


def _sales(ready: Stage, seconds: float) -> None:
    """Sales by a till's token against the same by the key of its store, by turns."""
    store = ready.store_ids[0]
    scopes = ["transactions:write", "transactions:read"]
    key = call("POST", "/v1/api-keys", ready.key, {"name": "bench", "store_id": store, "scopes": scopes})["secret"]
    till = call("POST", "/v1/tills", ready.key, {"store_id": store, "name": "bench"})["id"]
    code = call("POST", f"/v1/tills/{till}/pairing-code", ready.key, {})["code"]
    token = call("POST", "/v1/tills/pair", "", {"code": code})["token"]
    rates: dict[str, list[float]] = {"by key": [], "by till": []}
    for _ in range(TURNS):
        for name, secret in (("by key", key), ("by till", token)):
            found = load.run(ready.address, _at_till(ready, store, secret), connections=CLIENTS, seconds=seconds)
            if found.unwanted:
                raise RuntimeError(f"a sale was refused: {found.first_unwanted[:300]!r}")
            rates[name].append(found.per_second)
    by_key, by_till = (statistics.median(rates[name]) for name in ("by key", "by till"))
    print(f"\n{'sales by key, 8 clients':<38}{by_key:>9,.0f}/s", flush=True)
    print(f"{'  by a till':<38}{by_till:>9,.0f}/s  ratio {by_till / by_key:5.2f} (floor {FLOOR})", flush=True)


def _at_till(ready: Stage, store: str, secret: str) -> Iterator[bytes]:
    """Sales as the till's page reports them."""
    dice = random.Random(13)
    while True:
        sale = {**new_sale(dice), "store_id": store, "member_id": dice.choice(ready.member_ids)}
        body = {**sale, "metadata": {"till_id": "til_1", "cashier_id": "csh_1"}}
        yield load.post("/v1/transactions", secret, json.dumps(body).encode())
