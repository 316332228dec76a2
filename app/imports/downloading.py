"""The refused rows of an import as a file."""

from __future__ import annotations

from collections.abc import Iterator

from app.foundation.database.unit_of_work import unit_of_work
from app.foundation.files.tables import as_csv
from app.foundation.i18n import said
from app.foundation.i18n import words as _l
from app.foundation.tenancy import Principal
from app.imports import queries
from app.imports.models import Import
from app.imports.present import refused_lines

_A_PAGE = 500


def refused_file(principal: Principal, row: Import) -> Iterator[bytes]:
    """The refused rows as CSV, page by page, in units of work of their own."""
    return as_csv(refused_lines(row, _refused(principal, row.id), said(_l("Reason"))))


def _refused(principal: Principal, import_id: str) -> Iterator[queries.KeptRow]:
    after = -1
    while True:
        with unit_of_work(principal) as uow:
            page = queries.rows_of(uow, import_id, "refused", after, _A_PAGE)
        if not page:
            return
        yield from page
        after = page[-1].number
