"""What it costs to spend points and to give sales back, against sales that only earn."""

from __future__ import annotations

import itertools
import json
import random
from collections.abc import Callable, Iterator

from benchmarks import load, sales
from benchmarks.load import post
from benchmarks.stage import Stage

FLOORS = {"spending": 0.6, "one refund": 0.3, "refunds in bulk": 0.5}
BATCH = 500
STORED = 30_000

Run = Callable[..., load.Result]


def spends(stage: Stage) -> Iterator[bytes]:
    """Sales of which a part is paid with points, by members who have some and earn as many at least."""
    dice = random.Random(13)
    holders = stage.member_ids[:STORED]
    while True:
        named = {"store_id": dice.choice(stage.store_ids), "member_id": dice.choice(holders)}
        sale = {**sales.new_sale(dice), **named, "points_to_spend": 1}
        sale["amount"] = dice.randrange(200, 30_000)
        yield post("/v1/transactions", stage.key, json.dumps(sale).encode(), f"key-{sale['reference']}")


class Receipts:
    """Recorded sales that nobody has given back yet, each shown once."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        with stage.superuser() as connection:
            rows = connection.execute("SELECT id, amount FROM transactions WHERE refunded_amount = 0").fetchall()
        random.Random(17).shuffle(rows)
        self._rows = iter(rows)

    def _refunds(self) -> Iterator[dict[str, object]]:
        """Half of each sale's bill."""
        for sale, amount in self._rows:
            yield {"transaction_id": f"txn_{sale.hex}", "reference": f"F{sale.hex}", "amount": max(1, amount // 2)}

    def singles(self) -> Iterator[bytes]:
        """One refund a request, each with an idempotency key."""
        for one in self._refunds():
            yield post("/v1/refunds", self._stage.key, json.dumps(one).encode(), f"key-{one['reference']}")

    def batches(self, size: int) -> Iterator[bytes]:
        """Many refunds a request."""
        refunds = self._refunds()
        while some := list(itertools.islice(refunds, size)):
            yield post("/v1/refunds/batch", self._stage.key, json.dumps({"refunds": some}).encode())


def measure(stage: Stage, run: Run) -> None:
    """Prints figures a second, and their ratios to sales that only earn."""
    stage.fill(STORED)
    receipts = Receipts(stage)
    run(sales.singles(stage), clients=8)  # wakes everything up
    earned = {}
    for clients in (8, 32):
        earning = earned[clients] = run(sales.singles(stage), clients=clients)
        line(f"a sale that earns, {clients} clients", earning, 1.0)
        spending = run(spends(stage), clients=clients)
        line("  one that spends as well", spending, spending.per_second / earning.per_second, FLOORS["spending"])
    for clients, earning in earned.items():
        single = run(itertools.islice(receipts.singles(), STORED // 5), clients=clients)
        line(f"a refund, {clients} clients", single, single.per_second / earning.per_second, FLOORS["one refund"])
    requests = list(itertools.islice(sales.batches(stage, BATCH), 200))
    earning = run(iter(requests), clients=4, status=b"200")
    line(f"sales in bulk, {BATCH} a request", earning, 1.0, times=BATCH)
    many = run(receipts.batches(BATCH), clients=4, status=b"200")
    line("  refunds in bulk", many, many.per_second / earning.per_second, FLOORS["refunds in bulk"], times=BATCH)


def line(name: str, result: load.Result, ratio: float, floor: float | None = None, *, times: int = 1) -> None:
    """Prints one measurement."""
    spread = f"p50 {result.percentile(50):6.1f} ms  p99 {result.percentile(99):6.1f} ms"
    least = "" if floor is None else f" (floor {floor})"
    print(f"{name:<38}{times * result.per_second:>9,.0f}/s  {spread}  ratio {ratio:5.2f}{least}", flush=True)
