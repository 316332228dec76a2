"""Jobs of this wing."""

from __future__ import annotations

from app.districts.walking import in_every_district
from app.settlement.accounts import credit, exits


def watch_credit() -> int:
    """Looks at credit limits in every district; says of how many merchants something has changed."""
    return in_every_district(credit.look)


def settle_exits() -> int:
    """Settles merchants that have left, in every district; says with how many something was done."""
    return in_every_district(exits.settle)
