"""Expiry in sets: points past their end leave the members' accounts for breakage.

An ended lot can't be spent whether or not this has run; it only tidies the books. It walks the members in the order of
their ids, some thousands in one commit, and can stop and begin again anywhere.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from app.foundation.ids import hex_of, new_id
from app.foundation.sql_arrays import id_array, instant_array, number_array
from app.foundation.unit_of_work import UnitOfWork
from app.ledger import services as ledger
from app.ledger.rules import Journal, Transfer, account_id
from app.points import queries
from app.points.balances import Balance
from app.points.events import PointsExpired
from app.points.posting import ASSET

MEMBERS_A_SET = 2_000
NOBODY = "mem_" + "0" * 32

_WITH_ENDED_LOTS = """
    SELECT DISTINCT member_id FROM lots
    WHERE district_id = %s AND member_id > %s AND remaining > 0 AND expires_at <= %s ORDER BY member_id LIMIT %s
"""
_ENDED_LOTS = """
    SELECT member_id, id, remaining FROM lots
    WHERE district_id = %s AND member_id = ANY(%s::uuid[]) AND remaining > 0 AND expires_at <= %s
    ORDER BY member_id, expires_at, available_at, id
"""
_EMPTY = "UPDATE lots SET remaining = 0 WHERE district_id = %(district)s::uuid AND id = ANY(%(ids)s::uuid[])"
_BALANCES = """
    UPDATE point_balances AS b
    SET ledger = n.ledger, available = n.available, pending = n.pending, expired = b.expired + n.expired,
        sequence = n.sequence, next_change_at = n.next_change
    FROM unnest(%(members)s::uuid[], %(ledger)s::bigint[], %(available)s::bigint[], %(pending)s::bigint[],
                %(expired)s::bigint[], %(sequences)s::bigint[], %(changes)s::timestamptz[])
        AS n (member, ledger, available, pending, expired, sequence, next_change)
    WHERE b.district_id = %(district)s::uuid AND b.member_id = n.member
"""


class Ended(NamedTuple):
    """A lot past its end with what remains of it."""

    member_id: str
    lot_id: str
    points: int


def expire(uow: UnitOfWork, after: str = NOBODY) -> str | None:
    """Expires the ended lots of the next members after one; gives the last of them, or None when nobody is left."""
    found = uow.rows(_WITH_ENDED_LOTS, (hex_of(uow.district_id), hex_of(after), uow.now, MEMBERS_A_SET))
    if not found:
        return None
    members = [f"mem_{member}" for (member,) in found]
    balances = queries.ask_balances(uow, members)()
    rows = uow.rows(_ENDED_LOTS, (hex_of(uow.district_id), id_array(members), uow.now))
    _post(uow, balances, [Ended(f"mem_{member}", f"lot_{lot}", points) for member, lot, points in rows])
    return members[-1]


def _post(uow: UnitOfWork, balances: dict[str, Balance], ended: Sequence[Ended]) -> None:
    """One journal for each member, one transfer for each lot; nothing where a neighbour was quicker."""
    if not ended:
        return
    breakage = account_id(ASSET, "breakage", uow.district_id)
    journals: dict[str, Journal] = {}
    transfers: list[Transfer] = []
    expired: dict[str, int] = {}
    lines: dict[str, int] = {}
    for lot in ended:
        balance = balances[lot.member_id]
        journal = journals.setdefault(lot.member_id, Journal(new_id("exp"), "expiry", uow.principal.id, uow.now))
        balance.ledger -= lot.points
        balance.sequence += 1
        expired[lot.member_id] = expired.get(lot.member_id, 0) + lot.points
        holder = account_id(ASSET, "member", lot.member_id)
        lines[lot.member_id] = line = lines.get(lot.member_id, -1) + 1
        transfers.append(
            Transfer(
                journal.id,
                line,
                ASSET,
                holder,
                breakage,
                lot.points,
                "expire",
                lot.lot_id,
                holder,
                balance.sequence,
                balance.ledger,
            )
        )
    ledger.post(uow, list(journals.values()), transfers)
    uow.write(_EMPTY, {"ids": id_array([lot.lot_id for lot in ended])})
    _write_balances(uow, [balances[member] for member in expired], list(expired.values()))
    uow.emit(*(PointsExpired(member, points) for member, points in expired.items()))


def _write_balances(uow: UnitOfWork, changed: Sequence[Balance], expired: Sequence[int]) -> None:
    uow.write(
        _BALANCES,
        {
            "members": id_array([one.member_id for one in changed]),
            "ledger": number_array([one.ledger for one in changed]),
            "available": number_array([one.available for one in changed]),
            "pending": number_array([one.pending for one in changed]),
            "expired": number_array(expired),
            "sequences": number_array([one.sequence for one in changed]),
            "changes": instant_array([one.next_change_at for one in changed]),
        },
    )
