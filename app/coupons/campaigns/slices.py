"""What is counted of a campaign, in SLICES rows of which only the sum counts: so no two who count wait for each other."""

from __future__ import annotations

from app.foundation.database.unit_of_work import UnitOfWork
from app.foundation.ids import hex_of

SLICES = 16
_OPEN = """
    INSERT INTO campaign_slices (district_id, campaign_id, slice)
    VALUES (%(district)s::uuid, %(campaign)s::uuid, generate_series(0, %(last)s::int))
"""


def open_slices(uow: UnitOfWork, campaign_id: str) -> None:
    """Starts to count what is issued of a campaign."""
    uow.write(_OPEN, {"campaign": hex_of(campaign_id), "last": SLICES - 1})
