"""What rules gave before they were capped, and members bought before there were tiers: counted once, while no sale runs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from zoneinfo import ZoneInfo

from app.foundation.database.sql_arrays import text_array
from app.foundation.database.unit_of_work import UnitOfWork
from app.foundation.ids import hex_of
from app.points.caps.budgets import open_budgets
from app.points.caps.tracking import Keys, tracking_of
from app.points.caps.usage import EVER, count_given
from app.points.earning.compile import compile_rule_set
from app.points.events import TierCreated
from app.points.programme.queries import ProgrammeTerms
from app.points.tiers import queries as tier_queries
from app.points.tiers import writing as tiers
from app.transactions.local_days import LOCAL_DAY, WITH_SHIFT, shifts_of_sales

_GIVEN = """
    SELECT t.district_id, t.member_id, {day} AS day, o.value ->> 0 AS rule_key, sum((o.value ->> 1)::bigint) AS points
    FROM transactions AS t {shift} CROSS JOIN LATERAL jsonb_array_elements(t.outcomes) AS o
    WHERE t.district_id = %(district)s::uuid AND t.member_id IS NOT NULL AND t.points_earned > 0
      AND o.value ->> 0 = ANY(%(keys)s::text[]) AND (o.value ->> 1)::bigint > 0
    GROUP BY t.district_id, t.member_id, day, rule_key
"""
_ON_DAY = _GIVEN.format(day=LOCAL_DAY, shift=WITH_SHIFT)
_IN_ALL = _GIVEN.format(day=f"date '{EVER.isoformat()}'", shift="")
_BY_RULE = f"SELECT g.rule_key, sum(g.points) FROM ({_GIVEN.format(day='NULL', shift='')}) AS g GROUP BY g.rule_key"
_BOUGHT = f"""
    SELECT t.district_id, t.member_id, {LOCAL_DAY} AS day,
           sum(t.points_earned - coalesce(r.points, 0)) AS points, sum(t.paid_amount - coalesce(r.money, 0)) AS amount
    FROM transactions AS t {WITH_SHIFT}
    LEFT JOIN (
        SELECT district_id, transaction_id, sum(points_reversed) AS points, sum(money_amount) AS money FROM refunds
        WHERE district_id = %(district)s::uuid GROUP BY district_id, transaction_id
    ) AS r ON r.district_id = t.district_id AND r.transaction_id = t.id
    WHERE t.district_id = %(district)s::uuid AND t.member_id IS NOT NULL
    GROUP BY t.district_id, t.member_id, day
"""


def count_earlier_days(uow: UnitOfWork, events: Sequence[TierCreated]) -> None:
    """Adds up what members bought before the first tier, net of refunds, by local day. Hold the configuration lock alone."""
    rungs = tier_queries.ladder(uow)
    if len(rungs.tiers) == len(events):
        tiers.count_bought(uow, _BOUGHT, shifts_of_sales(uow, rungs.zone))


def start_tracking(uow: UnitOfWork, before: ProgrammeTerms, rules: Sequence[Mapping[str, Any]], zone: ZoneInfo) -> None:
    """Starts to count the use of rules that are capped for the first time, with what they gave so far.

    `before`: the terms without the new version. Hold the configuration lock alone.
    """
    new = compile_rule_set(0, None, rules)
    added = tracking_of([new]) - before.tracking
    known = frozenset(rule.key for one in before.rule_sets for rule in one.rules)
    if added.by_day & known:
        count_given(uow, _ON_DAY, {**_values(added.by_day & known), **shifts_of_sales(uow, zone)})
    if added.by_member & known:
        count_given(uow, _IN_ALL, _values(added.by_member & known))
    if added.budgets:
        budgets = {rule.key: rule.budget for rule in new.rules if rule.key in added.budgets and rule.budget is not None}
        open_budgets(uow, budgets, _given(uow, added.budgets & known))


def _given(uow: UnitOfWork, keys: Keys) -> dict[str, int]:
    """Points that rules gave so far, by key."""
    if not keys:
        return {}
    rows = uow.rows(_BY_RULE, {"district": hex_of(uow.district_id), **_values(keys)})
    return {key: int(points) for key, points in rows}


def _values(keys: Keys) -> dict[str, Any]:
    return {"keys": text_array(sorted(keys))}
