"""Rows of read models, written in sets."""

from __future__ import annotations

from collections.abc import Sequence

from app.foundation.database.sql_arrays import id_array, number_array, text_array, unnested
from app.foundation.database.unit_of_work import UnitOfWork
from app.foundation.ids import hex_of
from app.transactions.moves import TOTALS, Hour

_COLUMNS = ("store_id", "day", "hour", *TOTALS)
_TYPES = {"store_id": "uuid", "day": "date", "hour": "smallint", **dict.fromkeys(TOTALS, "bigint")}
_ADD = f"""
    INSERT INTO store_hours (district_id, {", ".join(_COLUMNS)})
    VALUES (%(district)s::uuid, {unnested(**_TYPES)})
    ON CONFLICT (district_id, store_id, day, hour) DO UPDATE
    SET {", ".join(f"{name} = store_hours.{name} + excluded.{name}" for name in TOTALS)}
"""

_SET_VERSION = """
    INSERT INTO read_models (district_id, version, counted_at) VALUES (%(district)s::uuid, %(version)s, %(now)s)
    ON CONFLICT (district_id) DO UPDATE SET version = excluded.version, counted_at = excluded.counted_at
"""


def set_version(uow: UnitOfWork, version: int) -> None:
    """Says that the read models are of this version from now on."""
    uow.write(_SET_VERSION, {"version": version})


def add_hours(uow: UnitOfWork, hours: Sequence[Hour]) -> int:
    """Adds to the totals of stores' hours, given in their order, in which they are locked; gives their number."""
    if not hours:
        return 0
    totals = zip(*(hour.totals for hour in hours), strict=True)
    uow.write(
        _ADD,
        {
            "store_id": id_array([hour.store_id for hour in hours]),
            "day": text_array([hour.day.isoformat() for hour in hours]),
            "hour": number_array([hour.hour for hour in hours]),
            **dict(zip(TOTALS, map(number_array, totals), strict=True)),
        },
    )
    return len(hours)


def clear(uow: UnitOfWork) -> None:
    """Empties the read models of the district."""
    uow.execute("DELETE FROM store_hours WHERE district_id = %s", (hex_of(uow.district_id),))
