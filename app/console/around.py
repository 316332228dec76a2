"""What pages say of a district: its clock, its money, and which day it is there."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

from app.districts import queries as districts
from app.foundation.database.unit_of_work import UnitOfWork


def around(uow: UnitOfWork) -> dict[str, Any]:
    """How a page writes instants, days and sums."""
    district = districts.district(uow)
    today = uow.now.astimezone(ZoneInfo(district.time_zone)).date()
    return {"zone": district.time_zone, "currency": district.currency, "today": today}
