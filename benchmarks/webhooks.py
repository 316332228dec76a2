"""Webhooks: deliveries a second to local receivers, and how far they lag behind sales at full speed."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from benchmarks import load, sales
from benchmarks.receiver import Receiver, receiver
from benchmarks.stage import Stage

DELIVERIES = 10_000
SAMPLE_SECONDS = 0.2
DRAIN_SECONDS = 600.0

_HAPPEN = """
    INSERT INTO outbox (district_id, id, type, payload, recorded_at, is_taken)
    SELECT %(district)s, bench_id(), 'bench.happened', jsonb_build_object('number', n), now(), true
    FROM generate_series(1, %(count)s) AS n
"""
_DUE = """
    INSERT INTO webhook_deliveries
        (district_id, id, endpoint_id, event_id, event_type, status, tries_left, next_attempt_at, created_at)
    SELECT e.district_id, bench_id(), e.id, o.id, o.type, 'pending', 11, now(), now()
    FROM webhook_endpoints AS e JOIN outbox AS o USING (district_id)
    WHERE e.id = ANY(%(endpoints)s::uuid[]) AND o.type = 'bench.happened'
"""
_LAG = """
    SELECT coalesce(extract(epoch FROM now() - (SELECT min(recorded_at) FROM outbox WHERE NOT is_taken)), 0)::float8,
           coalesce(extract(epoch FROM now() - (SELECT min(created_at) FROM webhook_deliveries
                                                WHERE status = 'pending')), 0)::float8
"""


def measure(ready: Stage, seconds: float) -> None:
    """Deliveries that wait already, to one endpoint and to several; then sales, and what follows them."""
    with receiver() as one:
        for endpoints in (1, 8):
            per_second = _backlog(ready, one, endpoints)
            print(f"{f'webhooks to {endpoints} endpoint(s)':<38}{per_second:>9,.0f}/s", flush=True)
        _switch_off(ready)
        ready.add_endpoint(one.url)
        _behind_sales(ready, one, seconds)


def _backlog(ready: Stage, one: Receiver, endpoints: int) -> float:
    """Deliveries a second when all are due at one moment."""
    _switch_off(ready)
    ids = [ready.add_endpoint(one.url)[-32:] for _ in range(endpoints)]
    with ready.superuser() as connection:
        connection.execute("DELETE FROM outbox WHERE type = 'bench.happened'")
        values = {"district": ready.district, "count": DELIVERIES // endpoints, "endpoints": ids}
        connection.execute(_HAPPEN, values)
        started, before = time.perf_counter(), one.count
        connection.execute(_DUE, values)
    _wait(lambda: one.count - before >= DELIVERIES)
    return DELIVERIES / (time.perf_counter() - started)


def _behind_sales(ready: Stage, one: Receiver, seconds: float) -> None:
    before = one.count
    with sampled(ready) as lags:
        result = load.run(ready.address, sales.singles(ready), connections=32, seconds=seconds)
        if result.unwanted:
            raise RuntimeError(f"{result.unwanted} answers were not 201: {result.first_unwanted[:2000]!r}")
    told, started = one.count - before, time.perf_counter()
    with ready.superuser() as connection:
        _wait(lambda: connection.execute(_LAG).fetchone() == (0.0, 0.0))
    print(f"{'one sale over HTTP, 32 clients':<38}{result.per_second:>9,.0f}/s", flush=True)
    print(f"{'  webhooks delivered meanwhile':<38}{told / result.seconds:>9,.0f}/s", flush=True)
    for name, ages in zip(
        ("  oldest event not taken", "  oldest delivery not made"), zip(*lags, strict=True), strict=True
    ):
        ordered = sorted(ages)
        print(f"{name:<38}p50 {ordered[len(ordered) // 2]:6.2f} s  most {ordered[-1]:6.2f} s", flush=True)
    print(f"{'  all delivered after the last sale':<38}{time.perf_counter() - started:>9.1f} s", flush=True)


@contextmanager
def sampled(ready: Stage) -> Iterator[list[tuple[float, float]]]:
    """Ages of the oldest event untaken and of the oldest delivery pending, again and again."""
    lags: list[tuple[float, float]] = []
    stopped = threading.Event()

    def sample() -> None:
        with ready.superuser() as connection:
            while not stopped.wait(SAMPLE_SECONDS):
                lags.extend(connection.execute(_LAG).fetchall())

    thread = threading.Thread(target=sample)
    thread.start()
    try:
        yield lags
    finally:
        stopped.set()
        thread.join()


def _switch_off(ready: Stage) -> None:
    with ready.superuser() as connection:
        connection.execute("UPDATE webhook_endpoints SET status = 'deleted'")
        connection.execute("DELETE FROM webhook_attempts")
        connection.execute("DELETE FROM webhook_deliveries")


def _wait(true) -> None:
    deadline = time.monotonic() + DRAIN_SECONDS
    while not true():
        if time.monotonic() > deadline:
            raise RuntimeError("deliveries don't come to an end")
        time.sleep(0.02)
