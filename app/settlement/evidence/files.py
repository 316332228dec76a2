"""Statements as files, made while they are sent: each piece in a unit of work of its own, whatever a statement's size."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import orjson

from app.districts import queries as districts
from app.foundation.database.unit_of_work import UnitOfWork, unit_of_work
from app.foundation.files.tables import CSV, Cell, as_csv
from app.foundation.files.workbooks import XLSX, as_xlsx
from app.foundation.http.answers import Download
from app.foundation.i18n import said
from app.foundation.i18n import words as _l
from app.foundation.tenancy import system_principal
from app.settlement import queries
from app.settlement.evidence import queries as evidence
from app.settlement.evidence.paper import PaperStatement, as_pdf
from app.settlement.evidence.present import show_proof
from app.settlement.models import StatementRow
from app.settlement.present import show_statement
from app.settlement.sealing.texts import SealedRow, plain

JSON = "application/json"
PDF = "application/pdf"
MEDIA_TYPES = {"json": JSON, "csv": CSV, "xlsx": XLSX, "pdf": PDF}
FORMATS = tuple(MEDIA_TYPES)
FEN_A_YUAN = 100
_ROWS_A_PIECE = 1_000
_HEADINGS = (
    _l("Line"),
    _l("Kind of line"),
    _l("Cause"),
    _l("Points"),
    _l("Price, fen"),
    _l("Amount"),
    _l("Terms version"),
)


@dataclass(frozen=True, slots=True)
class Whose:
    """A statement that somebody may read."""

    district_id: str
    statement_id: str
    pieces: int


def file_of(uow: UnitOfWork, row: StatementRow, form: str) -> Download:
    """A statement as a file. Raises EvidenceNotMade."""
    shown, proof = show_statement(uow, row), show_proof(uow, row)
    name = f"statement-{row.id[-8:]}.{form}"
    if form == "pdf":
        return Download([as_pdf(_on_paper(uow, row, shown, proof["hash"]))], PDF, name)
    rows = _rows(Whose(uow.district_id, row.id, evidence.pieces(uow, row.id)))
    if form == "json":
        head = {"object": "statement_file", "statement": shown, "prices": _prices(uow, row), "proof": proof}
        return Download(_as_json(head, rows), JSON, name)
    table = _table([said(one) for one in _HEADINGS], shown["lines"], rows)
    return Download(as_csv(table) if form == "csv" else as_xlsx(table), MEDIA_TYPES[form], name)


def _on_paper(uow: UnitOfWork, row: StatementRow, shown: dict[str, Any], hash_: str) -> PaperStatement:
    period, district = queries.find_period(uow, row.period_id), districts.district(uow)
    names = {"district": district.name, "public": said(_l("Public purse"))}
    party = shown["party"]
    name = names.get(party["kind"]) or districts.merchant_names(uow)[party["id"]]
    return PaperStatement(shown, district.name, name, period.starts_on.isoformat(), period.ends_on.isoformat(), hash_)


def _prices(uow: UnitOfWork, row: StatementRow) -> list[dict[str, Any]]:
    """Those of merchants, which the district's lines are priced by; a merchant's own stand in its leaf."""
    if row.party_kind != "district":
        return []
    known = queries.InForce(uow).rows
    return [
        {
            "version": version,
            "merchant_id": merchant_id,
            "issue_price": plain(one.issue),
            "redemption_price": plain(one.redemption),
        }
        for version, others in sorted(queries.overrides(uow, [one.version for one in known]).items())
        for merchant_id, one in others.items()
    ]


def _rows(whose: Whose) -> Iterator[SealedRow]:
    for number in range(1, whose.pieces + 2):
        with unit_of_work(system_principal(whose.district_id)) as uow:
            row = queries.find_statement(uow, whose.statement_id)
            is_last = number > whose.pieces
            found = evidence.rows_of_days(uow, row) if is_last else evidence.rows_of_piece(uow, row, number)
        yield from found


def _as_json(head: dict[str, Any], rows: Iterable[SealedRow]) -> Iterator[bytes]:
    """The head, and the rows after it, a line each, as they stand in the tree."""
    yield orjson.dumps(head)[:-1] + b',"rows":['
    mark, gathered = "\n", list[str]()
    for row in rows:
        gathered.append(f"{mark}{row.text()}")
        mark = ",\n"
        if len(gathered) == _ROWS_A_PIECE:
            yield "".join(gathered).encode()
            gathered.clear()
    yield f"{''.join(gathered)}\n]}}\n".encode()


def _table(headings: list[str], lines: list[dict[str, Any]], rows: Iterable[SealedRow]) -> Iterator[list[Cell]]:
    yield list(headings)
    prices = {line["line"]: line["price"] for line in lines}
    for row in rows:
        price = prices[row.line]
        amount = Decimal(row.n) * Decimal(price or 1) / FEN_A_YUAN
        points, shown = (None, None) if price is None else (row.n, Decimal(price))
        yield [row.line, row.kind, row.cause, points, shown, amount, row.version]
