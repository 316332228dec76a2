"""Sales under thirty rules with caps and budgets against sales under one: what a rich programme costs."""

from __future__ import annotations

import itertools
from collections.abc import Callable

from benchmarks import load, sales
from benchmarks.rule_sets import one_rule, thirty_rules
from benchmarks.stage import Stage

BATCH = 500
FLOOR = 0.7
ROUNDS = 3


def measure(ready: Stage, seconds: float) -> None:
    """Prints both, single and in bulk, and their ratios. Rounds take turns, for machines have moods."""
    ways: dict[str, Callable[[], float]] = {
        "one sale over HTTP, 32 clients": lambda: _singles(ready, seconds),
        f"bulk over HTTP, {BATCH} a request": lambda: _bulk(ready, seconds),
    }
    per_second: dict[tuple[str, str], float] = dict.fromkeys(itertools.product(ways, ("one", "thirty")), 0.0)
    _singles(ready, 2.0)  # wakes everything up
    for _ in range(ROUNDS):
        for name, rules in (("one", one_rule()), ("thirty", thirty_rules(ready.merchant_ids()))):
            ready.publish(rules)
            for way, run in ways.items():
                per_second[way, name] = max(per_second[way, name], run())
    for way in ways:
        one, thirty = per_second[way, "one"], per_second[way, "thirty"]
        print(f"{way:<38}{one:>9,.0f}/s under one rule", flush=True)
        print(f"{'':<38}{thirty:>9,.0f}/s under thirty  ratio {thirty / one:5.2f} (floor {FLOOR})", flush=True)


def _singles(ready: Stage, seconds: float) -> float:
    return _checked(load.run(ready.address, sales.singles(ready), connections=32, seconds=seconds))


def _bulk(ready: Stage, seconds: float) -> float:
    requests = list(itertools.islice(sales.batches(ready, BATCH), max(8, round(20 * seconds))))
    return BATCH * _checked(load.run(ready.address, iter(requests), connections=4, seconds=seconds, status=b"200"))


def _checked(result: load.Result) -> float:
    if result.unwanted:
        raise RuntimeError(f"{result.unwanted} answers were unwanted: {result.first_unwanted[:2000]!r}")
    return result.per_second
