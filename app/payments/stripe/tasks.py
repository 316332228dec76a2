"""Jobs of this wing."""

from __future__ import annotations

from app.districts.walking import in_every_district, once_in_every_district
from app.payments.stripe import services, taking


def take_event(district_id: str, account: str, event_id: str) -> bool:
    """Looks at an event of Stripe's."""
    return taking.take(district_id, account, event_id)


def take_waiting_events() -> int:
    """Looks at events whose job was lost or has failed, in every district and the operator's; says how many are done."""
    return in_every_district(taking.take_waiting, operator_too=True)


def forget_old_events() -> int:
    """Forgets events that nobody tells again."""
    return once_in_every_district(services.forget_old, operator_too=True)
