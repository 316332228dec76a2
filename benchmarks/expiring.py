"""Expiry: a million lots that have ended, taken in sets, alone and while sales go on."""

from __future__ import annotations

import multiprocessing
import time
from collections.abc import Mapping
from concurrent.futures import ProcessPoolExecutor

from app.config import Settings
from app.factory import create_app
from app.points.tasks import expire_points
from benchmarks import load, sales
from benchmarks.stage import Stage

LOTS_A_MEMBER = 10
QUICK_MEMBERS = 10_000
CLIENTS = 32
SLICE_SECONDS = 2.0

_LOTS = """
    INSERT INTO lots (district_id, id, member_id, merchant_id, funder, source_id, points, remaining, available_at,
                      expires_at, recorded_at)
    SELECT s.district_id, bench_id(), m.id, s.merchant_id, 'merchant', bench_id(), 10, 10, now() - interval '1 year',
           now() - interval '1 hour', now() - interval '1 year'
    FROM unnest(%(members)s::uuid[]) AS m (id) CROSS JOIN generate_series(1, %(lots)s)
    CROSS JOIN (SELECT district_id, merchant_id FROM stores LIMIT 1) AS s
"""
_PURSES = """
    UPDATE point_balances SET ledger = ledger + 10 * %(lots)s, available = available + 10 * %(lots)s,
                              next_change_at = now() - interval '1 hour'
    WHERE member_id = ANY(%(members)s::uuid[])
"""
_LEFT = "SELECT count(*) FROM lots WHERE remaining > 0 AND expires_at <= now()"


def measure(ready: Stage, seconds: float, *, quick: bool) -> None:
    """How fast ended lots go, alone and beside sales; and what is left of the speed of sales meanwhile."""
    members = ready.member_ids[: QUICK_MEMBERS if quick else None]
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as other:
        lots = _end_lots(ready, members)
        _line(f"expiry of {lots:,} lots", lots / other.submit(_expire, ready.env).result())
        load.run(ready.address, sales.singles(ready), connections=CLIENTS, seconds=SLICE_SECONDS)
        alone = load.run(ready.address, sales.singles(ready), connections=CLIENTS, seconds=seconds)
        _line(f"one sale over HTTP, {CLIENTS} clients", alone.per_second, alone)
        _end_lots(ready, members)
        job, slices = other.submit(_expire, ready.env), []
        while not job.done():
            slices.append(load.run(ready.address, sales.singles(ready), connections=CLIENTS, seconds=SLICE_SECONDS))
    _line("  expiry meanwhile", lots / job.result())
    meanwhile = load.Result(
        sum(one.seconds for one in slices),
        [latency for one in slices for latency in one.latencies],
        sum(one.unwanted for one in slices),
    )
    _line("  one sale over HTTP meanwhile", meanwhile.per_second, meanwhile, alone.per_second)
    print(f"{'  sales refused meanwhile':<38}{meanwhile.unwanted:>9,}", flush=True)
    with ready.superuser() as connection:
        assert connection.execute(_LEFT).fetchone() == (0,), "lots have been left behind"


def _end_lots(ready: Stage, members: list[str]) -> int:
    """Gives members lots that have ended already, in portions; gives the number of lots."""
    with ready.superuser() as connection:
        for start in range(0, len(members), 1000):
            portion = {"members": [one[-32:] for one in members[start : start + 1000]], "lots": LOTS_A_MEMBER}
            connection.execute(_LOTS, portion)
            connection.execute(_PURSES, portion)
        connection.execute("VACUUM (ANALYZE) lots, point_balances")
        connection.execute("CHECKPOINT")
    return len(members) * LOTS_A_MEMBER


def _expire(env: Mapping[str, str]) -> float:
    """Runs the job as a worker does, in a process of its own; gives the seconds that it took."""
    with create_app(Settings.from_environment(env)).app_context():
        started = time.perf_counter()
        expire_points()
        return time.perf_counter() - started


def _line(name: str, per_second: float, result: load.Result | None = None, against: float | None = None) -> None:
    text = f"{name:<38}{per_second:>9,.0f}/s"
    if result is not None:
        text += f"  p50 {result.percentile(50):6.1f} ms  p99 {result.percentile(99):6.1f} ms"
    if against is not None:
        text += f"  ratio {per_second / against:5.2f}"
    print(text, flush=True)
