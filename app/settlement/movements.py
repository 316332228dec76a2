"""Journals that no period has taken, and what they move, as values of the core."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from struct import Struct
from typing import Any, NamedTuple

from app.coupons.issuing.queries import POINTS_RETURNED
from app.coupons.redeeming.queries import OF_CAMPAIGNS
from app.foundation.database.sql_arrays import id_array, text_array
from app.foundation.database.unit_of_work import Row, UnitOfWork
from app.foundation.ids import hex_of
from app.ledger.queries import ENTRIES, RECORDED
from app.points.purses.queries import ORIGINS
from app.settlement.rules import MovedSum, Side
from app.transactions.refunds.queries import SALES_OF_REFUNDS

_UNSETTLED = f"""
    SELECT j.id, j.recorded_at FROM ({RECORDED}) AS j
    WHERE j.recorded_at < %(until)s AND (%(since)s::timestamptz IS NULL OR j.recorded_at >= %(since)s)
      AND (%(reached_at)s::timestamptz IS NULL OR (j.recorded_at, j.id) > (%(reached_at)s, %(reached_id)s::uuid))
      AND NOT EXISTS (
          SELECT FROM settled_journals AS s WHERE s.district_id = %(district)s AND s.journal_id = j.id
      )
    ORDER BY j.recorded_at, j.id LIMIT %(most)s
"""
_THESE = "AND t.journal_id = ANY(%(journals)s::uuid[])"
_OF_PERIOD = """
    AND t.code = ANY(%(codes)s::text[]) AND t.journal_id IN (
        SELECT s.journal_id FROM settled_journals AS s WHERE s.district_id = %(district)s AND s.period_id = %(period)s
    )
"""
_JOINED = f"""
    FROM ({ENTRIES} {{which}}) AS e
    LEFT JOIN ({ORIGINS}) AS l ON l.id = e.subject_id
    LEFT JOIN ({RECORDED}) AS a ON a.id = l.source_id
    LEFT JOIN ({SALES_OF_REFUNDS}) AS f ON f.id = e.journal_id AND e.journal_kind = 'refund'
    LEFT JOIN ({POINTS_RETURNED}) AS v ON v.id = e.journal_id AND e.journal_kind = 'coupon-void'
    LEFT JOIN ({RECORDED}) AS c ON c.id = coalesce(f.transaction_id, v.coupon_id, e.journal_id)
    LEFT JOIN ({OF_CAMPAIGNS}) AS r ON r.id = e.subject_id AND e.asset = 'money'
"""
"""Transfers with the lots that they are of (`l`, awarded by `a`), and the journal of the award or spending they undo (`c`)."""
_ORIGIN = """
    CASE WHEN e.asset = 'money' THEN r.redeemed_at
         WHEN e.code IN ('pay-owed', 'expire', 'erase') OR e.credit_kind = 'adjustment' THEN a.recorded_at
         ELSE c.recorded_at END
"""
"""When what a transfer undoes was recorded; its own recording where it undoes nothing."""
_OWNER = """
    CASE WHEN e.{side}_kind IN ('member', 'owed') THEN %(district)s::uuid ELSE e.{side}_owner_id END
"""
"""Whose an account is, where that matters: of all members' it doesn't, so what they earn and spend at a shop comes together."""
_COLUMNS = f"""
    e.code, e.debit_kind, {_OWNER.format(side="debit")}, e.credit_kind, {_OWNER.format(side="credit")}, l.funder, l.merchant_id,
    width_bucket(a.recorded_at, %(starts)s::timestamptz[]), width_bucket(c.recorded_at, %(starts)s::timestamptz[]),
    coalesce(f.merchant_id, l.merchant_id), r.campaign_id
"""
_MOVED = f"""
    SELECT {_COLUMNS}, sum(e.amount)::bigint, count(*), count(*) FILTER (WHERE {_ORIGIN} < %(begins)s)
    {_JOINED.format(which=_THESE)} GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11
"""
_MOVED_EACH = f"""
    SELECT {_COLUMNS}, e.amount, 1, 0, e.journal_id, e.journal_kind, e.recorded_at, e.subject_id
    {_JOINED.format(which=_THESE)} ORDER BY e.journal_id DESC
