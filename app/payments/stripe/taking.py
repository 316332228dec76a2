"""What a job does with an event: whoever it concerns fetches what it is about, and moves its own state forwards only.

Events come twice, late and out of order, and before we have noted the answer of the call that made them: so none of what they say
is believed but that something has changed.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from stripe import StripeError

from app.foundation.apart import each_apart
from app.foundation.database.unit_of_work import unit_of_work
from app.foundation.jobs.queue import Job
from app.foundation.problems import NotFound
from app.foundation.tenancy import system_principal
from app.payments.stripe import queries, services
from app.payments.stripe.adapter import Stripe

MOST_AT_ONCE = 200


@dataclass(frozen=True, slots=True)
class ToldEvent:
    """An event: of whose account, of which type, about what."""

    district_id: str
    type: str
    object_id: str


WHO_TAKES: list[Callable[[ToldEvent, Stripe], None]] = []
"""Whom events concern; `app/wiring.py` fills it. They open their own units of work, and may do a thing again. Raise StripeError."""


def job_of(district_id: str, account: str, event_id: str) -> Job:
    """The job that looks at an event."""
    return Job("app.payments.stripe.tasks.take_event", (district_id, account, event_id))


def take(district_id: str, account: str, event_id: str) -> bool:
    """Looks at an event that waits; says whether it is done. One that fails is looked at again, less and less often."""
    principal = system_principal(district_id)
    with unit_of_work(principal) as uow:
        row = queries.find_event(uow, account, event_id, lock=True)
        if row is None or row.look_at is None or row.look_at > uow.real_now:
            return False
        services.put_off(uow, row)
        told = ToldEvent(district_id, row.type, row.object_id)
        try:
            stripe = queries.stripe_of(uow)
        except NotFound:  # the account was taken away
            return False
    try:
        for one in WHO_TAKES:
            one(told, stripe)
    except StripeError:
        return False
    with unit_of_work(principal) as uow:
        services.finish(uow, account, event_id)
    return True


def take_waiting(district_id: str) -> int:
    """Looks at what waits in a district; says how many events are done."""
    with unit_of_work(system_principal(district_id)) as uow:
        waiting = queries.waiting_events(uow, MOST_AT_ONCE)
    return each_apart(take, ((district_id, *one) for one in waiting))
