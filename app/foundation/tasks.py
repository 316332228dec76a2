"""Jobs that keep the house."""

from __future__ import annotations

from datetime import timedelta

from app.foundation import outbox, relay
from app.foundation.tenancy import OPERATOR, system_principal
from app.foundation.unit_of_work import unit_of_work

DAYS_AHEAD = 7


def add_outbox_days() -> int:
    """Adds the outbox's partitions of the next days; gives how many were missing."""
    with unit_of_work(OPERATOR) as uow:
        today = uow.now.date()
        return sum(outbox.add_day(uow, today + timedelta(days=ahead)) for ahead in range(DAYS_AHEAD + 1))


def take_events(district_id: str, event_ids: list[str]) -> int:
    """Hands a batch of events to their subscribers; gives how many nobody had taken before."""
    with unit_of_work(system_principal(district_id)) as uow:
        return relay.take(uow, event_ids)
