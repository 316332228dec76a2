"""Evidence of a period: a tree over the rows of each statement, one over the statements, and a hash that takes in the one before.

Journals are read in the order of their ids, in sets with a commit of their own, once no more are taken. Each set adds rows to
the trees of those whom it concerns, and of a tree only what it needs to go on is kept: so closing takes the same memory for
any number of sales, and one who goes on after another died begins where that one was.
"""

from __future__ import annotations

import secrets
from collections import defaultdict
from collections.abc import Iterable, Mapping
from zoneinfo import ZoneInfo

from app.districts import queries as districts
from app.foundation.database.sql_arrays import bytes_array, id_array, number_array, text_array, unnested
from app.foundation.database.unit_of_work import UnitOfWork
from app.foundation.figures.chains import BEFORE_ALL, digest_after
from app.foundation.figures.trees import GrowingTree
from app.foundation.ids import hex_of
from app.settlement import items, movements, queries
from app.settlement.models import SettlementPeriod, SettlementTerms, StatementRow
from app.settlement.movements import Amounts
from app.settlement.queries import InForce
from app.settlement.rules import Clearing, LineKey, LineKind, Party, PartyEffect, Prices
from app.settlement.sealing.texts import SealedRow, StatementFigures, TermsFigures, period_text, statement_text

JOURNALS_A_SET = 20_000
BEFORE_THE_FIRST = f"jou_{0:032x}"
_SALT_BYTES = 16
_PIECES = f"""
    INSERT INTO statement_pieces (district_id, statement_id, number, journals, size, peaks)
    VALUES (%(district)s::uuid, {unnested(statements="uuid", numbers="integer", journals="bytea", sizes="bigint", peaks="bytea")})
"""
_LEAVES = f"""
    INSERT INTO statement_leaves (district_id, period_id, statement_id, place, content)
    VALUES (%(district)s::uuid, %(period)s::uuid, {unnested(statements="uuid", places="integer", contents="text")})
"""
_LAST_PIECES = """
    SELECT s.id, p.number, p.size, p.peaks FROM statements AS s CROSS JOIN LATERAL (
        SELECT w.number, w.size, w.peaks FROM statement_pieces AS w
        WHERE w.district_id = %(district)s AND w.statement_id = s.id ORDER BY w.number DESC LIMIT 1
    ) AS p
    WHERE s.district_id = %(district)s AND s.period_id = %(period)s
"""
Place = tuple[str, int]
"""A statement and the number of one of its lines."""
Places = Mapping[tuple[Party, LineKey], Place]
RowKey = tuple[str, int, str, LineKind, int]
"""Of a row: the digits of its journal, its line, the digits of its cause, what it is, and the version of the terms (0: none)."""
Rows = dict[str, dict[RowKey, int]]
"""By statement, how much each row has."""


def places(uow: UnitOfWork, period_id: str) -> Places:
    """Where what movements bring stands, in a period whose lines are numbered."""
    statements = queries.statements_of(uow, period_id)
    lines = queries.lines_of(uow, [one.id for one in statements.values()])
    return {
        (party, queries.line_of(line)): (one.id, line.line)
        for party, one in statements.items()
        for line in lines[one.id]
        if line.line is not None
    }


class Reader:
    """Reads the journals of one period into its trees, set after set. What it has seen of it once stays true."""

    def __init__(self) -> None:
        self._places: Places | None = None

    def read_set(self, uow: UnitOfWork, period: SettlementPeriod) -> bool:
        """Adds the rows of the next journals; False where all have been read. Hold the period, whose lines are numbered."""
        found = movements.taken(uow, period.id, period.read_to or BEFORE_THE_FIRST, JOURNALS_A_SET)
        if not found:
            return False
        if self._places is None:
            self._places = places(uow, period.id)
        known = InForce(uow)
        alike = movements.moved_alike(uow, found, known.starts)
        _add(uow, period.id, rows_of(known.clearing, alike, self._places))
        period.read_to = found[-1]
        uow.session.flush()
        return True


def rows_of(clearing: Clearing, alike: Iterable[Amounts], found_at: Places) -> Rows:
    """The rows that movements make; what ended is left to `rows_of_days`."""
    rows: Rows = defaultdict(dict)
    for one in alike:
        for effect in clearing.effects(one.movement):
            place = found_at.get((effect.party, effect.line))
            if place is not None and effect.line.kind != "breakage":
                _count(rows[place[0]], effect, place[1], one.each)
    return rows


def _count(rows: dict[RowKey, int], effect: PartyEffect, number: int, each: Iterable[tuple[bytes, bytes, int]]) -> None:
    kind, version, sign = effect.line.kind, effect.version or 0, effect.points
    is_sponsored = kind == "coupon-funding"
    for journal, subject, amount in each:
        digits = journal.hex()
        key = digits, number, subject.hex() if is_sponsored else digits, kind, version
        rows[key] = rows.get(key, 0) + sign * amount


