"""Reading tiers: their terms, what members bought by local day, and what they hold."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import Select, select

from app.districts import queries as districts
from app.foundation.database.parts import Asked
from app.foundation.database.sql_arrays import id_array, text_array
from app.foundation.database.unit_of_work import UnitOfWork
from app.foundation.ids import hex_of
from app.foundation.problems import NotFound
from app.points.tiers.models import TierRow
from app.points.tiers.rules import DayWindow, QualifiesBy, Tier, TierHold, TierState

_TIERS = f"""
    SELECT t.id, t.name, t.rank, t.qualifies_by, t.threshold, t.period_days, t.terms_at, ({districts.ZONE})
    FROM tiers AS t WHERE t.district_id = %(district)s ORDER BY t.rank DESC
"""
_SUMS = """
    SELECT m.member, s.* FROM unnest(%(members)s::uuid[]) AS m (member) CROSS JOIN LATERAL (
        SELECT coalesce(max(d.day), %(today)s::date) {sums} FROM member_days AS d
        WHERE d.district_id = %(district)s::uuid AND d.member_id = m.member AND d.day > %(first)s::date
    ) AS s
"""
_SUM = ", coalesce(sum(d.{kind}) FILTER (WHERE d.day > %(before{place})s::date), 0)::bigint"
_HOLDS = """
    SELECT member_id, tier_id, since, reached_on, qualifies_by, threshold, period_days FROM member_tiers
    WHERE district_id = %(district)s::uuid AND member_id = ANY(%(members)s::uuid[])
"""
_TOTALS = """
    SELECT coalesce(sum(CASE w.kind WHEN 'points_earned' THEN d.points_earned ELSE d.amount_spent END), 0)::bigint
    FROM unnest(%(members)s::uuid[], %(kinds)s::text[], %(before)s::date[], %(last)s::date[]) WITH ORDINALITY
        AS w (member, kind, before, last, place)
    LEFT JOIN member_days AS d
        ON d.district_id = %(district)s::uuid AND d.member_id = w.member AND d.day > w.before AND d.day <= w.last
    GROUP BY w.place ORDER BY w.place
"""
_OLDEST = """
    SELECT min(day) FROM member_days
    WHERE district_id = %(district)s AND member_id = %(member)s AND day > %(before)s
      AND CASE %(kind)s WHEN 'points_earned' THEN points_earned ELSE amount_spent END > 0
"""


_STANDING = """
    SELECT rung, count(*) FROM (
        SELECT max(array_position(%(ladder)s::uuid[], tier_id)) AS rung FROM member_tiers
        WHERE district_id = %(district)s GROUP BY member_id
    ) AS m GROUP BY rung
"""
_REACHING = """
    SELECT count(*) FROM (
        SELECT d.member_id FROM member_days AS d WHERE d.district_id = %(district)s AND d.day > %(before)s
        GROUP BY d.member_id
        HAVING sum(CASE %(kind)s WHEN 'points_earned' THEN d.points_earned ELSE d.amount_spent END) >= %(threshold)s
    ) AS m
"""


class Ladder(NamedTuple):
    """A district's tiers, the highest rank first, and the zone of its local days."""

    tiers: tuple[Tier, ...]
    zone: ZoneInfo

    @property
    def windows(self) -> tuple[DayWindow, ...]:
        """What has to be added up for its tiers."""
        return tuple(sorted({one.window for one in self.tiers}))


NO_TIERS = Ladder((), ZoneInfo("UTC"))


class DaySpan(NamedTuple):
    """Local days of a member, after `before` up to `last`, and what is to be added up in them."""

    member_id: str
    qualifies_by: QualifiesBy
    before: date
    last: date


def ladder(uow: UnitOfWork) -> Ladder:
    """The district's tiers."""
    rows = uow.rows(_TIERS, {"district": hex_of(uow.district_id)})
    tiers = tuple(Tier(f"tir_{tier_id}", *terms) for tier_id, *terms, _ in rows)
    return Ladder(tiers, ZoneInfo(rows[0][-1])) if rows else NO_TIERS


