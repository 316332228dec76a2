"""Jobs that keep the house."""

from __future__ import annotations

from datetime import timedelta

from app.foundation.database import outbox
from app.foundation.database.db import UNAVAILABLE
from app.foundation.database.unit_of_work import unit_of_work
from app.foundation.jobs import relay
from app.foundation.tenancy import OPERATOR, system_principal

DAYS_AHEAD = 7


def add_outbox_days() -> int:
    """Adds the outbox's partitions of the next days; gives how many were missing."""
    with unit_of_work(OPERATOR) as uow:
        today = uow.now.date()
        return sum(outbox.add_day(uow, today + timedelta(days=ahead)) for ahead in range(DAYS_AHEAD + 1))


def take_events(district_id: str, event_ids: list[str]) -> int:
    """Hands a batch of events to their subscribers; gives how many nobody had taken before.

    A batch at which a subscriber fails is taken in halves, so that one event holds up no other; the failure is raised.
    """
    try:
        with unit_of_work(system_principal(district_id)) as uow:
            return relay.hand_over(uow, event_ids)
    except UNAVAILABLE:
        raise
    except Exception:
        if len(event_ids) == 1:
            raise
    half = len(event_ids) // 2
    return _take_both(district_id, event_ids[:half], event_ids[half:])


def _take_both(district_id: str, first: list[str], second: list[str]) -> int:
    try:
        taken = take_events(district_id, first)
    except UNAVAILABLE:
        raise
    except Exception:
        take_events(district_id, second)
        raise
    return taken + take_events(district_id, second)
