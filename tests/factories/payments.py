"""Payments, as an alliance books them, and a provider that answers as it is told."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from itertools import count
from typing import Any

from app.foundation.database.unit_of_work import unit_of_work
from app.foundation.tenancy import system_principal
from app.payments import services
from app.payments.port import Order, PaymentOutcome, ProviderEntry
from app.payments.queries import PartyOfPayment
from app.payments.rules import BY_HAND, Direction
from app.payments.services import WantedPayment
from tests.factories.api import Reply
from tests.factories.clock import SHANGHAI, now
from tests.factories.districts import District, Shop

_SLIPS = count(1)


def slip(amount: int, *, reference: str | None = None, at: datetime | None = None) -> dict[str, Any]:
    """A bank's slip of a transfer today, with a number of its own unless told otherwise."""
    day = (at or now()).astimezone(SHANGHAI).date().isoformat()
    return {"bank_reference": reference or f"B-{next(_SLIPS):06}", "booked_on": day, "amount": amount}


def draft(
    district: District,
    shop: Shop,
    amount: int,
    direction: Direction = "in",
    *,
    provider: str = BY_HAND,
    statement_id: str | None = None,
) -> str:
    """A payment of a shop, made as settlement makes them; its id. Call it inside the application."""
    party = PartyOfPayment("merchant", shop.merchant_id)
    with unit_of_work(system_principal(district.id)) as uow:
        wanted = WantedPayment(party, direction, amount, statement_id, provider=provider)
        return services.make(uow, wanted).id


def act(district: District, payment_id: str, verb: str, body: Mapping[str, Any] | None = None) -> Reply:
    """What the alliance does with a payment."""
    return district.api.post(f"/v1/payments/{payment_id}/{verb}", dict(body or {}), district.key)


def receive(district: District, body: Mapping[str, Any], *, key: str | None = None) -> Reply:
    """Books money that came in unasked."""
    return district.api.post("/v1/payments", dict(body), key or district.key)


def payment(district: District, payment_id: str) -> Any:
    """A payment as it is now."""
    return district.api.get(f"/v1/payments/{payment_id}", district.key).ok(200)


def payments(district: District, **query: str) -> list[Any]:
    """Payments, the first ones first."""
    asked = "&".join(["limit=100", *(f"{name}={value}" for name, value in query.items())])
    listed = district.api.get(f"/v1/payments?{asked}", district.key).ok(200)["data"]
    return list(reversed(listed))


@dataclass
class FakeProvider:
    """What the job of payments asks of a provider, which does each key once. `answers` says what comes next; what is left out is accepted at once.

    `lost` answers never reach us, though the money has moved.
    """

    answers: list[PaymentOutcome] = field(default_factory=list)
    done: dict[str, PaymentOutcome] = field(default_factory=dict)
    calls: list[str] = field(default_factory=list)
    lost: int = 0

    def collect(self, order: Order) -> PaymentOutcome:
        self.calls.append(order.key)
        if order.key not in self.done:
            known = self.answers.pop(0) if self.answers else PaymentOutcome("succeeded", f"ref-{order.key}")
            self.done[order.key] = known
        if self.lost:
            self.lost -= 1
            return PaymentOutcome("unknown")
        return self.done[order.key]

    def pay_out(self, order: Order) -> PaymentOutcome:
        return self.collect(order)

    def look_up(self, order: Order) -> PaymentOutcome | None:
        self.calls.append(f"look {order.key}")
        return self.done.get(order.key)

    def entries(self, since: datetime, until: datetime) -> Iterable[ProviderEntry]:
        return ()
