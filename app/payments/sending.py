"""Payments sent through providers: the try is committed, the provider is called, what it answers is noted.

Whoever dies in between is followed by another, who first asks what became of the order and sends it again only where it never
arrived, under the same key.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from app.foundation.apart import each_apart
from app.foundation.database.unit_of_work import UnitOfWork, retrying, unit_of_work
from app.foundation.jobs.queue import Job
from app.foundation.tenancy import system_principal
from app.payments import queries, services
from app.payments.models import PaymentAttempt, PaymentRow
from app.payments.port import Order, PaymentOutcome, Provider
from app.payments.rules import may

PROVIDERS: dict[str, Callable[[UnitOfWork], Provider]] = {}
"""By name, what gives a district's adapter: it reads credentials, and calls nobody. `app/wiring.py` fills it."""
ATTEMPTS = 10
MOST_AT_ONCE = 500


def job_of(district_id: str, payment_id: str) -> Job:
    """The job that sends a payment."""
    return Job("app.payments.tasks.send_payment", (district_id, payment_id))


def send(district_id: str, payment_id: str) -> bool:
    """Sends a payment, or looks up what became of it; says whether anything new came out."""
    begun = retrying(ATTEMPTS, lambda: _begin(district_id, payment_id))
    if begun is None:
        return False
    provider, direction, order, is_new = begun
    told = _ask(provider, direction, order, is_new=is_new)
    return retrying(ATTEMPTS, lambda: _note(district_id, order, told))


def _begin(district_id: str, payment_id: str) -> tuple[Provider, str, Order, bool] | None:
    """Commits a try before the call. None where nothing is to be sent."""
    with unit_of_work(system_principal(district_id)) as uow:
        row = queries.find_payment(uow, payment_id)
        if row.direction == "out":
            queries.lock_cash(uow)
        row = queries.find_payment(uow, payment_id, lock=True)
        if row.provider not in PROVIDERS:
            return None
        attempt, is_new = queries.open_attempt(uow, row), False
        if attempt is None:
            if not _is_due(uow, row):
                return None
            attempt, is_new = services.begin_attempt(uow, row, row.provider), True
        elif attempt.provider not in PROVIDERS:
            return None
        return PROVIDERS[attempt.provider](uow), row.direction, order_of(row, attempt), is_new


def _is_due(uow: UnitOfWork, row: PaymentRow) -> bool:
    """Whether a payment is to be tried now: payouts wait for their cash."""
    if row.state == "failed" and (row.retry_at is None or row.retry_at > uow.now):
        return False
    if not may("send", row.state):
        return False
    return row.direction == "in" or row.amount <= queries.cash(uow)


def order_of(row: PaymentRow, attempt: PaymentAttempt) -> Order:
    """What a provider is asked for. Its metadata are what it is found by, when its answer was lost."""
    named = {"district_id": row.district_id, "payment_id": row.id, "attempt": str(attempt.number)}
    return Order(row.id, attempt.number, row.amount, row.currency, row.customer, named)


def _ask(provider: Provider, direction: str, order: Order, *, is_new: bool) -> PaymentOutcome:
    if not is_new and (known := provider.look_up(order)) is not None:
        return known
    return provider.collect(order) if direction == "in" else provider.pay_out(order)


def _note(district_id: str, order: Order, told: PaymentOutcome) -> bool:
    with unit_of_work(system_principal(district_id)) as uow:
        row = queries.find_payment(uow, order.payment_id, lock=True)
        return services.take_outcome(uow, row, queries.find_attempt(uow, row.id, order.attempt), told)


def send_due(district_id: str) -> int:
    """Sends what is due in a district: new payments, those to be tried again, those of unknown outcome; says how many."""
    with unit_of_work(system_principal(district_id)) as uow:
        due = queries.due_calls(uow, MOST_AT_ONCE)
    return each_apart(send, ((district_id, payment_id) for payment_id in due))


def next_at(uow: UnitOfWork) -> datetime | None:
    """When the next payment is tried again by itself."""
    return queries.next_retry(uow)
