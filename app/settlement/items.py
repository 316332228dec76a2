"""The items of a statement's line: the journals whose movements come together in it, read from the ledger again.

A merchant learns from them of its own tills only. What expired comes as one row for each local day, and coupons that it
sponsors as redemptions without a shop.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

from app.districts import queries as districts
from app.foundation.database.unit_of_work import UnitOfWork
from app.settlement import movements, queries
from app.settlement.models import StatementLine, StatementRow
from app.settlement.movements import Moved
from app.settlement.queries import InForce
from app.settlement.rules import Clearing

CANDIDATES = 500
"""So many journals are looked at once at most: a page begins with twice its own, for most are of its line."""
ENDED = ("expire", "erase")
_CODES = {
    "issue": ("earn", "reverse", "take", "owe"),
    "acceptance": ("spend", "restore"),
    "coupon": ("coupon", "coupon-back"),
    "coupon-funding": ("coupon", "coupon-back"),
    "breakage": ENDED,
    "debt": ("owe", "pay-owed"),
    "adjustment": ("adjust",),
    "correction": ("correction",),
    "take-over": ("take-over",),
    "draw": ("draw",),
}
"""Of the movements of which lines are made."""
_WITHOUT_OWNER = ("debt", "adjustment")
"""Lines of the district whose movements name no account of its own, or all the same one."""
_SOURCES = {"sale": "txn", "refund": "rfd", "adjustment": "adj", "coupon": "cpn", "correction": "cor"}
"""What journals were written for, by their kind."""


class Item(NamedTuple):
    """What a journal, or all of a local day, brings a line: points, or minor units where it has no price."""

    points: int
    journal_id: str | None = None
    source_id: str | None = None
    recorded_at: datetime | None = None
    day: date | None = None


def items_of_days(uow: UnitOfWork, statement: StatementRow, line: StatementLine) -> list[Item]:
    """What expired, by the local day on which that was noted, newest first."""
    zone, days = ZoneInfo(districts.district(uow).time_zone), dict[date, int]()
    known = InForce(uow)
    found = movements.moved_by_quarters(uow, statement.period_id, _CODES[line.kind], known.starts)
    for one in _of_line(known.clearing, statement, line, found):
        day = one.moved.recorded_at.astimezone(zone).date()
        days[day] = days.get(day, 0) + one.points
    return [Item(points, day=day) for day, points in sorted(days.items(), reverse=True)]


def items(uow: UnitOfWork, statement: StatementRow, line: StatementLine, after: str | None, most: int) -> list[Item]:
    """Up to so many items of a line, newest journals first, after one that was seen before."""
    found: list[Item] = []
    known, size = InForce(uow), 2 * most
    while len(found) < most and (journals := _journals(uow, statement, line, after, min(size, CANDIDATES))):
        each = movements.moved_each(uow, journals, known.starts)
        found += _by_journal(_of_line(known.clearing, statement, line, each))
        after, size = journals[-1], 2 * size
    return found[:most]


def _journals(uow: UnitOfWork, statement: StatementRow, line: StatementLine, after: str | None, most: int) -> list[str]:
    """Journals that may have something for a line, newest first: those of the statement, where it has been sealed."""
    if queries.has_pieces(uow, statement.id):
        return queries.journals_before(uow, statement.id, after, most)
    owner = None if line.kind in _WITHOUT_OWNER else statement.party_id
    return movements.settled(uow, statement.period_id, _CODES[line.kind], owner, after, most)


class _Part(NamedTuple):
    moved: Moved
    points: int


def _of_line(
    clearing: Clearing, statement: StatementRow, line: StatementLine, found: Iterable[Moved]
) -> Iterator[_Part]:
    party, wanted = queries.party_of(statement), queries.line_of(line)
    for one in found:
        for effect in clearing.effects(one.movement):
            if effect.party == party and effect.line == wanted:
                yield _Part(one, effect.points)


def _by_journal(parts: Iterable[_Part]) -> list[Item]:
    found: dict[str, Item] = {}
    for moved, points in parts:
        known = found.get(moved.journal_id)
        before = 0 if known is None else known.points
        found[moved.journal_id] = Item(before + points, moved.journal_id, _source(moved), moved.recorded_at)
    return list(found.values())


def _source(moved: Moved) -> str | None:
    if moved.movement.code in _CODES["coupon"]:
        return moved.subject_id and f"red_{moved.subject_id}"
    prefix = _SOURCES.get(moved.journal_kind)
    return prefix and f"{prefix}{moved.journal_id[3:]}"
