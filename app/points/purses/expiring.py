"""Expiry in sets: points past their end leave the members' accounts for breakage.

An ended lot can't be spent whether or not this has run; it only tidies the books. It walks the members in the order of
their ids, some hundreds in one commit, and can stop and begin again anywhere.
"""

from __future__ import annotations

from datetime import datetime

from app.foundation.database.unit_of_work import UnitOfWork
from app.foundation.ids import hex_of, new_id
from app.ledger.rules import Journal
from app.points.events import PointsExpired
from app.points.purses import queries
from app.points.purses.posting import Posting

MEMBERS_A_SET = 200
"""Few, for a sale to one of them waits until the set is done: with 2,000 sales fell to a fifth meanwhile."""
NOBODY = "mem_" + "0" * 32
_WITH_ENDED_LOTS = """
    SELECT DISTINCT member_id FROM lots
    WHERE district_id = %s AND member_id > %s AND remaining > 0 AND expires_at <= %s ORDER BY member_id LIMIT %s
"""
_NEXT_END = "SELECT min(expires_at) FROM lots WHERE district_id = %s AND remaining > 0 AND expires_at > %s"


def next_at(uow: UnitOfWork) -> datetime | None:
    """When the next points end."""
    [(found,)] = uow.rows(_NEXT_END, (hex_of(uow.district_id), uow.now))
    at: datetime | None = found
    return at


def expire_lots(uow: UnitOfWork, after: str = NOBODY) -> str | None:
    """Expires the ended lots of the next members after one; gives the last of them, or None when nobody is left.

    One journal for each member, one transfer for each lot; nothing where a neighbour was quicker.
    """
    found = uow.rows(_WITH_ENDED_LOTS, (hex_of(uow.district_id), hex_of(after), uow.now, MEMBERS_A_SET))
    if not found:
        return None
    members = [f"mem_{member}" for (member,) in found]
    posting = Posting(uow, queries.ask_balances(uow, members)())
    journals: dict[str, str] = {}
    expired: dict[str, int] = {}
    for lot in queries.ended_lots(uow, members):
        journal_id = journals.setdefault(lot.member_id, new_id("exp"))
        posting.open_journal(Journal(journal_id, "expiry", uow.principal.id, uow.now))
        expired[lot.member_id] = expired.get(lot.member_id, 0) + lot.remaining
        posting.expire(journal_id, lot)
    posting.write()
    uow.emit(*(PointsExpired(journals[member], member, points) for member, points in expired.items()))
    return members[-1]
