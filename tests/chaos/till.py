"""A till in a process of its own: `python -m tests.chaos.till <name> <orders.json>`, until there is a file `closed`.

What it is promised stands in `sold-<name>` when `report()` has returned. At the end it sends what still waits.
"""

from __future__ import annotations

import json
import random
import sys
import time
from pathlib import Path
from typing import Any
from uuid import uuid4

from merchant_sdk import ApiError, Client, OfflineQueue, QuantongError
from tests.chaos.files import Lines

PAUSE_SECONDS = 0.04
AGAIN_SECONDS = 0.3
LEASE_SECONDS = 10.0
PASSING = {408, 409, 425, 429}


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

    def offline(self, sold: Lines, tried: Lines) -> None:
        """Sells through a queue that keeps what can't be sent; its thread sends."""
        with OfflineQueue(self.folder / f"{self.name}.queue", self.client, lease_seconds=LEASE_SECONDS) as queue:
            with queue.sending(every_seconds=0.5):
                while self.is_open():
                    sale = self.sale()
                    tried.add(sale["reference"])
                    queue.report(**sale)
                    sold.add(sale["reference"])
            while queue.counts().waiting:
                queue.send()
                time.sleep(AGAIN_SECONDS)
            for item in queue.rejected():
                self.refuse(f"{item.reference} {item.status} {item.problem}")

    def online(self, sold: Lines, tried: Lines) -> None:
        """Sells with plain calls, each again under its reference until it is answered."""
        while self.is_open():
            sale = self.sale()
            tried.add(sale["reference"])
            while not self.reported(sale):
                time.sleep(AGAIN_SECONDS)
            sold.add(sale["reference"])

    def reported(self, sale: dict[str, Any]) -> bool:
        """Whether the product has said that it has a sale."""
        try:
            self.client.transactions.report(**sale)
        except ApiError as error:
            if error.status < 500 and error.status not in PASSING:
                self.refuse(f"{sale['reference']} {error.status} {error}")
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
    with Lines(till.folder / f"sold-{name}") as sold, Lines(till.folder / f"tried-{name}") as tried:
        (till.offline if name.startswith("offline") else till.online)(sold, tried)


if __name__ == "__main__":
    main()
