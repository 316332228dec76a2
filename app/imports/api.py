"""`/v1/imports`."""

from __future__ import annotations

from typing import Any

from flask import request

from app.foundation.database.unit_of_work import UnitOfWork
from app.foundation.files.tables import CSV
from app.foundation.http.answers import Answer, Download
from app.foundation.http.routing import Call, Routes
from app.foundation.problems import Forbidden, NotFound
from app.imports import answers, downloading, queries, schemas, services
from app.imports.errors import WrongImportState
from app.imports.models import Import
from app.imports.present import page_of_imports, show_import, show_whole_import

imports = Routes("imports", __name__, url_prefix="/v1/imports")
ROOMS = (imports,)
_A_PAGE = 500


def _again(uow: UnitOfWork, stored: dict[str, Any]) -> dict[str, Any]:
    return show_import(queries.find_import(uow, stored["id"]))


def _put(uow: UnitOfWork, row: Import, status: int = 202) -> Answer:
    """What is answered while a job does it."""
    jobs = (services.job_of(uow.district_id, row.id),)
    return Answer(show_import(row), status, stored={"id": row.id}, jobs=jobs)


@imports.serve(
    "POST",
    "",
    scope="transactions:write",
    uploads=True,
    query=schemas.ImportQuery(),
    answers={202: answers.IMPORT},
    problems=(Forbidden, NotFound),
    replay=_again,
    audit="import.begun",
)
def begin_import(uow: UnitOfWork, call: Call) -> Answer:
    """Send a table of sales, refunds, members or merchants: CSV or XLSX of up to 8 MiB, as the body or as `file` of a form.

    A job reads it, and records each row once, however often it comes; with `start=false` it waits to be looked at before.
    """
    assert call.upload is not None
    said_of = call.query
    row = services.begin_import(
        uow,
        call.upload.content,
        kind=said_of["kind"],
        source=said_of["source"] or "",
        file_name=said_of["file_name"] or call.upload.name[:200],
        starts=said_of["start"] == "true",
        settings=said_of["settings"],
    )
    return _put(uow, row)


@imports.serve("GET", "", scope="transactions:read", query=schemas.IMPORTS, answers={200: answers.IMPORTS})
def list_imports(uow: UnitOfWork, call: Call) -> Answer:
    """List imports, newest first; a merchant's key sees its own."""
    return Answer(page_of_imports(uow, call.query))


@imports.serve("GET", "/<imp:import_id>", scope="transactions:read", answers={200: answers.WHOLE_IMPORT})
def get_import(uow: UnitOfWork, call: Call, import_id: str) -> Answer:
    """Read an import: how far it is, and its first rows as they will be recorded."""
    return Answer(show_whole_import(uow, import_id))


@imports.serve(
    "PATCH",
    "/<imp:import_id>",
    scope="transactions:write",
    body=schemas.SETTINGS,
    answers={202: answers.IMPORT},
    problems=(WrongImportState, Forbidden),
    audit="import.changed",
)
def change_import(uow: UnitOfWork, call: Call, import_id: str) -> Answer:
    """Let the file be read anew, as is said here; what isn't said is found by the names of the columns."""
    return _put(uow, services.change_settings(uow, import_id, call.body))


@imports.serve(
    "POST",
    "/<imp:import_id>/start",
    scope="transactions:write",
    answers={202: answers.IMPORT},
    problems=(WrongImportState, Forbidden),
    replay=_again,
    audit="import.started",
)
def start_import(uow: UnitOfWork, call: Call, import_id: str) -> Answer:
    """Record what was read."""
    return _put(uow, services.start_import(uow, import_id))


@imports.serve(
    "POST",
    "/<imp:import_id>/cancel",
    scope="transactions:write",
    answers={200: answers.IMPORT},
    problems=(WrongImportState, Forbidden),
    replay=_again,
    audit="import.cancelled",
)
def cancel_import(uow: UnitOfWork, call: Call, import_id: str) -> Answer:
    """Stop an import; rows that are recorded stay so."""
    row = services.cancel_import(uow, import_id)
    return Answer(show_import(row), stored={"id": row.id})


@imports.serve(
    "POST",
    "/<imp:import_id>/undo",
    scope="transactions:write",
    answers={202: answers.IMPORT},
    problems=(WrongImportState, Forbidden),
    replay=_again,
    audit="import.undo_asked",
)
def undo_import(uow: UnitOfWork, call: Call, import_id: str) -> Answer:
    """Take back all that was recorded: sales by refunds of what is left of them, opening balances as far as they aren't spent."""
    return _put(uow, services.undo_import(uow, import_id))


@imports.serve(
    "GET",
    "/<imp:import_id>/refused",
    scope="transactions:write",
    answers={200: answers.REFUSED},
    audit="import.refused_read",
)
def refused_rows(uow: UnitOfWork, call: Call, import_id: str) -> Answer:
    """Download the refused rows as they were, each with the reason: mended, they are imported by themselves."""
    row = queries.find_import(uow, import_id)
    services.check_may(uow.principal, row.kind)
    content = downloading.refused_file(call.principal, row) if request.method != "HEAD" else ()
    return Answer({}, download=Download(content, CSV, f"{import_id}.csv"))
