"""Fifty people who sign in at once, while tills go on: what comparing passwords takes from sales, and how long they wait.

Each is a login of its own, whose password is compared as any other's, and comes again when it is told to.
"""

from __future__ import annotations

import http.client
import json
import secrets
import time
from concurrent.futures import ThreadPoolExecutor

from benchmarks import load, sales
from benchmarks.stage import Stage

PEOPLE, TILLS, ROUNDS = 50, 8, 3
FLOOR = 0.7


def measure(ready: Stage, seconds: float) -> None:
    """Prints sales a second of 8 tills alone and beside fifty who go on signing in, in turns, and how long one waits."""
    _tills(ready, 2.0)  # wakes everything up
    calm, beside, waits = [], [], []
    for _ in range(ROUNDS):
        calm.append(_tills(ready, seconds))
        with ThreadPoolExecutor(PEOPLE) as people:
            until = time.monotonic() + seconds
            coming = [people.submit(_sign_in_until, ready, until) for _ in range(PEOPLE)]
            beside.append(_tills(ready, seconds))
            waits += [wait for one in coming for wait in one.result()]
    waits.sort()
    print(f"{f'{TILLS} tills alone':<38}{max(calm):>9,.0f}/s", flush=True)
    print(
        f"{f'  beside {PEOPLE} who sign in':<38}{max(beside):>9,.0f}/s  ratio {max(beside) / max(calm):5.2f} (floor {FLOOR})"
    )
    median, last = waits[len(waits) // 2], waits[-1]
    print(f"{'sign-ins':<38}{len(waits) / ROUNDS / seconds:>9,.1f}/s  p50 {median:5.1f} s  longest {last:5.1f} s")


def _tills(ready: Stage, seconds: float) -> float:
    found = load.run(ready.address, sales.singles(ready), connections=TILLS, seconds=seconds)
    if found.unwanted:
        raise RuntimeError(f"{found.unwanted} sales were refused: {found.first_unwanted[:500]!r}")
    return found.per_second


def _sign_in_until(ready: Stage, until: float) -> list[float]:
    """How long each sign-in of one person took, with the waits that it was told to make; at least one is made."""
    waits: list[float] = []
    while not waits or time.monotonic() < until:
        began = time.monotonic()
        login = f"{secrets.token_hex(8)}@example.com"
        while pause := _pause_after_try(ready, login):
            time.sleep(pause)
        waits.append(time.monotonic() - began)
    return waits


def _pause_after_try(ready: Stage, login: str) -> int:
    """Tries a password; gives the seconds after which to come again, or 0. Raises RuntimeError for any other answer."""
    connection = http.client.HTTPConnection(*ready.address, timeout=30)
    try:
        body = json.dumps({"login": login, "password": "a horse that reads maps"})
        connection.request("POST", "/v1/staff/sessions", body, {"Content-Type": "application/json"})
        answer = connection.getresponse()
        said = answer.read()
    finally:
        connection.close()
    if answer.status not in (422, 503):
        raise RuntimeError(f"a sign-in was answered {answer.status}: {said[:300]!r}")
    return int(answer.headers.get("Retry-After", 0))
