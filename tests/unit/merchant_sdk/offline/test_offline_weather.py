"""Two tills in any weather: whatever fails in whatever order, all is there once in the end, and nothing blocks the rest."""

from __future__ import annotations

import random
import sqlite3
from contextlib import closing
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from merchant_sdk import OfflineQueue
from tests.factories.offline_shop import Shop, refusal

STEPS = 70
FAULTS = [
    httpx.ConnectError("down"),
    httpx.ReadTimeout("slow"),
    refusal(500, "internal-error"),
    refusal(503),
    refusal(429, "rate-limited"),
    refusal(409, "idempotency-key-in-use"),
    refusal(404),
    httpx.Response(200, text="<html>Please sign in</html>"),
]


@dataclass
class Weather:
    """Some steps of two tills that give back their own sales and each other's, in an order that the dice say."""

    tills: list[Shop]
    dice: random.Random
    sales: list[str] = field(default_factory=list)
    refunds: dict[str, str] = field(default_factory=dict)
    instead: dict[str, tuple[int, str]] = field(default_factory=dict)
    unreadable: set[str] = field(default_factory=set)
    fault: float = 0.25

    def __post_init__(self) -> None:
        for till in self.tills:
            till.before, till.after, till.instead = self.before, self.after, self.instead

    def before(self, references: list[str]) -> httpx.Response | Exception | None:
        """What goes wrong instead of the work."""
        if self.unreadable & set(references):
            return refusal(400, "malformed-json")
        return self.after(references)

    def after(self, references: list[str]) -> httpx.Response | Exception | None:
        """What is answered although the work is done; or nothing goes wrong."""
        return self.dice.choice(FAULTS) if self.dice.random() < self.fault else None

    def step(self, number: int) -> None:
        """A sale or refund is kept, or all that waits is sent; time passes."""
        till = self.dice.choice(self.tills)
        with till.queue(batch_size=self.dice.choice([1, 3, 10])) as queue:
            getattr(self, self.dice.choice(["sell", "sell", "give_back", "give_back_early", "send"]))(queue, number)
        for one in self.tills:
            one.now += timedelta(seconds=self.dice.choice([0, 1, 40, 600]))

    def sell(self, queue: OfflineQueue, number: int) -> None:
        self.sales.append(f"A-{number}")
        self._poison(f"A-{number}")
        queue.report(reference=f"A-{number}", amount=100)

    def give_back(self, queue: OfflineQueue, number: int) -> None:
        if not self.sales:
            return
        self._refund(queue, f"R-{number}", self.dice.choice(self.sales))

    def give_back_early(self, queue: OfflineQueue, number: int) -> None:
        """The refund is kept before its sale."""
        self._refund(queue, f"R-{number}", f"A-{number}")
        self.sell(queue, number)

    def send(self, queue: OfflineQueue, number: int) -> None:
        queue.send()

    def _refund(self, queue: OfflineQueue, reference: str, sale: str) -> None:
        self.refunds[reference] = sale
        self._poison(reference)
        queue.refund(reference=reference, transaction_reference=sale, amount=1)

    def _poison(self, reference: str) -> None:
        """One in some ten is refused, breaks the server, or can't even be read."""
        kind = self.dice.randrange(30)
        if kind < 2:
            self.instead[reference] = [(422, "validation-failed"), (500, "internal-error")][kind]
        elif kind == 2:
            self.unreadable.add(reference)

    def clear_up(self) -> None:
        """The sky is clear: all is sent, again and again for two days."""
        self.fault = 0.0
        for till in self.tills * 4:
            with till.queue(batch_size=7) as queue:
                for _ in range(12):
                    till.now += timedelta(hours=1)
                    queue.send()


@pytest.mark.parametrize("seed", range(6))
def test_all_is_there_once_in_the_end(tmp_path: Path, seed: int) -> None:
    first, second = Shop(tmp_path / "first.db"), Shop(tmp_path / "second.db")
    second.recorder = first.recorder
    weather = Weather([first, second], random.Random(seed))
    for number in range(STEPS):
        weather.step(number)
    weather.clear_up()
    recorder, poison = first.recorder, weather.instead.keys() | weather.unreadable
    sales = set(weather.sales) - poison
    refunds = {one for one, sale in weather.refunds.items() if one not in poison and sale in sales}
    assert (set(recorder.bodies), set(recorder.refunds)) == (sales, refunds)
    assert recorder.conflicts == []
    assert len(recorder.order) == len(sales) + len(refunds)
    place = {reference: number for number, reference in enumerate(recorder.order)}
    assert all(place[weather.refunds[refund]] < place[refund] for refund in refunds)
    left = {**lying_in(first.path), **lying_in(second.path)}
    assert left.keys() == (set(weather.sales) | weather.refunds.keys()) - sales - refunds
    breaking = {one for one, (status, _) in weather.instead.items() if status == 500}
    waiting = {one for one, state in left.items() if state == "waiting"}
    assert breaking <= waiting
    assert {weather.refunds.get(one, one) for one in waiting - breaking} <= breaking  # refunds with their sale


def lying_in(path: Path) -> dict[str, str]:
    """What lies in a file, by reference, and whether it waits or was rejected."""
    with closing(sqlite3.connect(path)) as db:
        return dict(db.execute("SELECT reference, state FROM items").fetchall())