"""
_MOVED_BY_QUARTERS = f"""
    SELECT {_COLUMNS}, sum(e.amount)::bigint, count(*), 0, min(e.journal_id::text)::uuid, min(e.journal_kind), min(e.recorded_at), NULL
    {_JOINED.format(which=_OF_PERIOD)}
    GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, date_bin('15 minutes', e.recorded_at, '2000-01-01 00:00Z')
"""
"""By quarters of an hour: local days begin with one in every time zone."""
_PACKED = f"""
    SELECT {_COLUMNS}, string_agg(
        uuid_send(e.journal_id) || uuid_send(coalesce(e.subject_id, e.journal_id)) || int8send(e.amount), ''
    )
    {_JOINED.format(which=_THESE)} GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11
"""
_TAKEN = """
    SELECT s.journal_id FROM settled_journals AS s
    WHERE s.district_id = %(district)s AND s.period_id = %(period)s AND s.journal_id > %(after)s::uuid
    ORDER BY s.journal_id LIMIT %(most)s
"""
_SETTLED = f"""
    SELECT s.journal_id FROM settled_journals AS s
    WHERE s.district_id = %(district)s AND s.period_id = %(period)s
      AND (%(after)s::uuid IS NULL OR s.journal_id < %(after)s::uuid) AND EXISTS (
          SELECT FROM ({ENTRIES}) AS e
          WHERE e.journal_id = s.journal_id AND e.code = ANY(%(codes)s::text[])
            AND (%(owner)s::uuid IS NULL OR %(owner)s::uuid IN (e.debit_owner_id, e.credit_owner_id))
      )
    ORDER BY s.journal_id DESC LIMIT %(most)s
"""


_AMOUNT = Struct(">16s16sq")


_ACCEPTED = f"""
    SELECT l.merchant_id, CASE e.code WHEN 'spend' THEN e.debit_owner_id ELSE e.credit_owner_id END,
           sum(CASE e.code WHEN 'spend' THEN e.amount ELSE -e.amount END)::bigint
    FROM ({ENTRIES} {_THESE}) AS e LEFT JOIN ({ORIGINS}) AS l ON l.id = e.subject_id
    WHERE e.code IN ('spend', 'restore')
      AND %(owner)s::uuid = CASE e.code WHEN 'spend' THEN e.credit_owner_id ELSE e.debit_owner_id END
    GROUP BY 1, 2
