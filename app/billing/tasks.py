"""Jobs of this room."""

from __future__ import annotations

from app.billing import keeping
from app.districts.walking import in_every_district


def look_after(district_id: str) -> bool:
    """Looks after a district's subscription."""
    return keeping.look_after(district_id)


def look_after_all() -> int:
    """Looks after every district's subscription; says how many there are."""
    return in_every_district(keeping.look_after)
