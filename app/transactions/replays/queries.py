"""Past sales for a rehearsal, and the rows of replays."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from fractions import Fraction
from typing import Any

from app.foundation.database.unit_of_work import Row, UnitOfWork
from app.foundation.ids import hex_of
from app.foundation.problems import NotFound
from app.points.earning.conditions import SaleFacts
from app.points.earning.outcomes import given_by_rule
from app.points.earning.rule_sets import RuleSet
from app.points.purses import queries as points
from app.transactions.replays.rehearsal import PastSale
from app.transactions.sales import queries as sales
from app.transactions.sales.record import NOTHING, left_of

SALES_A_STEP = 5_000
_OF_PERIOD = """
    t.district_id = %(district)s AND t.member_id IS NOT NULL AND t.occurred_at >= %(from)s AND t.occurred_at < %(to)s
"""
_COUNT = f"SELECT count(*) FROM transactions AS t WHERE {_OF_PERIOD}"
_IN_ORDER = "coalesce({0}.claimed_at, {0}.recorded_at), {0}.id"
_SALES = f"""
    DECLARE past_sales NO SCROLL CURSOR FOR
    SELECT t.member_id, t.merchant_id, t.store_id, t.channel, t.payment_method, t.occurred_at, t.eligible_amount,
           t.rule_set_version, t.rounding, t.facts, t.outcomes, coalesce(l.merchant, 0), coalesce(l.district, 0),
           {{firsts}}, t.amount, t.paid_amount, r.amount, r.eligible, r.by_share, r.by_money
    FROM transactions AS t
    LEFT JOIN ({points.AWARDED}) AS l ON l.source_id = t.id
    LEFT JOIN LATERAL (
        SELECT sum(r.amount)::bigint, {sales.NO_LONGER_EARNS} FROM refunds AS r
        WHERE r.district_id = %(district)s AND r.transaction_id = t.id AND r.member_id IS NULL
    ) AS r (amount, eligible, by_share, by_money) ON t.claimed_at IS NOT NULL AND t.refunded_amount > 0
    {{earlier}}
    WHERE {_OF_PERIOD}
    ORDER BY {_IN_ORDER.format("t")}
"""
_EARLIER = f"""
    JOIN (
        SELECT s.id, row_number() OVER (PARTITION BY s.member_id ORDER BY {_IN_ORDER.format("s")}) AS anywhere,
               row_number() OVER (PARTITION BY s.member_id, s.merchant_id ORDER BY {_IN_ORDER.format("s")}) AS here
        FROM transactions AS s WHERE s.district_id = %(district)s AND s.member_id IS NOT NULL
    ) AS e ON e.id = t.id
"""
_ROW = "SELECT id, rule_set_id, from_at, to_at, status, sales_total, sales_done, result, created_at, finished_at FROM replays"


def count_of_period(uow: UnitOfWork, start: datetime, end: datetime) -> int:
    """Members' sales that occurred in [start, end)."""
    return int(uow.rows(_COUNT, _period(uow, start, end))[0][0])


def _period(uow: UnitOfWork, start: datetime, end: datetime) -> dict[str, Any]:
    return {"district": hex_of(uow.district_id), "from": start, "to": end}


def sales_of_period(uow: UnitOfWork, start: datetime, end: datetime, rule_set: RuleSet) -> Iterator[list[PastSale]]:
    """The sales in the order in which they were given to their members, some thousands at a time."""
    counts = bool(rule_set.needs & {"first_in_district", "first_at_merchant"})
    query = _SALES.replace("{firsts}", "e.anywhere = 1, e.here = 1" if counts else "false, false")
    uow.execute(query.replace("{earlier}", _EARLIER if counts else ""), _period(uow, start, end))
    while rows := uow.rows(f"FETCH {SALES_A_STEP} FROM past_sales"):
        yield [_past_sale(row) for row in rows]
    uow.execute("CLOSE past_sales")


def _past_sale(row: Row) -> PastSale:
    member, merchant, store, channel, method, occurred_at, eligible, version, rounding, facts, outcomes = row[:11]
    merchant_paid, district_paid, anywhere, here, amount, paid, refunded, *no_longer = row[11:]
    sale = SaleFacts(
        eligible if refunded is None else _left(eligible, amount, paid, refunded, *no_longer),
        occurred_at,
        f"mer_{merchant}",
        f"str_{store}",
        channel=channel,
        payment_method=method,
        first_in_district=anywhere,
        first_at_merchant=here,
    )
    by_rule = given_by_rule(outcomes or ())
    return PastSale(f"mem_{member}", sale, version, rounding, facts, by_rule, (merchant_paid, district_paid))


def _left(
    eligible: int, amount: int, paid: int, refunded: int, given: int, by_share: int, by_money: int
) -> int | Fraction:
    """What was left eligible of a sale that was claimed after a refund."""
    before = NOTHING._replace(amount=refunded, eligible=given, by_share=by_share, by_money=by_money)
    return left_of(eligible, amount, paid, before)


def find_replay(uow: UnitOfWork, replay_id: str) -> Row:
    """A replay's row. Raises NotFound."""
    rows = uow.rows(f"{_ROW} WHERE district_id = %s AND id = %s", (hex_of(uow.district_id), hex_of(replay_id)))
    if not rows:
        raise NotFound
    return rows[0]


def newest(uow: UnitOfWork, most: int) -> list[Row]:
    """The newest replays of all rules."""
    return uow.rows(f"{_ROW} WHERE district_id = %s ORDER BY id DESC LIMIT %s", (hex_of(uow.district_id), most))


def latest_of(uow: UnitOfWork, rule_set_id: str) -> str | None:
    """The newest replay of rules."""
    query = "SELECT id FROM replays WHERE district_id = %s AND rule_set_id = %s ORDER BY id DESC LIMIT 1"
    rows = uow.rows(query, (hex_of(uow.district_id), hex_of(rule_set_id)))
    return f"rpl_{rows[0][0]}" if rows else None


def waiting(uow: UnitOfWork, dead_since: datetime) -> list[str]:
    """Replays that wait, or whose job has died."""
    query = (
        "SELECT id FROM replays WHERE district_id = %s "
        "AND (status = 'queued' OR (status = 'running' AND alive_at < %s)) ORDER BY id"
    )
    return [f"rpl_{one}" for (one,) in uow.rows(query, (hex_of(uow.district_id), dead_since))]
