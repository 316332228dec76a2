"""Reading purses: balances (locked for whoever moves points), lots, and the history."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import select

from app.foundation.database.parts import Asked
from app.foundation.database.sql_arrays import id_array, text_array
from app.foundation.database.unit_of_work import Row, UnitOfWork
from app.foundation.ids import hex_of
from app.foundation.problems import NotFound
from app.ledger import queries as ledger
from app.points.purses.balance import Balance
from app.points.purses.lots import Lot
from app.points.purses.models import Adjustment

_LOCK = """
    SELECT member_id, ledger, available, pending, owed, earned, sequence, next_change_at, spent, expired, is_frozen,
           is_spend_locked, merged_into, is_erased, counted_at, spend_rests_until
    FROM point_balances
    WHERE district_id = %(district)s AND member_id = ANY(%(members)s::uuid[]) ORDER BY member_id FOR UPDATE
"""
_READ = _LOCK.replace("FOR UPDATE", "")
_LOCK_FREE = f"{_LOCK} SKIP LOCKED"
_LOTS = """
    SELECT l.id, l.member_id, l.merchant_id, l.funder, l.source_id, l.points, l.remaining, l.available_at, l.expires_at,
           l.expired, l.reclaimed, l.restored_from
    FROM lots AS l WHERE l.district_id = %(district)s
"""
_SPENDABLE = f"{_LOTS} AND l.member_id = ANY(%(members)s::uuid[]) AND l.remaining > 0 AND l.available_at <= %(now)s"
_ENDED = f"""
    {_LOTS} AND l.member_id = ANY(%(members)s::uuid[]) AND l.remaining > 0 AND l.expires_at <= %(now)s
    ORDER BY l.member_id, l.expires_at, l.available_at, l.id
"""
_OF_SOURCES = f"""
    {_LOTS} AND l.id = ANY(ARRAY({ledger.SUBJECTS}))
    UNION ALL {_LOTS} AND l.source_id = ANY(%(journals)s::uuid[]) AND l.restored_from IS NOT NULL
"""
ORIGINS = "SELECT l.id, l.merchant_id, l.funder, l.source_id FROM lots AS l WHERE l.district_id = %(district)s"
"""Who issued and funded lots, and what they came of."""
OUTSTANDING = """
    SELECT l.merchant_id, l.source_id, l.remaining FROM lots AS l WHERE l.district_id = %(district)s AND l.remaining > 0
"""
"""What is left of lots, who issued them, and what they came of."""
AWARDED = """
    SELECT l.source_id, sum(l.points) FILTER (WHERE l.funder = 'merchant')::bigint AS merchant,
           sum(l.points) FILTER (WHERE l.funder = 'district')::bigint AS district
    FROM lots AS l WHERE l.district_id = %(district)s AND l.restored_from IS NULL AND l.merchant_id IS NOT NULL
    GROUP BY l.source_id
"""
"""What sales earned at the cost of either funder, as a part of a larger question."""


def ask_balances(
    uow: UnitOfWork, member_ids: Iterable[str], *, lock: bool = True, wait: bool = True
) -> Asked[dict[str, Balance]]:
    """Sends the question for balances, locked in the order of ids; call the result for the answer.

    In a pipelined unit of work other questions can ride along in between. The id of a merged member leads to the
    survivor's balance. Without `wait` those that a neighbour has locked are left out.
    """
    members = sorted(set(member_ids))
    if not members:
        return dict
    query = (_LOCK if wait else _LOCK_FREE) if lock else _READ
    cursor = uow.execute(query, {"district": hex_of(uow.district_id), "members": id_array(members)})

    def answer() -> dict[str, Balance]:
        balances = {f"mem_{row[0]}": Balance(f"mem_{row[0]}", *row[1:]) for row in cursor.fetchall()}
        _refresh(uow, [one for one in balances.values() if one.is_stale(uow.now)])
        merged = {one.member_id: f"mem_{one.merged_into}" for one in balances.values() if one.merged_into}
        if merged:
            others = set(merged.values()) - balances.keys()
            survivors = ask_balances(uow, others, lock=lock, wait=wait)() | balances
            led = {old: survivors[survivor] for old, survivor in merged.items() if survivor in survivors}
            balances = {one: survivors[one] for one in survivors.keys() - merged.keys()} | led
        return balances

    return answer


def _refresh(uow: UnitOfWork, stale: Sequence[Balance]) -> None:
    if not stale:
        return
    lots: dict[str, list[tuple[int, datetime, datetime | None]]] = {one.member_id: [] for one in stale}
    for member_id, *lot in uow.rows(
        "SELECT member_id, remaining, available_at, expires_at FROM lots "
        "WHERE district_id = %s AND member_id = ANY(%s::uuid[]) AND remaining > 0 AND reclaimed <= expired",
        (hex_of(uow.district_id), id_array([one.member_id for one in stale])),
    ):
        lots[f"mem_{member_id}"].append((lot[0], lot[1], lot[2]))
    for balance in stale:
        balance.recompute(lots[balance.member_id], uow.now)


def ask_spendable_lots(uow: UnitOfWork, member_ids: Iterable[str]) -> Asked[list[Lot]]:
    """Sends the question for members' available lots; call the result for them. Lock the balances first."""
    members = sorted(set(member_ids))
    if not members:
        return list
    cursor = uow.execute(_SPENDABLE, _values(uow, members=members))
    return lambda: _lots_of(cursor.fetchall())


