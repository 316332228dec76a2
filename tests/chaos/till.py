"""A till in a process of its own: `python -m tests.chaos.till <name> <orders.json>`, until there is a file `closed`.

What it is promised stands in `sold-<name>` when `report()` has returned, and in `refunded-<name>` when `refund()` has;
what it was about to do in `tried-<name>` and `refunding-<name>`. At the end it sends what still waits.
"""

from __future__ import annotations

import json
import random
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

from merchant_sdk import ApiError, Client, OfflineQueue, QuantongError
from merchant_sdk._offline import kept
from tests.chaos.files import Lines, lines_of

PAUSE_SECONDS = 0.04
AGAIN_SECONDS = 0.3
LEASE_SECONDS = 10.0
PASSING = {408, 409, 425, 429}
REFUNDED_SHARE = 0.2
FOREIGN_SHARE = 0.03
OF_OTHERS = "0"
"""How references end of sales that other tills give back, a fen at a time, and their own never does."""
kept.FIRST_DEFER_SECONDS = 1.0  # a refund that comes before another till's sale doesn't hold up the run


class Notes:
    """What a till is about to do, and what it was promised."""

    def __init__(self, folder: Path, name: str) -> None:
        self.lines = {what: Lines(folder / f"{what}-{name}") for what in ("tried", "sold", "refunding", "refunded")}

    @contextmanager
    def _around(self, before: str, after: str, reference: str) -> Iterator[None]:
        self.lines[before].add(reference)
        yield
        self.lines[after].add(reference)

    def sale(self, reference: str) -> Any:
        """A context in which a sale is reported."""
        return self._around("tried", "sold", reference)

    def refund(self, reference: str) -> Any:
        """A context in which a refund is reported."""
        return self._around("refunding", "refunded", reference)


class Till:
    """Sells until told to stop."""

    def __init__(self, name: str, orders: dict[str, Any]) -> None:
        self.name, self.orders = name, orders
        self.folder = Path(orders["folder"])
        self.client = Client(orders["key"], orders["url"], timeout=8.0, retries=1)
        self.dice = random.Random()

    def is_open(self) -> bool:
        """Whether it goes on selling; after a pause between customers."""
        time.sleep(PAUSE_SECONDS)
        return not (self.folder / "closed").exists()

    def sale(self) -> dict[str, Any]:
        """A new sale: of a member mostly, of nobody else."""
        member = self.dice.choice([*self.orders["members"], None])
        amount = 100 * self.dice.randrange(1, 50)
        return {
            "reference": uuid4().hex,
            "store_id": self.orders["store_id"],
            "amount": amount,
            **({"member_id": member} if member else {}),
        }

    def refunds(self, sale: dict[str, Any]) -> list[dict[str, Any]]:
        """How a new sale is given back: mostly not at all, else in one or two parts."""
        if sale["reference"].endswith(OF_OTHERS):
            return []
        part = self.dice.randrange(1, sale["amount"])
        given_back = [[sale["amount"]], [part], [part, sale["amount"] - part]]
        parts = self.dice.choice(given_back) if self.dice.random() < REFUNDED_SHARE else []
        return [self.refund(sale["reference"], amount) for amount in parts]

    def refunds_of_others(self) -> list[dict[str, Any]]:
        """Now and then a fen of a sale that any till was promised, and that may still wait there."""
        if self.dice.random() > FOREIGN_SHARE:
            return []
        sold = [one for one in lines_of(self.folder, "sold-*") if one.endswith(OF_OTHERS)]
        return [self.refund(self.dice.choice(sold), 1)] if sold else []

    def refund(self, sale_reference: str, amount: int) -> dict[str, Any]:
        """A new refund."""
        return {
            "reference": uuid4().hex,
            "transaction_reference": sale_reference,
            "merchant_id": self.orders["merchant_id"],
            "amount": amount,
        }

    def offline(self, notes: Notes) -> None:
        """Sells through a queue that keeps what can't be sent; its thread sends."""
        with OfflineQueue(self.folder / f"{self.name}.queue", self.client, lease_seconds=LEASE_SECONDS) as queue:
            with queue.sending(every_seconds=0.5):
                while self.is_open():
                    sale = self.sale()
                    with notes.sale(sale["reference"]):
                        queue.report(**sale)
                    for refund in [*self.refunds(sale), *self.refunds_of_others()]:
                        with notes.refund(refund["reference"]):
                            queue.refund(**refund)
            while queue.counts().waiting:
                queue.send()
                time.sleep(AGAIN_SECONDS)
            for item in queue.rejected():
                self.refuse(f"{item.kind} {item.reference} {item.status} {item.problem}")

    def online(self, notes: Notes) -> None:
        """Sells with plain calls, each again under its reference until it is answered."""
        while self.is_open():
            sale = self.sale()
            with notes.sale(sale["reference"]):
                self.insist(self.client.transactions.report, sale)
            for refund in self.refunds(sale):
                with notes.refund(refund["reference"]):
                    self.insist(self.client.transactions.refund, refund)

    def insist(self, call: Callable[..., object], body: dict[str, Any]) -> None:
        """Calls until the product has said that it has a sale or refund."""
        while not self.has_answered(call, body):
            time.sleep(AGAIN_SECONDS)

    def has_answered(self, call: Callable[..., object], body: dict[str, Any]) -> bool:
        """Whether the product has said that it has it."""
        try:
            call(**body)
        except ApiError as error:
            if error.status < 500 and error.status not in PASSING:
                self.refuse(f"{body['reference']} {error.status} {error}")
            return False
        except QuantongError:
            return False
        return True

    def refuse(self, words: str) -> None:
        """Notes what no kill explains."""
        with Lines(self.folder / "refused") as refused:
            refused.add(words)


def main() -> None:
    name, path = sys.argv[1:]
    till = Till(name, json.loads(Path(path).read_text()))
    (till.offline if name.startswith("offline") else till.online)(Notes(till.folder, name))


if __name__ == "__main__":
    main()
