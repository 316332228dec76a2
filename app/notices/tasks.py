"""Jobs of this room."""

from __future__ import annotations

from app.districts.walking import once_in_every_district
from app.notices import services


def forget_old_notices() -> int:
    """Forgets what members were told more than 400 days ago, in every district; says how many."""
    return once_in_every_district(services.forget_older)
