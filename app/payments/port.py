"""The port to whoever moves money: a provider over HTTP, a bank's files, a person. Nothing of it runs in a unit of work.

Amounts in minor units, above 0. A call never raises for what the other side may have done: where its answer is lost, the outcome
is `unknown`, and the order is looked up before its key is used again.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, Protocol

PaymentOutcomeState = Literal["accepted", "succeeded", "failed", "unknown"]
OUTCOMES: tuple[PaymentOutcomeState, ...] = ("accepted", "succeeded", "failed", "unknown")
ProviderEntryKind = Literal["collection", "payout", "reversal", "fee", "other"]


@dataclass(frozen=True, slots=True)
class Payer:
    """Who pays or is paid, as a provider gets to know it: an id of ours and a name to show."""

    id: str
    name: str


@dataclass(frozen=True, slots=True)
class Mandate:
    """How a customer allows collections: a page to send it to, or a secret for a page of ours."""

    reference: str
    url: str | None = None
    secret: str | None = None


@dataclass(frozen=True, slots=True)
class Order:
    """One attempt at one payment. `key` is the same however often it is sent; `metadata` is what it is looked up by."""

    payment_id: str
    attempt: int
    amount: int
    currency: str
    customer: str | None = None
    metadata: Mapping[str, str] = field(default_factory=dict)

    @property
    def key(self) -> str:
        """Under which a provider does it once."""
        return f"{self.payment_id}:{self.attempt}"


@dataclass(frozen=True, slots=True)
class PaymentOutcome:
    """What became of an order. `accepted`: it is under way, and will be told later. `final`: a failure that no retry mends."""

    state: PaymentOutcomeState
    reference: str | None = None
    code: str | None = None
    final: bool = False


@dataclass(frozen=True, slots=True)
class ProviderEvent:
    """That something of a provider's has changed: never what it is now, which is fetched."""

    id: str
    type: str
    account: str | None
    object_id: str
    is_live: bool
    metadata: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ProviderEntry:
    """A line of a provider's books: `net` is what reached the account, `amount` less `fee`; below 0 where money left."""

    reference: str
    amount: int
    fee: int
    net: int
    booked_at: datetime
    kind: ProviderEntryKind


class Provider(Protocol):
    """What an adapter does."""

    def ensure_customer(self, party: Payer) -> str:
        """The provider's name for a party, made where there is none yet."""

    def begin_mandate(self, customer: str) -> Mandate:
        """Begins to ask a customer for the permission to collect."""

    def collect(self, order: Order) -> PaymentOutcome:
        """Takes money from the customer."""

    def pay_out(self, order: Order) -> PaymentOutcome:
        """Sends money to the customer."""

    def reverse(self, order: Order, reference: str) -> PaymentOutcome:
        """Gives back what an order moved, or takes back what it paid out."""

    def look_up(self, order: Order) -> PaymentOutcome | None:
        """What became of an order whose answer was lost, by its metadata; None where it never arrived."""

    def read_event(self, raw: bytes, headers: Mapping[str, str], now: datetime) -> ProviderEvent:
        """An event, verified on its raw bytes. Raises ValueError for what isn't the provider's."""

    def entries(self, since: datetime, until: datetime) -> Iterable[ProviderEntry]:
        """The provider's books of a time, for reconciliation."""
