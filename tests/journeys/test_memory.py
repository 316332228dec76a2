"""A web process that holds too much memory is replaced while tills sell on: no sale is lost, none counts twice."""

from __future__ import annotations

import socket
import sys
from contextlib import ExitStack, suppress
from pathlib import Path

import pytest
from flask import Flask

from app.config import Settings
from merchant_sdk import Client, ConnectionFailed
from tests.factories.api import Api
from tests.factories.districts import District
from tests.factories.processes import children_of, command_of, wait_until
from tests.factories.running import Meanwhile, Running
from tests.factories.wire import PATIENCE_SECONDS, head

TOO_BIG = ("--workers-max-rss", "1", "--rss-sample-interval", "10", "--rss-samples", "1", "--respawn-interval", "1")
"""Every process is, as soon as somebody looks: not before it has begun to answer, on a busy machine too."""
TILLS, TRIES = 4, 30


def workers(web: Running) -> set[int]:
    return {
        one for one in children_of(web.process.pid) if "spawn_main" in command_of(one) or "granian" in command_of(one)
    }


def test_a_process_too_big_is_replaced_and_no_sale_is_lost(
    app: Flask, settings: Settings, api: Api, district: District
) -> None:
    with Running("web", settings, options=TOO_BIG) as web:
        web.wait_for(f"{web.url}/readyz")
        first = workers(web)
        gone = False

        def sell(till: int) -> int:
            count = 0
            with Client(district.key, web.url) as client:
                while not gone:
                    assert _sold(client, district, f"{till}-{count}") == f"{till}-{count}"
                    count += 1
            return count

        tills = [Meanwhile(lambda till=till: sell(till)) for till in range(TILLS)]
        assert wait_until(lambda: not first & workers(web))
        gone = True
        sold = sum(till.wait() for till in tills)
    assert first
    assert _count(api, district) == sold


def _sold(client: Client, district: District, reference: str) -> str:
    """Reports a sale until it is answered: while all processes are replaced at a time on a busy machine, a till repeats it."""
    sale = district.sale(reference=reference)
    for _ in range(TRIES):
        with suppress(ConnectionFailed):
            return client.transactions.report(**sale).reference
    return client.transactions.report(**sale).reference


ONE = ("--workers", "1")
BODIES, MIB = 24, 1 << 20


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel tells on Linux only")
def test_the_memory_of_big_bodies_is_given_back(app: Flask, settings: Settings, district: District) -> None:
    with Running("web", settings, options=ONE) as web, ExitStack() as callers:
        web.wait_for(f"{web.url}/readyz")
        [worker] = workers(web)
        before = memory_of(worker)
        announced = f"Content-Length: {8 * MIB}"
        for _ in range(BODIES):
            caller = callers.enter_context(socket.create_connection(("127.0.0.1", web.port), PATIENCE_SECONDS))
            caller.sendall(head("POST", "/v1/transactions/batch", district.key, announced) + b" " * 7 * MIB)
        assert wait_until(lambda: memory_of(worker) - before > 5 * BODIES)
        callers.close()
        assert wait_until(lambda: memory_of(worker) - before < 3 * BODIES)


def memory_of(process: int) -> int:
    """What a process holds, in MiB."""
    [line] = [one for one in Path(f"/proc/{process}/status").read_text().splitlines() if one.startswith("VmRSS")]
    return int(line.split()[1]) // 1024


def _count(api: Api, district: District) -> int:
    count, after = 0, ""
    while True:
        page = api.get(f"/v1/transactions?limit=100{after}", district.key).ok(200)
        count += len(page["data"])
        if not page["has_more"]:
            return count
        after = f"&starting_after={page['data'][-1]['id']}"
