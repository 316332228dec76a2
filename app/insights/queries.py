"""Reading of this room."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from typing import NamedTuple

from app.foundation.database.sql_arrays import id_array
from app.foundation.database.unit_of_work import UnitOfWork
from app.foundation.ids import hex_of
from app.insights.rules import Figure

_KEYS = {
    "hour": "to_char(day, 'YYYY-MM-DD') || 'T' || to_char(hour, 'FM00')",
    "day": "to_char(day, 'YYYY-MM-DD')",
    "month": "to_char(day, 'YYYY-MM')",
    "weekday": "extract(isodow FROM day)::text",
    "hour_of_day": "to_char(hour, 'FM00')",
    "store": "'str_' || replace(store_id::text, '-', '')",
}
_SUMS = """
    SELECT {key}, sum({above})::bigint, sum({below})::bigint, sum(member_sales)::bigint FROM store_hours
    WHERE district_id = %(district)s AND day >= %(first)s AND day <= %(last)s{of_stores}
    GROUP BY 1 ORDER BY 1
"""


class Sums(NamedTuple):
    """Of a figure: its numerator and denominator (None where it has none), and how many sales of members it is of."""

    above: int
    below: int | None
    member_sales: int

    def plus(self, other: Sums) -> Sums:
        """Both together."""
        below = None if self.below is None or other.below is None else self.below + other.below
        return Sums(self.above + other.above, below, self.member_sales + other.member_sales)


def version(uow: UnitOfWork) -> int | None:
    """Of the district's read models; None where nothing has been counted yet."""
    rows = uow.rows("SELECT version FROM read_models WHERE district_id = %s", (hex_of(uow.district_id),))
    return rows[0][0] if rows else None


def sums(
    uow: UnitOfWork, figure: Figure, by: str, first: date, last: date, store_ids: Collection[str] | None
) -> dict[str, Sums]:
    """What a figure is made of, by a group, from one local day to another, of some stores or (None) of all."""
    query = _SUMS.format(
        key=_KEYS[by],
        above=figure.above,
        below=figure.below or "NULL::bigint",
        of_stores="" if store_ids is None else " AND store_id = ANY(%(stores)s::uuid[])",
    )
    values = {"district": hex_of(uow.district_id), "first": first, "last": last}
    if store_ids is not None:
        values["stores"] = id_array(sorted(store_ids))
    return {key: Sums(*more) for key, *more in uow.rows(query, values)}
