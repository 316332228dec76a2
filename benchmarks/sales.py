"""Requests that report sales, without end."""

from __future__ import annotations

import itertools
import json
import random
from collections.abc import Iterator
from datetime import UTC, datetime

from benchmarks.load import post
from benchmarks.stage import Stage

_numbers = itertools.count()
_DICE = random.Random(5)


def _sale(stage: Stage, stores: list[str], dice: random.Random) -> dict[str, object]:
    return {**new_sale(dice), "store_id": dice.choice(stores), "member_id": dice.choice(stage.member_ids)}


def new_sale(dice: random.Random = _DICE) -> dict[str, object]:
    """A sale that says neither where nor whose."""
    amount = dice.randrange(100, 30_000)
    return {
        "reference": f"B{next(_numbers):012d}",
        "amount": amount,
        "currency": "CNY",
        "occurred_at": datetime.now(UTC).isoformat(),
        "channel": "till",
        "payment_method": "wechat",
        "items": [{"name": "goods", "quantity": 1, "amount": amount}],
    }


def singles(stage: Stage, *, stores: int | None = None) -> Iterator[bytes]:
    """One sale a request, each with an idempotency key, at some of the stores."""
    dice = random.Random(7)
    places = stage.store_ids[:stores]
    while True:
        sale = _sale(stage, places, dice)
        yield post("/v1/transactions", stage.key, json.dumps(sale).encode(), f"key-{sale['reference']}")


def batches(stage: Stage, size: int) -> Iterator[bytes]:
    """Many sales a request."""
    dice = random.Random(11)
    while True:
        sales = [_sale(stage, stage.store_ids, dice) for _ in range(size)]
        yield post("/v1/transactions/batch", stage.key, json.dumps({"transactions": sales}).encode())
