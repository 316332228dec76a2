"""Jobs of this room."""

from __future__ import annotations

from app.districts.walking import in_every_district
from app.payments import sending


def send_payment(district_id: str, payment_id: str) -> bool:
    """Sends a payment, or looks up what became of it."""
    return sending.send(district_id, payment_id)


def send_due_payments() -> int:
    """Sends what is due, and looks up what isn't known, in every district; says how much new came out."""
    return in_every_district(sending.send_due)