def in_order(rows: Mapping[RowKey, int]) -> list[SealedRow]:
    """Rows by their journals, and those of one by their lines."""
    return [
        SealedRow(f"{'red' if kind == 'coupon-funding' else 'jou'}_{cause}", line, kind, n, version or None)
        for (_, line, cause, kind, version), n in sorted(rows.items())
    ]


def _add(uow: UnitOfWork, period_id: str, rows: Rows) -> None:
    trees, ordered = _trees(uow, period_id), sorted(rows)
    numbers, journals = [], []
    for statement_id in ordered:
        number, tree = trees.setdefault(statement_id, (0, GrowingTree()))
        for row in in_order(rows[statement_id]):
            tree.add(row.text().encode())
        numbers.append(number + 1)
        journals.append(bytes.fromhex("".join(sorted({key[0] for key in rows[statement_id]}))))
    if ordered:
        values = {
            "statements": id_array(ordered),
            "numbers": number_array(numbers),
            "journals": bytes_array(journals),
            "sizes": number_array([trees[one][1].size for one in ordered]),
            "peaks": bytes_array([trees[one][1].peaks for one in ordered]),
        }
        uow.write(_PIECES, values)


def _trees(uow: UnitOfWork, period_id: str) -> dict[str, tuple[int, GrowingTree]]:
    """The trees of a period's statements as far as they have been read, and how many pieces each has."""
    values = {"district": hex_of(uow.district_id), "period": hex_of(period_id)}
    rows = uow.rows(_LAST_PIECES, values)
    return {f"stm_{statement}": (number, GrowingTree(size, peaks)) for statement, number, size, peaks in rows}


def rows_of_days(uow: UnitOfWork, period_id: str, found_at: Places) -> dict[str, list[SealedRow]]:
    """What ended, by statement: a row for each line, local day and version of the terms. They stand after all others."""
    if not any(line.kind == "breakage" for _, line in found_at):
        return {}
    known, zone = InForce(uow), ZoneInfo(districts.district(uow).time_zone)
    sums: dict[str, dict[tuple[int, str, int], int]] = defaultdict(dict)
    for one in movements.moved_by_quarters(uow, period_id, items.ENDED, known.starts):
        day = one.recorded_at.astimezone(zone).date().isoformat()
        for effect in known.clearing.effects(one.movement):
            place = found_at.get((effect.party, effect.line))
            if place is not None:
                rows, key = sums[place[0]], (place[1], day, effect.version or 0)
                rows[key] = rows.get(key, 0) + effect.points
    return {
        statement: [SealedRow(day, line, "breakage", n, version) for (line, day, version), n in sorted(rows.items())]
        for statement, rows in sums.items()
    }


def seal(uow: UnitOfWork, period: SettlementPeriod) -> None:
    """Gives a period that is closed, and whose journals have all been read, its trees and its hash. Hold it."""
    before = queries.period_of_number(uow, period.number - 1)
    previous_hash = BEFORE_ALL if before is None else before.hash
    assert previous_hash is not None, "periods are sealed in order"
    statements = list(queries.statements_of(uow, period.id).items())
    trees, ended = _trees(uow, period.id), rows_of_days(uow, period.id, places(uow, period.id))
    terms = InForce(uow).before(period.ends_at)
    own = queries.overrides(uow, [row.version for row in terms])
    contents, tree = [], GrowingTree()
    for party, one in statements:
        _, rows = trees.get(one.id, (0, GrowingTree()))
        for row in ended.get(one.id, ()):
            rows.add(row.text().encode())
        prices = [(version, others[party.id]) for version, others in own.items() if party.id in others]
        contents.append(statement_text(_figures(party, one, rows), prices, secrets.token_bytes(_SALT_BYTES)))
        tree.add(contents[-1].encode())
    values = {
        "period": hex_of(period.id),
        "statements": id_array([one.id for _, one in statements]),
        "places": number_array(list(range(len(statements)))),
        "contents": text_array(contents),
    }
    uow.write(_LEAVES, values)
    figures = [figures_of(row) for row in terms]
    period.content = period_text(period.number, period.starts_on, period.ends_on, figures, tree)
    period.tree, period.previous_hash = tree.root, previous_hash
    period.hash = digest_after(previous_hash, period.content)
    uow.session.flush()


def _figures(party: Party, row: StatementRow, tree: GrowingTree) -> StatementFigures:
    return StatementFigures(
        row.id, party, row.opening, row.net_position, row.payments, row.closing, tree.size, tree.root
    )


def figures_of(row: SettlementTerms) -> TermsFigures:
    """What a version of the terms decides for all."""
    prices = Prices(row.issue_price, row.redemption_price)
    return TermsFigures(row.version, row.starts_at, prices, row.breakage_share, row.own_points)
