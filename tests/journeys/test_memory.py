"""A web process that holds too much memory is replaced while tills sell on: no sale is lost, none counts twice."""

from __future__ import annotations

from flask import Flask

from app.config import Settings
from merchant_sdk import Client
from tests.factories.api import Api
from tests.factories.districts import District
from tests.factories.processes import children_of, command_of, wait_until
from tests.factories.running import Meanwhile, Running

TOO_BIG = ("--workers-max-rss", "1", "--rss-sample-interval", "1", "--rss-samples", "1", "--respawn-interval", "1")
"""Every process is, as soon as somebody looks."""
TILLS = 4


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
                    sale = client.transactions.report(**district.sale(reference=f"{till}-{count}"))
                    assert sale.reference == f"{till}-{count}"
                    count += 1
            return count

        tills = [Meanwhile(lambda till=till: sell(till)) for till in range(TILLS)]
        assert wait_until(lambda: not first & workers(web))
        gone = True
        sold = sum(till.wait() for till in tills)
    assert first
    assert _count(api, district) == sold


def _count(api: Api, district: District) -> int:
    count, after = 0, ""
    while True:
        page = api.get(f"/v1/transactions?limit=100{after}", district.key).ok(200)
        count += len(page["data"])
        if not page["has_more"]:
            return count
        after = f"&starting_after={page['data'][-1]['id']}"
