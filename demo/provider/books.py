"""What one account of the provider holds: things by id, its balance, and the events of what has happened. No network here."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from demo.provider.refusals import missing

Thing = dict[str, Any]
FEE_THOUSANDTHS, FEE_FIXED = 34, 30
"""What a collection costs."""


@dataclass
class Books:
    """`clock` gives the second; `account` is what the account is called, `made` how many things it has made. Things are kept in the order of their making."""

    account: str
    clock: Callable[[], int]
    things: dict[str, Thing] = field(default_factory=dict)
    events: list[Thing] = field(default_factory=list)
    made: int = 0

    def make(self, prefix: str, kind: str, **fields: Any) -> Thing:
        """A new thing, under an id that nothing else has."""
        self.made += 1
        name = f"{prefix}_{self.account.removeprefix('acct_')}{self.made:06}"
        made = {"id": name, "object": kind, "created": self.clock(), "livemode": False, **fields}
        self.things[name] = made
        return made

    def find(self, kind: str, name: str | None) -> Thing:
        """A thing of a kind. Raises Refused."""
        found = self.things.get(name or "")
        if found is None or found["object"] != kind:
            raise missing(kind)
        return found

    def all_of(self, kind: str) -> list[Thing]:
        """All of a kind, newest first."""
        return [one for one in reversed(self.things.values()) if one["object"] == kind]

    def tell(self, name: str, thing: Thing) -> None:
        """Notes an event, with the thing as it is at this moment."""
        event = self.make("evt", "event", type=name, api_version="2026-01-28.clover", pending_webhooks=1)
        event["data"] = {"object": copy.deepcopy(thing)}
        self.events.append(event)

    def book(self, kind: str, amount: int, source: str, fee: int = 0) -> Thing:
        """A line of the account's own books."""
        return self.make(
            "txn",
            "balance_transaction",
            type=kind,
            amount=amount,
            fee=fee,
            net=amount - fee,
            source=source,
            status="available",
        )

    @property
    def balance(self) -> int:
        """What the account may send."""
        return sum(one["net"] for one in self.all_of("balance_transaction"))


def fee_of(amount: int) -> int:
    """What the provider keeps of a collection."""
    return amount * FEE_THOUSANDTHS // 1000 + FEE_FIXED


def metadata_of(form: Mapping[str, Any]) -> dict[str, str]:
    """What a caller notes on a thing."""
    return {str(key): str(value) for key, value in (form.get("metadata") or {}).items()}
