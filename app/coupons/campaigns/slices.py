"""What is counted of a campaign, in SLICES rows of which only the sum counts: so no two who count wait for each other."""

from __future__ import annotations

import random

from app.foundation.database.sql_arrays import number_array, unnested
from app.foundation.database.unit_of_work import UnitOfWork
from app.foundation.ids import hex_of

SLICES = 16
_OPEN = f"""
    INSERT INTO campaign_slices (district_id, campaign_id, slice)
    VALUES (%(district)s::uuid, %(campaign)s::uuid, {unnested(numbers="smallint")})
"""


def any_slice() -> int:
    """The number of one of them, whichever."""
    [number] = random.sample(range(SLICES), 1)
    return number


def open_slices(uow: UnitOfWork, campaign_id: str) -> None:
    """Starts to count what is issued of a campaign."""
    uow.write(_OPEN, {"campaign": hex_of(campaign_id), "numbers": number_array(list(range(SLICES)))})
