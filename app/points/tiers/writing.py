"""What members bought by local day and what they hold, written in sets. Hold the members' balances."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from app.foundation.database.sql_arrays import id_array, instant_array, number_array, text_array, unnested
from app.foundation.database.unit_of_work import UnitOfWork
from app.foundation.ids import hex_of
from app.points.tiers.rules import TierFigures, TierHold

_DAYS = "unnest(%(members)s::uuid[], %(days)s::date[], %(points)s::bigint[], %(amounts)s::bigint[])"
_ADD_DAYS = f"""
    INSERT INTO member_days AS d (district_id, member_id, day, points_earned, amount_spent)
    VALUES (%(district)s::uuid, {unnested(members="uuid", days="date", points="bigint", amounts="bigint")})
    ON CONFLICT (district_id, member_id, day) DO UPDATE
    SET points_earned = d.points_earned + excluded.points_earned, amount_spent = d.amount_spent + excluded.amount_spent
"""
_ADD_BOUGHT = """
    INSERT INTO member_days (district_id, member_id, day, points_earned, amount_spent)
    SELECT b.district_id, b.member_id, b.day, b.points, b.amount FROM ({bought}) AS b
    WHERE b.points > 0 OR b.amount > 0
"""
_LESSEN_DAYS = f"""
    UPDATE member_days AS d SET points_earned = d.points_earned + n.points, amount_spent = d.amount_spent + n.amount
    FROM {_DAYS} AS n (member, day, points, amount)
    WHERE d.district_id = %(district)s::uuid AND d.member_id = n.member AND d.day = n.day
"""
_MOVE_DAYS = """
    INSERT INTO member_days AS d (district_id, member_id, day, points_earned, amount_spent)
    SELECT district_id, %(survivor)s::uuid, day, points_earned, amount_spent FROM member_days
    WHERE district_id = %(district)s::uuid AND member_id = %(old)s::uuid
    ON CONFLICT (district_id, member_id, day) DO UPDATE
    SET points_earned = d.points_earned + excluded.points_earned, amount_spent = d.amount_spent + excluded.amount_spent
"""
_EMPTY_DAYS = """
    UPDATE member_days SET points_earned = 0, amount_spent = 0
    WHERE district_id = %(district)s::uuid AND member_id = %(old)s::uuid
"""
_KEEP = f"""
    INSERT INTO member_tiers (district_id, member_id, tier_id, since, reached_on, qualifies_by, threshold, period_days)
    VALUES (%(district)s::uuid, {
    unnested(
        members="uuid",
        tiers="uuid",
        since="timestamptz",
        reached="date",
        kinds="text",
        thresholds="bigint",
        periods="integer",
    )
})
    ON CONFLICT (district_id, member_id, tier_id) DO UPDATE
    SET since = excluded.since, reached_on = excluded.reached_on, qualifies_by = excluded.qualifies_by,
        threshold = excluded.threshold, period_days = excluded.period_days
"""
_LOSE = """
    DELETE FROM member_tiers AS h USING unnest(%(members)s::uuid[], %(tiers)s::uuid[]) AS n (member, tier)
    WHERE h.district_id = %(district)s::uuid AND h.member_id = n.member AND h.tier_id = n.tier
"""


def count_bought(uow: UnitOfWork, bought: str, values: Mapping[str, Any]) -> None:
    """Starts to count members' days: `bought` is a query for district_id, member_id, day, points and
    amount, net of refunds.

    Hold the configuration lock alone.
    """
    uow.execute(_ADD_BOUGHT.format(bought=bought), {"district": hex_of(uow.district_id), **values})


def change_days(uow: UnitOfWork, changes: Mapping[tuple[str, date], TierFigures]) -> None:
    """Adds figures to members' local days; what is below 0 is taken from days that are there."""
    for query, is_less in ((_ADD_DAYS, False), (_LESSEN_DAYS, True)):
        some = [(*place, one) for place, one in sorted(changes.items()) if any(one) and (min(one) < 0) == is_less]
        if some:
            values = {
                "members": id_array([member for member, _, _ in some]),
                "days": text_array([day.isoformat() for _, day, _ in some]),
                "points": number_array([one.points_earned for _, _, one in some]),
                "amounts": number_array([one.amount_spent for _, _, one in some]),
            }
            uow.write(query, values)


def move_days(uow: UnitOfWork, old_id: str, survivor_id: str) -> None:
    """Makes all days of a member another's."""
    ids = {"old": hex_of(old_id), "survivor": hex_of(survivor_id)}
    uow.write(_MOVE_DAYS, ids)
    uow.write(_EMPTY_DAYS, {"old": ids["old"]})


def keep_holds(uow: UnitOfWork, kept: Sequence[tuple[str, TierHold]]) -> None:
    """Writes what members hold, new or upheld."""
    if kept:
        holds = [hold for _, hold in kept]
        values = {
            "members": id_array([member for member, _ in kept]),
            "tiers": id_array([one.tier_id for one in holds]),
            "since": instant_array([one.since for one in holds]),
            "reached": text_array([one.reached_on.isoformat() for one in holds]),
            "kinds": text_array([one.qualifies_by for one in holds]),
            "thresholds": number_array([one.threshold for one in holds]),
            "periods": number_array([one.period_days for one in holds]),
        }
        uow.write(_KEEP, values)


def lose_holds(uow: UnitOfWork, lost: Iterable[tuple[str, str]]) -> None:
    """Removes tiers (second) that members (first) no longer hold."""
    pairs = list(lost)
    if pairs:
        members, tiers = zip(*pairs, strict=True)
        uow.write(_LOSE, {"members": id_array(members), "tiers": id_array(tiers)})
