"""What journals change of the points that members hold: on which local day, of which end, and whose points are spent where; for
read models, which others keep.

A journal never changes, so the order in which journals are counted doesn't matter. Rows aren't summed; `journals` is a
question for their ids; all needs the parameters of `shifts_of_all`.
"""

from __future__ import annotations

from app.foundation.database.local_days import local_day, with_shift
from app.ledger.queries import MOVEMENTS

DAY_TOTALS = ("points_adjusted", "points_expired", "points_change")
"""Of a local day, by when it was recorded: given and taken by hand, ended, and all that members hold more or less."""
_MOVES = f"""
    SELECT {local_day("m.recorded_at")} AS day, coalesce(l.expires_at, 'infinity') AS ends_at, m.code,
           coalesce(l.merchant_id, m.district_id) AS issuer_id, m.other_owner_id AS accepted_by, m.amount::bigint AS points
    FROM ({MOVEMENTS}) AS m
    JOIN lots AS l ON l.district_id = %(district)s::uuid AND l.id = m.subject_id {with_shift("m.recorded_at")}
    WHERE m.code <> 'merge'
"""
_OF = "AND m.journal_id IN ({journals})"
_DAYS = f"""
    SELECT day, CASE WHEN code = 'adjust' THEN points ELSE 0 END AS points_adjusted,
           CASE WHEN code = 'expire' THEN -points ELSE 0 END AS points_expired, points AS points_change
    FROM ({_MOVES} {{of}}) AS d
"""
_ENDS = f"SELECT ends_at, points FROM ({_MOVES} {_OF}) AS e"
_FLOWS = f"""
    SELECT day, issuer_id, accepted_by, -points AS points FROM ({_MOVES} {{of}}) AS f WHERE code IN ('spend', 'restore')
"""
DAYS_COUNTED = _DAYS.format(of="")
FLOWS_COUNTED = _FLOWS.format(of="")
ENDS_COUNTED = """
    SELECT coalesce(expires_at, 'infinity') AS ends_at, remaining AS points FROM lots
    WHERE district_id = %(district)s::uuid AND remaining > 0
"""


def days(journals: str) -> str:
    """What journals change of local days."""
    return _DAYS.format(of=_OF.format(journals=journals))


def ends(journals: str) -> str:
    """What journals change of the points that end at an instant (`infinity` for never)."""
    return _ENDS.format(journals=journals)


def flows(journals: str) -> str:
    """Points that journals spend, or give back as they were spent: by who issued them, a merchant or the district, and who
    accepted them.
    """
    return _FLOWS.format(of=_OF.format(journals=journals))
