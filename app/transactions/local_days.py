"""The local day of sales in SQL, by the rules of time zones that everything else here goes by.

PostgreSQL has a database of time zones of its own, which may be older or newer than ours: `AT TIME ZONE` with a zone's
name would now and then give another day than the one under which a sale was counted.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from app.foundation.clock import Shift, shifts
from app.foundation.database.sql_arrays import instant_array, number_array, rows_of
from app.foundation.database.unit_of_work import UnitOfWork
from app.foundation.ids import hex_of
from app.transactions.times import EARLIEST

_SHIFTS = rows_of(shift_since="timestamptz", shift_until="timestamptz", shift_seconds="bigint")
WITH_SHIFT = f"JOIN {_SHIFTS} AS z ON t.occurred_at >= z.shift_since AND t.occurred_at < z.shift_until"
"""Joins sales `t` with how far the local clock is from UTC; needs the parameters of `shifts_of_sales`."""
_LOCAL = "((t.occurred_at AT TIME ZONE 'UTC') + z.shift_seconds * interval '1 second')"
LOCAL_DAY, LOCAL_HOUR = f"{_LOCAL}::date", f"extract(hour FROM {_LOCAL})::smallint"
_SPAN = "SELECT min(occurred_at), max(occurred_at) FROM transactions WHERE district_id = %s"


def shifts_of_sales(uow: UnitOfWork, zone: ZoneInfo) -> dict[str, Any]:
    """The parameters of WITH_SHIFT: they cover all sales that this transaction sees."""
    [(first, last)] = uow.rows(_SPAN, (hex_of(uow.district_id),))
    return _parameters(shifts(zone, first or uow.now, last or uow.now))


@lru_cache(maxsize=256)
def shifts_of_all(zone: ZoneInfo, today: date) -> dict[str, Any]:
    """The same without a question: they cover every sale that may be reported until a day (UTC) is over."""
    return _parameters(shifts(zone, EARLIEST, datetime.combine(today, time(), UTC) + timedelta(days=2)))


def _parameters(spans: Sequence[Shift]) -> dict[str, Any]:
    return {
        "shift_since": instant_array([span.since for span in spans]),
        "shift_until": instant_array([span.until for span in spans]),
        "shift_seconds": number_array([span.seconds for span in spans]),
    }
