"""What Stripe tells of payments: the try that an event is about is found by what we noted on it, and its outcome is fetched."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from stripe import InvalidRequestError

from app.foundation.database.unit_of_work import UnitOfWork, retrying, unit_of_work
from app.foundation.problems import NotFound
from app.foundation.tenancy import system_principal
from app.payments import queries, services
from app.payments.models import PaymentAttempt, PaymentRow
from app.payments.port import PaymentOutcome
from app.payments.stripe import outcomes
from app.payments.stripe.adapter import ORDER, Stripe
from app.payments.stripe.queries import STRIPE
from app.payments.stripe.taking import ToldEvent

ATTEMPTS = 10
_ORDER = re.compile(r"(pay_[0-9a-f]{32}):([1-9][0-9]{0,8})")
Step = Callable[[UnitOfWork, PaymentRow, PaymentAttempt], object]


def take_event(told: ToldEvent, stripe: Stripe) -> None:
    """Moves the payment that an event is about, forwards only. Raises StripeError."""
    kind = told.object_id.split("_")[0]
    if kind not in ("pi", "tr", "ch"):
        return
    made = _fetched(kind, told.object_id, stripe)
    found = _ORDER.fullmatch(str(getattr(made.metadata, ORDER, ""))) if made is not None else None
    if found is not None:
        step = _step_of(kind, made)
        retrying(ATTEMPTS, lambda: _move(told.district_id, found[1], int(found[2]), step))


def _fetched(kind: str, object_id: str, stripe: Stripe) -> Any:
    """What there is under an id; a charge stands for the collection that made it. None where there is nothing."""
    client = stripe.client.v1
    try:
        if kind == "tr":
            return client.transfers.retrieve(object_id)
        if kind == "ch":
            intent = client.charges.retrieve(object_id).payment_intent
            object_id = intent if isinstance(intent, str) else getattr(intent, "id", "")
        return client.payment_intents.retrieve(object_id, {"expand": ["latest_charge"]}) if object_id else None
    except InvalidRequestError:
        return None


def _step_of(kind: str, made: Any) -> Step:
    if kind == "tr":
        outcome = PaymentOutcome("succeeded", made.id)
        return _returned(outcome) if made.reversed else _came_to(outcome)
    outcome = outcomes.of_intent(made)
    return _returned(outcome) if getattr(made.latest_charge, "refunded", False) else _came_to(outcome)


def _came_to(outcome: PaymentOutcome) -> Step:
    return lambda uow, row, attempt: services.take_outcome(uow, row, attempt, outcome)


def _returned(outcome: PaymentOutcome) -> Step:
    def step(uow: UnitOfWork, row: PaymentRow, attempt: PaymentAttempt) -> None:
        services.take_outcome(uow, row, attempt, outcome)
        services.give_back(uow, row, attempt)

    return step


def _move(district_id: str, payment_id: str, number: int, step: Step) -> None:
    with unit_of_work(system_principal(district_id)) as uow:
        try:
            row = queries.find_payment(uow, payment_id, lock=True)
            attempt = queries.find_attempt(uow, row.id, number)
        except NotFound:
            return  # of another installation that has the same account
        if attempt.provider == STRIPE:
            step(uow, row, attempt)