def held_lots(uow: UnitOfWork, member_id: str) -> list[Lot]:
    """All lots of a member that hold something, ended ones too, in the order of their ids. Lock the balance first."""
    query = f"{_LOTS} AND l.member_id = ANY(%(members)s::uuid[]) AND l.remaining > 0 ORDER BY l.id"
    return _lots_of(uow.rows(query, _values(uow, members=[member_id])))


def ended_lots(uow: UnitOfWork, member_ids: Sequence[str]) -> list[Lot]:
    """Members' lots past their end with what remains of them. Lock the balances first."""
    return _lots_of(uow.rows(_ENDED, _values(uow, members=member_ids)))


def ask_lots_of_sources(uow: UnitOfWork, source_ids: Sequence[str]) -> Asked[list[Lot]]:
    """Sends the question for the lots that sales made, those restored from them, and those that were spent on the sales.

    Empty ones too. Call the result for them. Lock the balances first.
    """
    cursor = uow.execute(_OF_SOURCES, {**_values(uow, journals=source_ids), "codes": text_array(["earn", "spend"])})
    return lambda: _lots_of(cursor.fetchall())


def ask_spent_on(uow: UnitOfWork, source_ids: Sequence[str]) -> Asked[dict[str, list[tuple[str, int]]]]:
    """Sends the question what was spent on sales; call the result for the answer.

    By the digits of the sales' ids: (lot id, points) in the order in which they were taken.
    """
    spent = ledger.ask_transfers(uow, source_ids, "spend")
    return lambda: {
        source: [(f"lot_{lot_id}", points) for lot_id, points in parts] for source, parts in spent().items()
    }


_SPENT_WITH = f"""
    SELECT m.journal_id, m.subject_id, -m.amount, m.other_owner_id FROM ({ledger.MOVEMENTS}) AS m
    WHERE m.journal_id = ANY(%(journals)s::uuid[]) AND m.code = 'spend' ORDER BY m.holder_id, m.holder_sequence
"""


def spent_with(uow: UnitOfWork, journal_ids: Sequence[str]) -> dict[str, list[tuple[str, int, str]]]:
    """What was spent in journals, by their ids' digits: (lot id, points, digits of who accepted them), as it was taken."""
    found: dict[str, list[tuple[str, int, str]]] = {}
    for journal, lot_id, points, owner in uow.rows(_SPENT_WITH, _values(uow, journals=journal_ids)):
        found.setdefault(journal, []).append((f"lot_{lot_id}", points, owner))
    return found


def _values(uow: UnitOfWork, **ids: Sequence[str]) -> dict[str, Any]:
    named = {name: id_array(values) for name, values in ids.items()}
    return {"district": hex_of(uow.district_id), "now": uow.now, **named}


def _lots_of(rows: Iterable[Row]) -> list[Lot]:
    lots = []
    for lot_id, member_id, merchant_id, *figures, restored_from in rows:
        lot = Lot(f"lot_{lot_id}", f"mem_{member_id}", merchant_id and f"mer_{merchant_id}", *figures)
        lot.restored_from = restored_from and f"lot_{restored_from}"
        lots.append(lot)
    return lots


def balance(uow: UnitOfWork, member_id: str) -> Balance:
    """A member's balance now. Raises NotFound."""
    found = ask_balances(uow, [member_id], lock=False)()
    if member_id not in found:
        raise NotFound
    return found[member_id]


def lifetime(uow: UnitOfWork, member_id: str) -> dict[str, int]:
    """Points ever earned, spent and expired."""
    [row] = uow.rows(
        "SELECT earned, spent, expired FROM point_balances WHERE district_id = %s AND member_id = %s",
        (hex_of(uow.district_id), hex_of(member_id)),
    )
    return dict(zip(("earned", "spent", "expired"), row, strict=True))


def expiring(uow: UnitOfWork, member_id: str) -> list[tuple[datetime, int]]:
    """Ends (UTC, exclusive) of a member's live points, with the points that end then, soonest first."""
    return [
        (row[0], int(row[1]))
        for row in uow.rows(
            "SELECT expires_at, sum(remaining) FROM lots WHERE district_id = %s AND member_id = %s "
            "AND remaining > 0 AND reclaimed <= expired AND expires_at > %s GROUP BY expires_at ORDER BY expires_at",
            (hex_of(uow.district_id), hex_of(member_id), uow.now),
        )
    ]


@dataclass(frozen=True, slots=True)
class Entry:
    """One movement of a member's points. `points` is positive for what came in.

    `merchant_id` is where points were spent (None for the district), for others who issued them."""

    sequence: int
    code: str
    points: int
    balance_after: int
    source_id: str
    source_kind: str
    merchant_id: str | None
    occurred_at: datetime
    recorded_at: datetime


