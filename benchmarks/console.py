"""The console over a district as it is after a year: its home and each of its lists, and what keeping figures costs sales."""

from __future__ import annotations

import itertools
import statistics
from datetime import UTC, datetime

from app.staff.accounts import totp
from benchmarks import load, sales, stored_sales
from benchmarks.stage import Stage, call
from benchmarks.webhooks import sampled

CLIENTS, LOOKS, TURNS, TILLS = 4, 120, 3, 8
MOST_MS, MOST_SECONDS_BEHIND, FLOOR = 200, 5, 0.9
PASSWORD = "a horse that reads maps"
PAGES = (
    "/console/",
    "/console/?over=30",
    "/console/sales",
    "/console/sales?store_id={store}",
    "/console/sales?merchant_id={merchant}",
    "/console/sales?member_id={member}",
    "/console/sales?occurred_from={day}&occurred_to={day}",
    "/console/sales?status=refunded",
    "/console/refunds",
    "/console/members",
    "/console/members/{member}",
    "/console/merchants",
    "/console/merchants/{merchant}",
    "/console/campaigns",
    "/console/rules",
    "/console/tiers",
    "/console/figures",
    "/console/cases",
    "/console/imports",
    "/console/exports",
    "/console/work",
    "/console/audit",
    "/console/staff",
    "/console/tills",
    "/console/settings",
)


def measure(ready: Stage, seconds: float, *, quick: bool) -> None:
    """Prints the time of each page, and sales a second while their figures are kept and while they aren't."""
    if quick:
        stored_sales.store(ready, sales=200_000, members=150_000, merchants=200)
    else:
        stored_sales.store(ready, sales=10_000_000, members=1_000_000, merchants=1_000)
    cookie = f"__Host-staff={_administrator(ready)}"
    print(f"\n{CLIENTS} clients, {LOOKS} looks at each page (aim: p95 {MOST_MS} ms)", flush=True)
    for path in (page.format(**_names(ready)) for page in PAGES):
        request = load.get(path, cookie)
        _look(ready, request, 4 * CLIENTS)
        found = _look(ready, request, LOOKS)
        if found.unwanted:
            raise RuntimeError(f"{path} isn't shown: {found.first_unwanted[:300]!r}")
        times = f"p50 {found.percentile(50):6.1f} ms  p95 {found.percentile(95):6.1f} ms"
        print(f"{path[:60]:<62}{found.per_second:>7,.0f}/s  {times}", flush=True)
    _kept(ready, seconds)


def _names(ready: Stage) -> dict[str, str]:
    """Whom pages are asked about: the first of each, and yesterday."""
    with ready.superuser() as connection:
        [[member]] = connection.execute(
            "SELECT member_id::text FROM transactions WHERE member_id IS NOT NULL LIMIT 1"
        ).fetchall()
        [[day]] = connection.execute("SELECT (now() - interval '1 day')::date::text").fetchall()
    store, merchant = ready.store_ids[0], ready.merchant_ids()[0]
    return {"store": store, "merchant": merchant, "member": f"mem_{member.replace('-', '')}", "day": day}


def _look(ready: Stage, request: bytes, times: int) -> load.Result:
    requests = itertools.repeat(request, times)
    return load.run(ready.address, requests, connections=CLIENTS, seconds=120, status=b"200")


def _administrator(ready: Stage) -> str:
    """The session of somebody with all rights."""
    person = {"name": "Bench", "login": "bench@example.com", "role": "alliance_admin"}
    url = call("POST", "/v1/staff/invitations", ready.key, person)["url"]
    invitation = {"invitation": url.rsplit("/", 1)[1], "password": PASSWORD}
    token = call("POST", "/v1/staff/invitations/accept", "", invitation)["access_token"]
    secret = totp.secret_of(call("POST", "/v1/staff/me/totp", token, {})["secret"])
    otp = totp.code_at(secret, totp.step_at(datetime.now(UTC)))
    return str(call("POST", "/v1/staff/me/totp/confirm", token, {"otp": otp})["session"]["access_token"])


def _kept(ready: Stage, seconds: float) -> None:
    """Sales a second while their figures are counted and while events only go out, in turns; and how far figures are behind."""
    rates: dict[bool, list[float]] = {True: [], False: []}
    _sell(ready, 2.0)
    with sampled(ready) as lags:
        for _ in range(TURNS):
            for is_counted in (False, True):
                with ready.superuser() as connection:
                    connection.execute("UPDATE read_models SET version = abs(version) * %s", (1 if is_counted else -1,))
                lags.clear()
                rates[is_counted].append(_sell(ready, seconds))
                if is_counted:
                    behind = max(lag for lag, _ in lags)
    alone, counted = (statistics.median(rates[one]) for one in (False, True))
    print(f"\n{f'{TILLS} tills, events only go out':<62}{alone:>7,.0f}/s", flush=True)
    print(f"{'  and are counted':<62}{counted:>7,.0f}/s  ratio {counted / alone:5.2f} (floor {FLOOR})", flush=True)
    print(f"{'  figures behind at most':<62}{behind:>7.1f} s  (aim {MOST_SECONDS_BEHIND})", flush=True)


def _sell(ready: Stage, seconds: float) -> float:
    found = load.run(ready.address, sales.singles(ready), connections=TILLS, seconds=seconds)
    if found.unwanted:
        raise RuntimeError(f"{found.unwanted} sales were refused: {found.first_unwanted[:500]!r}")
    return found.per_second
