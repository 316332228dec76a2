"""Jobs of this wing."""

from __future__ import annotations

from app.districts.walking import in_every_district
from app.settlement.paying import services


def make_payments() -> int:
    """Makes the payments that are due in every district; says how many."""
    return in_every_district(services.make_in_district)
