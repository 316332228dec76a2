"""Tiers reviewed in sets: members whose hold has ended, and those whom changed terms let reach a tier.

Nobody's tier waits for it: whoever asks sees what it would find. It tells of it, with events. It walks the members in the
order of their ids, some thousands in one commit, and can stop and begin again anywhere.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from app.districts import queries as districts
from app.districts.queries import ask_revision
from app.foundation.clock import start_of_day
from app.foundation.database.unit_of_work import UnitOfWork
from app.foundation.ids import hex_of
from app.points.purses import queries
from app.points.tiers import queries as tier_queries
from app.points.tiers.member_tiers import TierStates
from app.points.tiers.queries import Ladder
from app.points.tiers.rules import Tier

MEMBERS_A_SET = 2_000
NOBODY = "mem_" + "0" * 32
_ENDED = """
    SELECT DISTINCT member_id FROM member_tiers
    WHERE district_id = %(district)s AND member_id > %(after)s AND ends_on <= %(today)s
    ORDER BY member_id LIMIT %(most)s
"""
_REACHING = """
    SELECT d.member_id FROM member_days AS d
    WHERE d.district_id = %(district)s AND d.member_id > %(after)s AND d.day > %(before)s
      AND NOT EXISTS (SELECT FROM member_tiers AS h WHERE h.district_id = %(district)s AND h.member_id = d.member_id
                        AND h.tier_id = %(tier)s)
    GROUP BY d.member_id
    HAVING sum(CASE %(kind)s WHEN 'points_earned' THEN d.points_earned ELSE d.amount_spent END) >= %(threshold)s
    ORDER BY d.member_id LIMIT %(most)s
"""
_CHANGED = "SELECT id FROM tiers WHERE district_id = %s AND reviewed_at IS NULL"
_REVIEWED = "UPDATE tiers SET reviewed_at = %s WHERE district_id = %s AND id = ANY(%s::uuid[])"
_NEXT_END = "SELECT min(ends_on) FROM member_tiers WHERE district_id = %s AND ends_on > %s"


def next_at(uow: UnitOfWork) -> datetime | None:
    """The start of the next local day on which a hold ends."""
    zone = ZoneInfo(districts.district(uow).time_zone)
    [(ends_on,)] = uow.rows(_NEXT_END, (hex_of(uow.district_id), uow.now.astimezone(zone).date()))
    return start_of_day(ends_on, zone) if ends_on else None


def review_holds(uow: UnitOfWork, after: str = NOBODY) -> str | None:
    """Looks at the next members after one; gives the last of them, or None when nobody is left.

    The terms stay as they are until the commit. What neighbours did meanwhile is seen under the locks.
    """
    ask_revision(uow)()
    rungs = tier_queries.ladder(uow)
    if not rungs.tiers:
        return None
    changed = {f"tir_{tier_id}" for (tier_id,) in uow.rows(_CHANGED, (hex_of(uow.district_id),))}
    members = _members(uow, rungs, [tier for tier in rungs.tiers if tier.id in changed], after)
    if members:
        queries.ask_balances(uow, members)()
        states = TierStates(uow, rungs)
        states.ask(members)()
        states.write()
        return members[-1]
    if changed and after == NOBODY:  # otherwise the next run sees that nobody is left
        uow.execute(_REVIEWED, (uow.now, hex_of(uow.district_id), [hex_of(one) for one in changed]))
    return None


def _members(uow: UnitOfWork, rungs: Ladder, changed: list[Tier], after: str) -> list[str]:
    today = uow.now.astimezone(rungs.zone).date()
    values = {"district": hex_of(uow.district_id), "after": hex_of(after), "today": today, "most": MEMBERS_A_SET}
    found = {member for (member,) in uow.rows(_ENDED, values)}
    for tier in changed:
        found |= {member for (member,) in uow.rows(_REACHING, {**values, **_terms(tier, today)})}
    return [f"mem_{member}" for member in sorted(found)[:MEMBERS_A_SET]]


def _terms(tier: Tier, today: date) -> dict[str, Any]:
    return {
        "tier": hex_of(tier.id),
        "kind": tier.qualifies_by,
        "threshold": tier.threshold,
        "before": tier.window.before(today),
    }
