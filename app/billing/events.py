"""What happens in billing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from app.foundation.database.outbox import Event


@dataclass(frozen=True, slots=True)
class BillingChanged(Event):
    """What the district pays the operator stands otherwise now: trialing, active, past_due, limited (the console only shows) or ended. Trade goes on in each."""

    type: ClassVar[str] = "billing.changed"
    plan_id: str
    status: str
    previous_status: str
