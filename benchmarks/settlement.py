"""Settlement: the close of a month of a million sales of a thousand merchants, alone and beside sales that go on.

Sales are stored as the SQL limit writes them, in the books of last month; of every fifth sale points are spent at another shop,
without being taken off a lot, so the reserve of such a district doesn't balance.
"""

from __future__ import annotations

import multiprocessing
import resource
import time
from collections.abc import Mapping
from concurrent.futures import Future, ProcessPoolExecutor
from datetime import datetime, timedelta
from itertools import cycle
from typing import NamedTuple
from zoneinfo import ZoneInfo

from app.books import verify
from app.config import Settings
from app.factory import create_app
from app.ledger.rules import account_id
from app.settlement.tasks import close_period
from benchmarks import load, sales, stored_sales
from benchmarks.stage import Stage, call

MERCHANTS = 1_000
SALES, QUICK_SALES = 1_000_000, 100_000
CLIENTS = 32
SHANGHAI = ZoneInfo("Asia/Shanghai")
SLICE_SECONDS = 2.0
MOST_SECONDS, LEAST_RATIO, MOST_MS, MOST_SECONDS_OF_BOOKS = 30, 0.8, 200, 180
_SPENT = """
    INSERT INTO transfers (district_id, journal_id, line, asset, debit_account_id, credit_account_id, amount, code, subject_id)
    SELECT t.district_id, t.journal_id, 1, 'points', t.credit_account_id, s.redeemed, 1 + t.amount / 2, 'spend', t.subject_id
    FROM (
        SELECT x.*, row_number() OVER (ORDER BY x.journal_id) AS n FROM transfers AS x
        WHERE x.district_id = %(district)s AND x.code = 'earn'
    ) AS t JOIN bench_accepting AS s ON s.n = (t.n / 5) %% %(merchants)s WHERE t.n %% 5 = 0
"""
_LAST_MONTH = """
    UPDATE journals SET recorded_at = %(begins)s::date + interval '1 day' + random() * interval '26 days'
    WHERE district_id = %(district)s
"""


_MEMBERS_ACCOUNTS = """
    INSERT INTO accounts (district_id, id, asset, kind, owner_id, created_at)
    SELECT %(district)s, account, 'points', 'member', id, now() FROM bench_members ON CONFLICT DO NOTHING
"""


class Closed(NamedTuple):
    """How long a close took, and by how many megabytes its process grew."""

    seconds: float
    megabytes: float


def measure(ready: Stage, seconds: float, *, quick: bool) -> None:
    """A close, sales meanwhile, a statement's answers, and the books verified."""
    stored = QUICK_SALES if quick else SALES
    periods = _store(ready, stored)
    load.run(ready.address, sales.singles(ready), connections=CLIENTS, seconds=SLICE_SECONDS)
    alone = load.run(ready.address, sales.singles(ready), connections=CLIENTS, seconds=seconds)
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as other:
        job, slices = other.submit(_close, ready.env, ready.district_id, periods), []
        while not job.done():
            slices.append(load.run(ready.address, sales.singles(ready), connections=CLIENTS, seconds=SLICE_SECONDS))
        _tell(job, stored, sum(len(one.latencies) for one in slices) / sum(one.seconds for one in slices), alone)
        _read_statements(ready, periods, seconds)
        books = other.submit(_verify, ready.env, ready.district_id)
        [[transfers]] = _counted(ready)
        print(
            f"verify-books, {transfers:,} transfers: {books.result():.0f} s (10 million: {MOST_SECONDS_OF_BOOKS} s)",
            flush=True,
        )


