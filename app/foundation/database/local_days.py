"""The local day and hour of instants in SQL, by the rules of time zones that everything else here goes by.

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

EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)
"""Nothing that is recorded happened before."""
_MOST_AHEAD = timedelta(days=1_100)
"""By how much who recorded something may have been ahead of who reads it: a sandbox goes three years at once."""
_SHIFTS = rows_of(shift_since="timestamptz", shift_until="timestamptz", shift_seconds="bigint")


def with_shift(column: str) -> str:
    """Joins how far the local clock is from UTC (`z`) at an instant; needs the parameters of `shifts_of_all`."""
    return f"JOIN {_SHIFTS} AS z ON {column} >= z.shift_since AND {column} < z.shift_until"


def local_day(column: str) -> str:
    """The local day of an instant, beside `with_shift`."""
    return f"{_local(column)}::date"


def local_hour(column: str) -> str:
    """The hour of its local day."""
    return f"extract(hour FROM {_local(column)})::smallint"


def _local(column: str) -> str:
    return f"(({column} AT TIME ZONE 'UTC') + z.shift_seconds * interval '1 second')"


@lru_cache(maxsize=256)
def shifts_of_all(zone: ZoneInfo, today: date) -> dict[str, Any]:
    """The parameters of `with_shift` for all that may have happened until a day (UTC), by whatever clock of ours."""
    return shift_parameters(shifts(zone, EARLIEST, datetime.combine(today, time(), UTC) + _MOST_AHEAD))


def shift_parameters(spans: Sequence[Shift]) -> dict[str, Any]:
    """The parameters of `with_shift` for some spans."""
    return {
        "shift_since": instant_array([span.since for span in spans]),
        "shift_until": instant_array([span.until for span in spans]),
        "shift_seconds": number_array([span.seconds for span in spans]),
    }
