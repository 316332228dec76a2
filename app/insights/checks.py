"""What must hold between read models and the books."""

from __future__ import annotations

from app.foundation.checks import Check
from app.foundation.database.outbox import WAITING
from app.insights import kept
from app.insights.kept import MEMBER_FACTS, STORE_DAYS, STORE_HOURS, Kept

_BOOKS = """
    WITH told AS ({told}), counted AS ({counted}),
    shown AS (
        SELECT concat_ws(' ', {keys}) AS what, concat_ws(' ', {in_told}) AS told, concat_ws(' ', {in_counted}) AS counted
        FROM told AS t FULL JOIN counted AS c USING ({names})
    )
    SELECT '{table} ' || what, told, counted FROM shown
    WHERE told <> counted AND EXISTS (SELECT FROM read_models WHERE district_id = %(district)s)
"""
_ALL = "(SELECT * FROM {table} WHERE district_id = %(district)s)"
_WHOSE_NOW = """
    (SELECT coalesce(m.merged_into, m.id) AS member_id, f.sales, f.net_amount, f.last_on
     FROM member_facts AS f JOIN members AS m ON m.district_id = f.district_id AND m.id = f.member_id
     JOIN members AS s ON s.district_id = m.district_id AND s.id = coalesce(m.merged_into, m.id) AND s.status <> 'erased'
     WHERE f.district_id = %(district)s)
"""
"""What is kept of members, as it will be when those who went have been followed."""


def _check(one: Kept, what: str, told: str, counted: str) -> Check:
    keys = ", ".join(one.keys)
    shown = {
        row: ", ".join(
            [f"coalesce({row}.{name}, 0)" for name in one.totals] + ([f"{row}.{one.latest}"] if one.latest else [])
        )
        for row in ("t", "c")
    }
    return Check(
        f"what is kept of {one.holds}{what}",
        f"SELECT count(*) FROM {one.table} WHERE district_id = %(district)s",
        _BOOKS.format(
            told=one.summed(told),
            counted=one.summed(counted),
            keys=keys,
            names=keys,
            in_told=shown["t"],
            in_counted=shown["c"],
            table=one.table,
        ),
    )


def _of_books(one: Kept) -> Check:
    """That what is kept, with what nobody has taken yet, is what the books say."""
    names = ", ".join(one.columns)
    rows = _WHOSE_NOW if one is MEMBER_FACTS else _ALL.format(table=one.table)
    told = f"SELECT {names} FROM {rows} AS k UNION ALL SELECT {names} FROM ({one.moves(WAITING)}) AS w"
    return _check(one, ", with what nobody has taken yet, is what the books say", told, one.counted)


CHECKS = (
    *(_of_books(one) for one in kept.ALL if one is not STORE_DAYS),
    _check(
        STORE_DAYS,
        " is the sum of their hours",
        _ALL.format(table=STORE_DAYS.table),
        _ALL.format(table=STORE_HOURS.table),
    ),
)