def _store(ready: Stage, stored: int) -> str:
    """Fills last month, and asks for it to be closed; gives the period's id."""
    values = {"district": ready.district, "more": MERCHANTS - len(ready.store_ids), "merchants": MERCHANTS}
    begins = (datetime.now(SHANGHAI).date().replace(day=1) - timedelta(days=1)).replace(day=1)
    with ready.superuser() as connection:
        connection.execute(stored_sales.MORE_MERCHANTS, values)
        connection.execute(stored_sales.THEIR_STORES, values)
        shops = connection.execute("SELECT id::text, merchant_id::text FROM stores ORDER BY code").fetchall()
        connection.execute(
            "TRUNCATE bench_stores; CREATE TABLE bench_accepting (n bigint PRIMARY KEY, redeemed uuid NOT NULL)"
        )
        with connection.cursor() as cursor:
            for n, (store, merchant) in enumerate(shops):
                owner = merchant.replace("-", "")
                issued, redeemed = (account_id("points", kind, owner)[-32:] for kind in ("issued", "redeemed"))
                cursor.execute("INSERT INTO bench_stores VALUES (%s, %s, %s, %s)", (n, store, merchant, issued))
                cursor.execute("INSERT INTO bench_accepting VALUES (%s, %s)", (n, redeemed))
                for kind, account in (("issued", issued), ("redeemed", redeemed)):
                    cursor.execute(
                        "INSERT INTO accounts VALUES (%s, %s, 'points', %s, %s, now()) ON CONFLICT DO NOTHING",
                        (ready.district, account, kind, merchant),
                    )
        connection.execute(_MEMBERS_ACCOUNTS, values)
    ready.fill(stored)
    with ready.superuser() as connection:
        connection.execute(_SPENT, values)
        connection.execute(_LAST_MONTH, {**values, "begins": begins})
    ready.rest()
    prices = {"issue_price": "1", "redemption_price": "0.9"}
    call("POST", "/v1/settlement-terms", ready.key, {"effective_from": begins.isoformat(), **prices})
    period: str = call("GET", "/v1/settlement-periods", ready.key)["data"][-1]["id"]
    call("POST", f"/v1/settlement-periods/{period}/close", ready.key, {})
    return period


def _close(env: Mapping[str, str], district_id: str, period_id: str) -> Closed:
    """Closes as a worker does, in a process of its own."""
    with create_app(Settings.from_environment(env)).app_context():
        before, started = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.perf_counter()
        close_period(district_id, period_id)
        grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
        return Closed(time.perf_counter() - started, grown / 1024)


def _verify(env: Mapping[str, str], district_id: str) -> float:
    with create_app(Settings.from_environment(env)).app_context():
        started = time.perf_counter()
        list(verify(district_id))
        return time.perf_counter() - started


def _tell(job: Future[Closed], stored: int, meanwhile: float, alone: load.Result) -> None:
    closed, ratio = job.result(), meanwhile / alone.per_second
    print(f"close of {stored:,} sales: {closed.seconds:.1f} s, {closed.megabytes:.0f} MB (a million: {MOST_SECONDS} s)")
    print(
        f"sales meanwhile: {meanwhile:,.0f}/s of {alone.per_second:,.0f}/s, {ratio:.2f} (floor {LEAST_RATIO})",
        flush=True,
    )


def _read_statements(ready: Stage, period_id: str, seconds: float) -> None:
    listed = call("GET", f"/v1/settlement-periods/{period_id}/statements?limit=100", ready.key)["data"]
    ids = [one["id"] for one in listed]
    for what, path in (("a statement", ""), ("a page of its items", "/items?line=1"), ("its proof", "/proof")):
        each = cycle([_get(f"/v1/statements/{one}{path}", ready.key) for one in ids])
        result = load.run(ready.address, each, connections=2, seconds=seconds, status=b"200")
        print(f"{what}: p95 {result.percentile(95):.0f} ms (at most {MOST_MS})", flush=True)


def _get(path: str, key: str) -> bytes:
    return f"GET {path} HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer {key}\r\n\r\n".encode()


def _counted(ready: Stage) -> list[tuple[int]]:
    with ready.superuser() as connection:
        return connection.execute("SELECT count(*) FROM transfers").fetchall()
