"""`make bench`: sales over HTTP against what the database alone could do, in one run on one machine.

`python -m benchmarks webhooks`: deliveries a second, and how far webhooks lag behind sales.
`python -m benchmarks rules`: sales under thirty rules with caps and budgets against sales under one.
`python -m benchmarks tiers`: sales in a district with three tiers against one without.
`python -m benchmarks codes`: sales by member code and presence token against sales that name a member id.
`python -m benchmarks spending`: sales that spend points, and refunds singly and in bulk, against sales that only earn.
`python -m benchmarks replays`: 70,000 past sales rehearsed.
`python -m benchmarks expiring`: a million lots that have ended, and the sales that go on meanwhile.
`python -m benchmarks walls`: sales beside idle and slow callers against sales alone, and what bodies of flaws cost.
`python -m benchmarks doors`: pages of the three doors, the card on a slow phone, sales by a till against sales by key.
`python -m benchmarks console`: the console's home and lists over ten million sales, and what keeping figures costs sales.
`python -m benchmarks signins`: sales beside fifty people who sign in at once.
`python -m benchmarks settlement`: the close of a month of a million sales, sales meanwhile, statements, and the books verified.
`python -m benchmarks coupons`: rushes of claims, sales with coupons against sales without, and a million coupons that end.
"""

from __future__ import annotations

import argparse
import itertools
from functools import partial

from benchmarks import (
    codes,
    console,
    coupons,
    doors,
    expiring,
    load,
    replays,
    rules,
    sales,
    settlement,
    signins,
    spending,
    tiers,
    walls,
    webhooks,
)
from benchmarks.stage import Stage, stage

KINDS = (
    "sales",
    "webhooks",
    "rules",
    "tiers",
    "codes",
    "spending",
    "replays",
    "expiring",
    "walls",
    "coupons",
    "doors",
    "console",
    "signins",
    "settlement",
)
FLOORS = {"single": 0.25, "one merchant": 0.9, "bulk": 0.35}
BATCH = 500


def main() -> None:
    """Measures at some numbers of stored sales."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks")
    parser.add_argument("what", nargs="?", choices=KINDS, default="sales")
    parser.add_argument(
        "parts", nargs="*", metavar="part", help=f"of coupons, only these of {', '.join(coupons.PARTS)}"
    )
    parser.add_argument("--quick", action="store_true", help="short runs, and no more than 10 thousand stored sales")
    parser.add_argument("--seconds", type=float, help="length of each run")
    options = parser.parse_args()
    seconds = options.seconds or (4.0 if options.quick else 10.0)
    if options.what == "webhooks":
        with stage("worker", "relay", "courier") as ready:
            webhooks.measure(ready, seconds)
        return
    if options.what == "codes":
        with stage() as ready:
            ready.fill(10_000)
            phones = codes.Phones(ready)
            http(ready, sales.singles(ready), clients=8, seconds=2.0)
            for clients in (8, 32):
                print(f"\n{clients} clients, {seconds:.0f} s each", flush=True)
                codes.measure(ready, phones, partial(http, ready, clients=clients, seconds=seconds))
        return
    if options.what == "spending":
        with stage() as ready:
            spending.measure(ready, partial(http, ready, seconds=seconds))
        return
    if options.what == "replays":
        with stage() as ready:
            replays.measure(ready, quick=options.quick)
        return
    if options.what == "walls":
        with stage() as ready:
            walls.measure(ready, seconds)
        return
    if options.what == "doors":
        with stage("worker", "urgent", "long", "relay") as ready:
            doors.measure(ready, seconds, quick=options.quick)
        return
    if options.what == "console":
        with stage("worker", "relay") as ready:
            console.measure(ready, seconds, quick=options.quick)
        return
    if options.what == "signins":
        with stage() as ready:
            signins.measure(ready, seconds)
        return
    if options.what == "settlement":
        with stage() as ready:
            settlement.measure(ready, seconds, quick=options.quick)
        return
    if options.what == "coupons":
        with stage() as ready:
            coupons.measure(ready, seconds, quick=options.quick, parts=options.parts)
        return
    if options.what == "expiring":
        with stage() as ready:
            expiring.measure(ready, seconds, quick=options.quick)
        return
    with stage() as ready:
        if options.what in ("rules", "tiers"):
            (rules if options.what == "rules" else tiers).measure(ready, seconds)
            return
        for stored in (10_000,) if options.quick else (10_000, 1_000_000):
            print(f"\n{stored:,} stored sales, {seconds:.0f} s each", flush=True)
            ready.fill(stored)
            measure(ready, seconds)


def measure(ready: Stage, seconds: float) -> None:
    """One round: the limits, then the product against them."""
    http(ready, sales.singles(ready), clients=8, seconds=2.0)  # wakes everything up
    limit = ready.limit(seconds)
    line("SQL limit, 8 clients", limit)
    ready.rest()
    for clients in (1, 8, 32, 64):
        spread = http(ready, sales.singles(ready), clients=clients, seconds=seconds)
        line(f"one sale over HTTP, {clients} clients", spread.per_second, spread, limit, FLOORS["single"])
    same = http(ready, sales.singles(ready, stores=1), clients=64, seconds=seconds)
    line("  all at one merchant, 64 clients", same.per_second, same, spread.per_second, FLOORS["one merchant"])
    ready.rest()
    bulk_limit = ready.bulk_limit(seconds)
    line("bulk SQL limit, 2 clients of 1,000", bulk_limit)
    ready.rest()
    requests = list(itertools.islice(sales.batches(ready, BATCH), max(8, round(20 * seconds))))
    bulk = http(ready, iter(requests), clients=4, seconds=seconds, status=b"200")
    line(f"bulk over HTTP, {BATCH} a request", BATCH * bulk.per_second, bulk, bulk_limit, FLOORS["bulk"])


def http(ready: Stage, requests, *, clients: int, seconds: float, status: bytes = b"201") -> load.Result:
    """One run against the product. Raises RuntimeError if an answer has another status than wanted."""
    result = load.run(ready.address, requests, connections=clients, seconds=seconds, status=status)
    if result.unwanted:
        raise RuntimeError(f"{result.unwanted} answers were not {status!r}: {result.first_unwanted[:2000]!r}")
    return result


def line(
    name: str, per_second: float, result: load.Result | None = None, against: float | None = None, floor: float = 0.0
) -> None:
    """Prints one measurement."""
    text = f"{name:<38}{per_second:>9,.0f}/s"
    if result is not None and against is not None:
        times = f"p50 {result.percentile(50):6.1f} ms  p99 {result.percentile(99):6.1f} ms"
        text += f"  {times}  ratio {per_second / against:5.2f} (floor {floor})"
    print(text, flush=True)


if __name__ == "__main__":
    main()