"""


class Unsettled(NamedTuple):
    """A journal that no period has taken, and when it was recorded."""

    id: str
    recorded_at: datetime


class SoughtJournals(NamedTuple):
    """Which journals are looked for: recorded from `since` until before `until`, after one that was reached before."""

    until: datetime
    since: datetime | None = None
    after: Unsettled | None = None


def unsettled(uow: UnitOfWork, reach: SoughtJournals, most: int) -> list[Unsettled]:
    """Journals that no period has taken, in the order of their recording."""
    values = {
        "district": hex_of(uow.district_id),
        "until": reach.until,
        "since": reach.since,
        "reached_at": reach.after and reach.after.recorded_at,
        "reached_id": reach.after and hex_of(reach.after.id),
        "most": most,
    }
    return [Unsettled(f"jou_{journal}", at) for journal, at in uow.rows(_UNSETTLED, values)]


def moved(uow: UnitOfWork, journal_ids: Sequence[str], starts: Sequence[datetime], begins: datetime) -> list[MovedSum]:
    """What journals move, summed. `starts`: of the second version of the terms and later ones; `begins`: of the period."""
    return [_movement(uow, row) for row in uow.rows(_MOVED, _values(uow, journal_ids, starts, begins))]


class Moved(NamedTuple):
    """A movement by itself: of which journal, recorded when, and of what (a lot, a redemption)."""

    movement: MovedSum
    journal_id: str
    journal_kind: str
    recorded_at: datetime
    subject_id: str | None


def moved_each(uow: UnitOfWork, journal_ids: Sequence[str], starts: Sequence[datetime]) -> list[Moved]:
    """The same, each transfer by itself, in the order of journals, newest first."""
    return _each(uow, uow.rows(_MOVED_EACH, _values(uow, journal_ids, starts, uow.now)))


def moved_by_quarters(uow: UnitOfWork, period_id: str, codes: Sequence[str], starts: Sequence[datetime]) -> list[Moved]:
    """What the journals that a period has taken move by some codes, summed by quarters of an hour."""
    values = {"codes": text_array(codes), "period": hex_of(period_id)}
    return _each(uow, uow.rows(_MOVED_BY_QUARTERS, {**_values(uow, (), starts, uow.now), **values}))


class Amounts(NamedTuple):
    """Movements that are alike, as one of 1; and each of them: of which journal, of what (the journal else), how much."""

    movement: MovedSum
    each: list[tuple[bytes, bytes, int]]


def moved_alike(uow: UnitOfWork, journal_ids: Sequence[str], starts: Sequence[datetime]) -> Iterator[Amounts]:
    """What journals move, each transfer beside those that are priced alike. Many come in little time."""
    for row in uow.rows(_PACKED, _values(uow, journal_ids, starts, uow.now)):
        yield Amounts(_movement(uow, (*row[:-1], 1, 1, 0)), list(_AMOUNT.iter_unpack(row[-1])))


def accepted(uow: UnitOfWork, journal_ids: Sequence[str], owner_id: str) -> list[tuple[str | None, str, int]]:
    """Points that a party has accepted in journals, by who issued them (None: the district) and the member who spent them."""
    values = {"district": hex_of(uow.district_id), "journals": id_array(journal_ids), "owner": hex_of(owner_id)}
    return [
        (merchant and f"mer_{merchant}", member, points) for merchant, member, points in uow.rows(_ACCEPTED, values)
    ]


def taken(uow: UnitOfWork, period_id: str, after: str, most: int) -> list[str]:
    """Journals that a period has taken, by their ids, after one of them."""
    values = {"district": hex_of(uow.district_id), "period": hex_of(period_id), "after": hex_of(after), "most": most}
    return [f"jou_{journal}" for (journal,) in uow.rows(_TAKEN, values)]


def settled(
    uow: UnitOfWork, period_id: str, codes: Sequence[str], owner_id: str | None, after: str | None, most: int
) -> list[str]:
    """Journals that a period has taken, newest first, which move something by some codes, to or from an owner if one is named."""
    values = {
        "district": hex_of(uow.district_id),
        "period": hex_of(period_id),
        "codes": text_array(codes),
        "owner": owner_id and hex_of(owner_id),
        "after": after and hex_of(after),
        "most": most,
    }
    return [f"jou_{journal}" for (journal,) in uow.rows(_SETTLED, values)]


def _each(uow: UnitOfWork, rows: Iterable[Row]) -> list[Moved]:
    return [Moved(_movement(uow, row[:-4]), f"jou_{row[-4]}", *row[-3:]) for row in rows]


def _values(
    uow: UnitOfWork, journal_ids: Sequence[str], starts: Sequence[datetime], begins: datetime
) -> dict[str, Any]:
    return {
        "district": hex_of(uow.district_id),
        "journals": id_array(journal_ids),
        "starts": thresholds(starts),
        "begins": begins,
    }


def thresholds(starts: Sequence[datetime]) -> str:
    """From when on each version of the terms holds, the first one since ever."""
    return "{" + ",".join(["-infinity", *(start.isoformat() for start in starts)]) + "}"


def _movement(uow: UnitOfWork, row: Row) -> MovedSum:
    (
        code,
        debit,
        debtor,
        credit,
        creditor,
        funder,
        issuer,
        lot_version,
        cause_version,
        merchant,
        campaign,
        points,
        items,
        earlier,
    ) = row
    return MovedSum(
        code,
        _side(uow, debit, debtor),
        _side(uow, credit, creditor),
        points,
        items,
        earlier,
        lot_funder=funder,
        lot_issuer_id=issuer and f"mer_{issuer}",
        lot_version=lot_version,
        cause_version=cause_version,
        issuer_id=merchant and f"mer_{merchant}",
        campaign_id=campaign and f"cam_{campaign}",
    )


def _side(uow: UnitOfWork, kind: str, owner: str) -> Side:
    """An account as the core sees it: of the district, or else of a merchant where it matters whose it is."""
    return Side(kind, uow.district_id if owner == hex_of(uow.district_id) else f"mer_{owner}")