_ENTRIES = f"""
    SELECT m.holder_sequence, m.code, m.amount, m.holder_balance, m.journal_id, m.kind,
           CASE WHEN m.code IN ('spend', 'restore') THEN nullif(m.other_owner_id, m.district_id) ELSE l.merchant_id END,
           m.occurred_at, m.recorded_at
    FROM ({ledger.MOVEMENTS}) AS m LEFT JOIN lots AS l ON l.district_id = m.district_id AND l.id = m.subject_id
    WHERE m.district_id = %(district)s AND m.holder_id = %(account)s
      AND m.holder_sequence > %(above)s AND m.holder_sequence < %(below)s
"""


def entries(
    uow: UnitOfWork, account_id: str, *, above: int, below: int, limit: int | None, newest: bool
) -> list[Entry]:
    """A member's movements between two sequence numbers (exclusive), the newest or the oldest of them first."""
    rows = uow.rows(
        f"{_ENTRIES} ORDER BY m.holder_sequence {'DESC' if newest else 'ASC'} LIMIT %(limit)s",
        {
            "district": hex_of(uow.district_id),
            "account": hex_of(account_id),
            "above": above,
            "below": below,
            "limit": limit,
        },
    )
    return [
        Entry(sequence, code, points, after, source, kind, merchant and f"mer_{merchant}", occurred, recorded)
        for sequence, code, points, after, source, kind, merchant, occurred, recorded in rows
    ]


_ENTRIES_OF_ALL = f"""
    SELECT m.line, m.owner_id, m.holder_sequence, m.code, m.amount, m.holder_balance, m.journal_id, m.kind,
           CASE WHEN m.code IN ('spend', 'restore') THEN nullif(m.other_owner_id, m.district_id) ELSE l.merchant_id END,
           m.occurred_at, m.recorded_at
    FROM ({ledger.MOVEMENTS_OF_ALL}) AS m LEFT JOIN lots AS l ON l.district_id = m.district_id AND l.id = m.subject_id
    WHERE m.district_id = %(district)s AND (m.journal_id, m.line) < (%(journal)s::uuid, %(line)s::smallint)
    ORDER BY m.journal_id DESC, m.line DESC LIMIT %(limit)s
"""
LAST_ENTRY = ("f" * 32, 0)
"""After all entries."""


class EntryOfAll(NamedTuple):
    """A movement of anybody's points: its place among all (a journal and a line of it), and whose it is."""

    place: tuple[str, int]
    member_id: str
    entry: Entry


def entries_of_all(uow: UnitOfWork, before: tuple[str, int], limit: int) -> list[EntryOfAll]:
    """Movements of all members before a place, the newest first."""
    journal, line = before
    values = {"district": hex_of(uow.district_id), "journal": journal, "line": line, "limit": limit}
    return [
        EntryOfAll(
            (journal, line),
            f"mem_{owner}",
            Entry(sequence, code, points, after, journal, kind, merchant and f"mer_{merchant}", occurred, recorded),
        )
        for line, owner, sequence, code, points, after, journal, kind, merchant, occurred, recorded in uow.rows(
            _ENTRIES_OF_ALL, values
        )
    ]


def find_adjustment(uow: UnitOfWork, adjustment_id: str) -> Adjustment:
    """Raises NotFound."""
    query = select(Adjustment).where(Adjustment.district_id == uow.district_id, Adjustment.id == adjustment_id)
    row = uow.session.scalars(query).one_or_none()
    if row is None:
        raise NotFound
    return row


def adjustments_by_id(uow: UnitOfWork, ids: Collection[str]) -> Sequence[Adjustment]:
    """Adjustments, oldest first."""
    query = select(Adjustment).where(Adjustment.district_id == uow.district_id, Adjustment.id.in_(ids))
    return uow.session.scalars(query.order_by(Adjustment.id)).all()


def reversed_of(uow: UnitOfWork, ids: Collection[str]) -> set[str]:
    """Those of some adjustments that were taken back."""
    query = select(Adjustment.reverses_id).where(
        Adjustment.district_id == uow.district_id, Adjustment.reverses_id.in_(ids)
    )
    return {one for one in uow.session.scalars(query) if one is not None}


def openings_of(uow: UnitOfWork, member_ids: Collection[str], programme: str) -> set[str]:
    """Those of some members, whose balances are locked, who have an opening balance of a programme that stands."""
    query = select(Adjustment.id, Adjustment.member_id).where(
        Adjustment.district_id == uow.district_id,
        Adjustment.member_id.in_(member_ids),
        Adjustment.opening_of == programme,
    )
    found = uow.session.execute(query).all()
    gone = reversed_of(uow, [one for one, _ in found])
    return {member_id for one, member_id in found if one not in gone}


def adjustments(uow: UnitOfWork, member_ids: Sequence[str]) -> Sequence[Adjustment]:
    """All adjustments of members, oldest first."""
    query = select(Adjustment).where(Adjustment.district_id == uow.district_id, Adjustment.member_id.in_(member_ids))
    return uow.session.scalars(query.order_by(Adjustment.id)).all()
