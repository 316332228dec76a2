"""Reading evidence: a period's leaves, and the rows of a statement, piece by piece."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from sqlalchemy import select

from app.foundation.database.unit_of_work import UnitOfWork
from app.foundation.figures.trees import leaf_of, path_of
from app.settlement import movements, queries
from app.settlement.evidence.errors import EvidenceNotMade
from app.settlement.evidence.flows import AcceptedFlow
from app.settlement.models import SettlementPeriod, StatementLeaf, StatementPiece, StatementRow
from app.settlement.queries import InForce
from app.settlement.sealing import hashes
from app.settlement.sealing.texts import SealedRow


@dataclass(frozen=True, slots=True)
class Proof:
    """That a statement stands in its period: its leaf, its place among so many, and the way to the root."""

    period: SettlementPeriod
    leaf: str
    place: int
    size: int
    path: list[bytes]


def proof_of(uow: UnitOfWork, row: StatementRow) -> Proof:
    """Raises EvidenceNotMade, of what was closed before there was evidence, until its job has come by."""
    period = queries.find_period(uow, row.period_id)
    if period.hash is None:
        raise EvidenceNotMade
    query = select(StatementLeaf).where(
        StatementLeaf.district_id == uow.district_id, StatementLeaf.period_id == period.id
    )
    leaves = list(uow.session.scalars(query.order_by(StatementLeaf.place)))
    [own] = [leaf for leaf in leaves if leaf.statement_id == row.id]
    path = path_of([leaf_of(leaf.content.encode()) for leaf in leaves], own.place)
    return Proof(period, own.content, own.place, len(leaves), path)


def pieces(uow: UnitOfWork, statement_id: str) -> int:
    """How many pieces a statement's rows come in, besides those of days."""
    query = select(StatementPiece.number).where(
        StatementPiece.district_id == uow.district_id, StatementPiece.statement_id == statement_id
    )
    return uow.session.scalars(query.order_by(StatementPiece.number.desc()).limit(1)).one_or_none() or 0


def rows_of_piece(uow: UnitOfWork, row: StatementRow, number: int) -> list[SealedRow]:
    """The rows of one piece of a statement, read from the ledger again."""
    known, journals = InForce(uow), _journals(uow, row, number)
    alike = movements.moved_alike(uow, journals, known.starts)
    return hashes.in_order(hashes.rows_of(known.clearing, alike, _places(uow, row)).get(row.id, {}))


def _journals(uow: UnitOfWork, row: StatementRow, number: int) -> list[str]:
    query = select(StatementPiece.journals).where(
        StatementPiece.district_id == uow.district_id,
        StatementPiece.statement_id == row.id,
        StatementPiece.number == number,
    )
    packed = uow.session.scalars(query).one()
    return [packed[start : start + 16].hex() for start in range(0, len(packed), 16)]


def flows_of(uow: UnitOfWork, row: StatementRow) -> dict[str, AcceptedFlow]:
    """From whom the points came that a statement's party has accepted in its period, by the counterparty's id."""
    points: dict[str, int] = defaultdict(int)
    members: dict[str, set[str]] = defaultdict(set)
    for number in range(1, pieces(uow, row.id) + 1):
        for merchant_id, member, n in movements.accepted(uow, _journals(uow, row, number), row.party_id):
            issuer = merchant_id or uow.district_id
            points[issuer] += n
            members[issuer].add(member)
    return {issuer: AcceptedFlow(n, frozenset(members[issuer])) for issuer, n in points.items()}


def rows_of_days(uow: UnitOfWork, row: StatementRow) -> list[SealedRow]:
    """What ended, which comes last."""
    return hashes.rows_of_days(uow, row.period_id, _places(uow, row)).get(row.id, [])


def _places(uow: UnitOfWork, row: StatementRow) -> hashes.Places:
    party = queries.party_of(row)
    lines = queries.lines_of(uow, [row.id])[row.id]
    return {(party, queries.line_of(line)): (row.id, line.line) for line in lines if line.line is not None}
