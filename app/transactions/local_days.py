"""The local day and hour of sales in SQL."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

from app.foundation.clock import shifts
from app.foundation.database.local_days import local_day, local_hour, shift_parameters, with_shift
from app.foundation.database.unit_of_work import UnitOfWork
from app.foundation.ids import hex_of

WITH_SHIFT = with_shift("t.occurred_at")
"""Joins sales `t` with how far the local clock is from UTC; needs the parameters of `shifts_of_sales`."""
LOCAL_DAY, LOCAL_HOUR = local_day("t.occurred_at"), local_hour("t.occurred_at")
_SPAN = "SELECT min(occurred_at), max(occurred_at) FROM transactions WHERE district_id = %s"


def shifts_of_sales(uow: UnitOfWork, zone: ZoneInfo) -> dict[str, Any]:
    """The parameters of WITH_SHIFT: they cover all sales that this transaction sees."""
    [(first, last)] = uow.rows(_SPAN, (hex_of(uow.district_id),))
    return shift_parameters(shifts(zone, first or uow.now, last or uow.now))
