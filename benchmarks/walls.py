"""Tills beside callers who are idle or slow, and bodies made to cost: what one caller takes from the others."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import partial

from benchmarks import load, sales
from benchmarks.stage import Stage

IDLE, SLOW, TILLS = 400, 200, 8
FLOOR = 0.9
ROUNDS = 3
_SALES = "/v1/transactions"


def measure(ready: Stage, seconds: float) -> None:
    """Prints sales a second of 8 tills beside others as a share of those alone, in turns: machines have moods."""
    _tills(ready, 2.0)  # wakes everything up
    calm: list[float] = []
    beside: dict[str, list[float]] = {}
    for _ in range(ROUNDS):
        calm.append(_tills(ready, seconds))
        for name, crowd in (
            (f"{IDLE} idle connections", partial(_idle, ready)),
            (f"{SLOW} slow bodies", partial(_slow, ready)),
        ):
            with crowd():
                beside.setdefault(name, []).append(_tills(ready, seconds))
    print(f"{f'{TILLS} tills alone':<38}{max(calm):>9,.0f}/s", flush=True)
    for name, found in beside.items():
        print(f"{f'  beside {name}':<38}{max(found):>9,.0f}/s  ratio {max(found) / max(calm):5.2f} (floor {FLOOR})")
    _costly(ready)


def _tills(ready: Stage, seconds: float) -> float:
    found = load.run(ready.address, sales.singles(ready), connections=TILLS, seconds=seconds)
    if found.unwanted:
        raise RuntimeError(f"{found.unwanted} sales were refused: {found.first_unwanted[:500]!r}")
    return found.per_second


@contextmanager
def _idle(ready: Stage) -> Iterator[None]:
    """Tills that are connected, have been served, and say nothing now."""
    ask = b"GET /healthz HTTP/1.1\r\nHost: bench\r\n\r\n"
    with ExitStack() as lines:
        for _ in range(IDLE):
            line = lines.enter_context(socket.create_connection(ready.address))
            line.sendall(ask)
            line.recv(1 << 16)
        yield


@contextmanager
def _slow(ready: Stage) -> Iterator[None]:
    """Callers with a right key whose bodies don't come."""
    begun = load.post(_SALES, ready.key, b" " * 100)[:-99]
    with ExitStack() as lines:
        for _ in range(SLOW):
            lines.enter_context(socket.create_connection(ready.address)).sendall(begun)
        yield


def _costly(ready: Stage) -> None:
    """What the processor spends on a batch of flaws, and on a good one, in sales."""
    one = _seconds(ready, [next(sales.singles(ready)) for _ in range(50)]) / 50
    wrong = [{"reference": f"W{number}", "amount": 1, "items": [{}] * 500} for number in range(1000)]
    strange = {f"{number}": 0 for number in range(90_000)}
    for name, path, body in (
        ("1,000 sales of 500 wrong lines", f"{_SALES}/batch", {"transactions": wrong}),
        ("a sale of 90,000 unknown fields", _SALES, strange),
    ):
        text = json.dumps(body, separators=(",", ":")).encode()
        spent = _seconds(ready, [load.post(path, ready.key, text)])
        print(f"{name:<38}{len(text) / 2**20:>8.1f} MiB  {spent:6.2f} s, as {spent / one:,.0f} sales", flush=True)


def _seconds(ready: Stage, requests: list[bytes]) -> float:
    started = time.perf_counter()
    for request in requests:
        load.run(ready.address, iter([request]), connections=1, seconds=0.0)
    return time.perf_counter() - started
