"""Jobs of this wing."""

from __future__ import annotations

from app.coupons.vouchers.linking import link_in_district
from app.districts.walking import once_in_every_district


def link_evidence() -> int:
    """Gives evidence that waits its place in the chains of every district; gives how many rows these were."""
    return once_in_every_district(link_in_district)
