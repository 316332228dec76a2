"""The job of an export: reads its list page by page, as who asked may see it, and keeps the file in sealed pieces.

Nothing of it is ever whole in memory or on a disk. A job that dies is begun anew by the next.
"""

from __future__ import annotations

from collections.abc import Iterator
from zoneinfo import ZoneInfo

from flask_babel import force_locale

from app.districts import queries as districts
from app.exports import columns, queries, writing
from app.exports.columns import Shown
from app.exports.lists import LISTS, Page, Query, pages_of
from app.exports.queries import Wanted
from app.exports.rules import DEAD_AFTER, KEPT, PIECE_BYTES, ROWS_A_PAGE
from app.foundation import audit
from app.foundation.database.unit_of_work import unit_of_work
from app.foundation.files.tables import Cell, as_csv
from app.foundation.files.workbooks import MOST_ROWS, as_xlsx
from app.foundation.http.validation import load
from app.foundation.i18n import said
from app.foundation.tenancy import Principal, system_principal


class ExportStopped(Exception):
    """Somebody has cancelled the export, or taken it over."""


def make_export(district_id: str, export_id: str) -> bool:
    """Makes the file of an export that waits; says whether it is done."""
    with unit_of_work(system_principal(district_id)) as uow:
        wanted = writing.claim(uow, export_id, uow.real_now - DEAD_AFTER)
        zone = ZoneInfo(districts.district(uow).time_zone)
    if wanted is None:
        return False
    maker = _Maker(district_id, export_id, wanted, zone)
    try:
        maker.make()
    except ExportStopped:
        return False
    except Exception:
        maker.end("failed")
        raise
    return True


class _Maker:
    """One attempt at a file."""

    def __init__(self, district_id: str, export_id: str, wanted: Wanted, zone: ZoneInfo) -> None:
        self._district_id, self._export_id, self._wanted, self._zone = district_id, export_id, wanted, zone
        self._system = system_principal(district_id)
        self._principal: Principal = queries.principal_of(district_id, wanted.actor)
        self._rows = 0
        self._pieces = 0

    def make(self) -> None:
        """Raises ExportStopped."""
        with force_locale(self._wanted.language):
            gathered = b""
            for piece in self._pieces_of_file():
                gathered += piece
                if len(gathered) >= PIECE_BYTES:
                    self._keep(gathered)
                    gathered = b""
            self._keep(gathered)
        self.end("done")

    def _pieces_of_file(self) -> Iterator[bytes]:
        if LISTS[self._wanted.list].lines is not None:
            return self._text()
        return (as_xlsx if self._wanted.format == "xlsx" else as_csv)(self._table())

    def _text(self) -> Iterator[bytes]:
        one = LISTS[self._wanted.list]
        assert one.lines is not None, "it is no table"
        with unit_of_work(self._principal, snapshot=True) as uow:
            for line in one.lines(uow, load(one.query, self._wanted.filter), self._wanted.format):
                self._rows += 1
                yield f"{line}\n".encode()

    def _table(self) -> Iterator[list[Cell]]:
        one = LISTS[self._wanted.list]
        yield [said(column.name) for column in one.columns]
        query = {**load(one.query, self._wanted.filter), "limit": ROWS_A_PAGE}
        for page in pages_of(one, query, self._read):
            self._rows += len(page)
            if self._wanted.format == "xlsx" and self._rows >= MOST_ROWS:
                raise ValueError("more rows than a sheet can hold")
            yield from (columns.cells(one.columns, row, self._zone) for row in page)

    def _read(self, page: Page, query: Query) -> Shown:
        with unit_of_work(self._principal) as uow:
            return page(uow, query)

    def _keep(self, content: bytes) -> None:
        with unit_of_work(self._system) as uow:
            if not queries.stands(uow, self._export_id, self._wanted.attempt):
                raise ExportStopped
            writing.add_piece(uow, self._export_id, self._pieces, content, self._rows)
        self._pieces += 1

    def end(self, status: str) -> None:
        """Ends the export, where it is still this attempt's."""
        with unit_of_work(self._system) as uow:
            if not queries.stands(uow, self._export_id, self._wanted.attempt):
                return
            writing.finish(uow, self._export_id, status, uow.real_now + KEPT if status == "done" else None)
            audit.record(uow, f"export.{status}", self._export_id, {"rows": self._rows}, actor=self._principal)
