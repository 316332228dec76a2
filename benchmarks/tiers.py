"""Sales in a district with three tiers against sales in one with none: what tiers cost."""

from __future__ import annotations

import itertools
from collections.abc import Callable

from benchmarks import load, sales
from benchmarks.rule_sets import one_rule
from benchmarks.stage import Stage

BATCH = 500
ROUNDS = 3
DAYS = 12
"""Local days of the last year on which each member has bought."""

_TIERS = (("Silver", 1, 1_000), ("Gold", 2, 5_000), ("Platinum", 3, 20_000))
_HISTORY = """
    INSERT INTO member_days (district_id, member_id, day, points_earned, amount_spent)
    SELECT district_id, id, current_date - 1 - 30 * n, CASE WHEN number::bigint %% 3 = 0 THEN 100 ELSE 40 END, 10000
    FROM members, generate_series(0, %s) AS n
    ON CONFLICT DO NOTHING
"""
_HOLDS = """
    INSERT INTO member_tiers
        (district_id, member_id, tier_id, since, reached_on, qualifies_by, threshold, period_days)
    SELECT m.district_id, m.id, t.id, now(), current_date - 1, t.qualifies_by, t.threshold, t.period_days
    FROM members AS m, tiers AS t WHERE m.number::bigint %% 3 = 0 AND t.threshold = 1000
"""
"""A third of the members hold the lowest tier."""


def measure(ready: Stage, seconds: float) -> None:
    """Prints both, single and in bulk, and their ratios; the best of some rounds, for machines have moods."""
    ways: dict[str, Callable[[], float]] = {
        "one sale over HTTP, 32 clients": lambda: _singles(ready, seconds),
        f"bulk over HTTP, {BATCH} a request": lambda: _bulk(ready, seconds),
    }
    _singles(ready, 2.0)  # wakes everything up
    without = _best(ways)
    tiers = [ready.add_tier(*tier) for tier in _TIERS]
    with ready.superuser() as connection:
        connection.execute(_HISTORY, (DAYS - 1,))
        connection.execute(_HOLDS.replace("%%", "%"))
        connection.execute("VACUUM (ANALYZE) member_days, member_tiers")
    extra = {"key": "gold", "kind": "multiplier", "name": "Gold", "factor": "2", "conditions": {"tier_ids": tiers}}
    ready.publish([*one_rule(), extra])
    _singles(ready, 2.0)
    with_tiers = _best(ways)
    for way in ways:
        print(f"{way:<38}{without[way]:>9,.0f}/s without tiers", flush=True)
        print(f"{'':<38}{with_tiers[way]:>9,.0f}/s with three  ratio {with_tiers[way] / without[way]:5.2f}", flush=True)


def _best(ways: dict[str, Callable[[], float]]) -> dict[str, float]:
    best = dict.fromkeys(ways, 0.0)
    for _, (way, run) in itertools.product(range(ROUNDS), ways.items()):
        best[way] = max(best[way], run())
    return best


def _singles(ready: Stage, seconds: float) -> float:
    return _checked(load.run(ready.address, sales.singles(ready), connections=32, seconds=seconds))


def _bulk(ready: Stage, seconds: float) -> float:
    requests = list(itertools.islice(sales.batches(ready, BATCH), max(8, round(20 * seconds))))
    return BATCH * _checked(load.run(ready.address, iter(requests), connections=4, seconds=seconds, status=b"200"))


def _checked(result: load.Result) -> float:
    if result.unwanted:
        raise RuntimeError(f"{result.unwanted} answers were unwanted: {result.first_unwanted[:2000]!r}")
    return result.per_second
