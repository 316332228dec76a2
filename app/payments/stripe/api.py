"""`/v1/payment-provider`, and `/v1/provider-events`, which Stripe calls."""

from __future__ import annotations

from typing import Any

from app.foundation.database.unit_of_work import UnitOfWork
from app.foundation.http.answers import Answer
from app.foundation.http.routing import ANYONE, Call, Routes
from app.foundation.tenancy import NOBODY, Principal
from app.payments.stripe import answers, schemas, services, taking
from app.payments.stripe.errors import EventNotVerified
from app.payments.stripe.present import show_provider
from app.payments.stripe.queries import STRIPE

provider = Routes("payment_provider", __name__, url_prefix="/v1/payment-provider")
events = Routes("provider_events", __name__, url_prefix="/v1/provider-events")
ROOMS = (provider, events)


@provider.serve("GET", "", scope="settlement:read", alliance_only=True, answers={200: answers.PROVIDER})
def get_provider(uow: UnitOfWork, call: Call) -> Answer:
    """Read which account at Stripe moves the district's money."""
    return Answer(show_provider(uow))


def _again(uow: UnitOfWork, _stored: dict[str, Any]) -> dict[str, Any]:
    return show_provider(uow)


@provider.serve(
    "POST",
    "",
    scope="keys:write",
    alliance_only=True,
    step_up=True,
    body=schemas.ProviderBody(),
    answers={200: answers.PROVIDER},
    replay=_again,
    audit="payment_provider.set",
)
def set_provider(uow: UnitOfWork, call: Call) -> Answer:
    """Set the account at Stripe that moves the district's money, and the secrets that open it. They are sealed and never shown.

    Set again with another `webhook_secret`, events that the one before has signed are taken too.
    """
    services.set_account(uow, **call.body)
    return Answer(show_provider(uow), stored={}, audited={"provider": STRIPE})


def _teller(told: dict[str, Any]) -> Principal:
    return Principal("visitor", f"key_{NOBODY}", told["endpoint"])


@events.serve(
    "POST",
    "/<dis:endpoint>",
    scope=ANYONE,
    visitor=_teller,
    raw=True,
    answers={200: answers.RECEIVED},
    problems=(EventNotVerified,),
)
def take_provider_event(uow: UnitOfWork, call: Call, endpoint: str) -> Answer:
    """Take an event from the payment provider: signed by it, in the bytes that come, within five minutes.

    It is kept once, however often it is told, and answered at once (`received` is false where it was told before); what it is about
    is asked for afterwards.
    """
    kept = services.keep_event(uow, call.raw, call.headers)
    jobs = () if kept is None else (taking.job_of(endpoint, *kept),)
    return Answer({"object": "provider_event", "received": kept is not None}, jobs=jobs)