def tier_rows(uow: UnitOfWork) -> Select[TierRow]:
    """The district's tiers, as rows to show and to change."""
    return select(TierRow).where(TierRow.district_id == uow.district_id)


def tier_ids(uow: UnitOfWork) -> set[str]:
    """Ids of the district's tiers."""
    return {one.id for one in ladder(uow).tiers}


def standing(uow: UnitOfWork) -> dict[str, int]:
    """How many members have each tier as their highest, as the last review left it."""
    rising = [tier.id for tier in reversed(ladder(uow).tiers)]
    rows = uow.rows(_STANDING, {"district": hex_of(uow.district_id), "ladder": id_array(rising)})
    return {rising[rung - 1]: count for rung, count in rows}


def reaching(uow: UnitOfWork, window: DayWindow, threshold: int, today: date) -> int:
    """How many members bought enough for such terms up to a local day."""
    values = {"kind": window.qualifies_by, "threshold": threshold, "before": window.before(today)}
    [(count,)] = uow.rows(_REACHING, {"district": hex_of(uow.district_id), **values})
    return int(count)


def find_tier(uow: UnitOfWork, tier_id: str) -> TierRow:
    """Raises NotFound."""
    row = uow.session.scalars(tier_rows(uow).where(TierRow.id == tier_id)).one_or_none()
    if row is None:
        raise NotFound
    return row


@lru_cache(maxsize=256)
def _sums(kinds: tuple[QualifiesBy, ...]) -> str:
    sums = (_SUM.format(kind=kind, place=place) for place, kind in enumerate(kinds))
    return _SUMS.format(sums="".join(sums))


def ask_tier_states(
    uow: UnitOfWork, ladder: Ladder, member_ids: Sequence[str], today: date
) -> Asked[dict[str, TierState]]:
    """Sends the questions for what members bought and hold, as it is stored; call the result for the answer by id."""
    windows, district, members = ladder.windows, hex_of(uow.district_id), id_array(member_ids)
    before = {f"before{place}": one.before(today) for place, one in enumerate(windows)}
    values = {"district": district, "members": members, "today": today, "first": min(before.values()), **before}
    sums = uow.execute(_sums(tuple(one.qualifies_by for one in windows)), values)
    holds = uow.execute(_HOLDS, {"district": district, "members": members})

    def answer() -> dict[str, TierState]:
        found = {
            f"mem_{member}": TierState(ladder.tiers, today, {}, dict(zip(windows, totals, strict=True)), latest)
            for member, latest, *totals in sums.fetchall()
        }
        for member, tier, *terms in holds.fetchall():
            found[f"mem_{member}"].holds[f"tir_{tier}"] = TierHold(f"tir_{tier}", *terms)
        return found

    return answer


def totals(uow: UnitOfWork, spans: Sequence[DaySpan]) -> list[int]:
    """What was bought in spans of days, in their order."""
    if not spans:
        return []
    values = {
        "district": hex_of(uow.district_id),
        "members": id_array([one.member_id for one in spans]),
        "kinds": text_array([one.qualifies_by for one in spans]),
        "before": text_array([one.before.isoformat() for one in spans]),
        "last": text_array([one.last.isoformat() for one in spans]),
    }
    return [total for (total,) in uow.rows(_TOTALS, values)]


def oldest_day(uow: UnitOfWork, member_id: str, window: DayWindow, today: date) -> date | None:
    """The first local day in a window up to today on which a member bought what counts."""
    values = {
        "district": hex_of(uow.district_id),
        "member": hex_of(member_id),
        "before": window.before(today),
        "kind": window.qualifies_by,
    }
    found: date | None = uow.rows(_OLDEST, values)[0][0]
    return found
