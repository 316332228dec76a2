"""What the job of an import does: reads its file, records its lines or takes them back, as its state says."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from zoneinfo import ZoneInfo

from app.districts import queries as districts
from app.foundation import audit
from app.foundation.database.once import do_once
from app.foundation.database.unit_of_work import UnitOfWork, unit_of_work
from app.foundation.i18n import words as _l
from app.foundation.problems import DomainError, ValidationFailed
from app.foundation.tenancy import system_principal
from app.imports import queries, reading, writing
from app.imports.queries import Work
from app.imports.reading import FileLine, Reading, Reason
from app.imports.recording import PIPELINED, RECORDERS
from app.imports.rules import DEAD_AFTER, MOST_ROWS, ROWS_A_SET
from app.imports.undoing import UNDOERS
from merchant_sdk.tables import TableError

ATTEMPTS = 8
LINES_A_SET = 1000


def work_on(district_id: str, import_id: str) -> None:
    """Does what is to be done of an import, until nothing is; whoever comes beside does no harm."""
    status = _read_if_queued(district_id, import_id)
    while status in ("running", "undoing"):
        status = _next_set(district_id, import_id, status)


def _next_set(district_id: str, import_id: str, status: str) -> str:
    """Records or takes back the next lines; the state of the import afterwards."""
    with unit_of_work(system_principal(district_id)) as uow:
        row = queries.find_import(uow, import_id)
        principal = queries.principal_of(district_id, row.actor)
    step = _record if status == "running" else _undo
    is_pipelined = row.kind in PIPELINED
    return do_once(principal, lambda uow: step(uow, import_id), attempts=ATTEMPTS, pipelined=is_pipelined)


def _record(uow: UnitOfWork, import_id: str) -> str:
    work = queries.hold_work(uow, import_id)
    if work.status != "running":
        return work.status
    rows = queries.rows_of(uow, import_id, "waiting", -1, ROWS_A_SET)
    if not rows:
        writing.forget_file(uow, import_id)
        return _finish(uow, import_id, "done")
    writing.end_lines(uow, import_id, RECORDERS[work.kind](uow, work, rows))
    return work.status


def _undo(uow: UnitOfWork, import_id: str) -> str:
    work = queries.hold_work(uow, import_id)
    if work.status != "undoing":
        return work.status
    rows = queries.rows_of(uow, import_id, "recorded", -1, ROWS_A_SET)
    if not rows:
        return _finish(uow, import_id, "undone")
    writing.end_lines(uow, import_id, UNDOERS[work.kind](uow, import_id, rows))
    return work.status


def _finish(uow: UnitOfWork, import_id: str, status: str) -> str:
    writing.finish(uow, import_id, status)
    audit.record(uow, f"import.{'finished' if status == 'done' else status}", import_id)
    return status


def _read_if_queued(district_id: str, import_id: str) -> str:
    """Reads the file of an import that waits for it; the state afterwards."""
    with unit_of_work(system_principal(district_id)) as uow:
        work = writing.claim_reading(uow, import_id, uow.real_now - DEAD_AFTER)
        if work is None:
            return queries.hold_work(uow, import_id).status
        writing.forget_lines(uow, import_id)
        zone = ZoneInfo(districts.district(uow).time_zone)
    with tempfile.NamedTemporaryFile(suffix=".table") as file:
        with unit_of_work(system_principal(district_id)) as uow:
            for piece in queries.pieces_of(uow, import_id):
                file.write(piece)
        file.flush()
        return _read(district_id, import_id, work, zone, Path(file.name))


def _read(district_id: str, import_id: str, work: Work, zone: ZoneInfo, path: Path) -> str:
    """Keeps the lines of a file; whoever finds that another has taken over leaves it all to that one."""
    found: Reading | None = None
    flaw: Reason | None = None
    try:
        found = reading.read_file(path, work.kind, work.settings, zone)
        for lines in _sets(found.lines):
            with unit_of_work(system_principal(district_id)) as uow:
                if queries.hold_work(uow, import_id) != work:
                    return "overtaken"
                writing.add_lines(uow, import_id, lines)
                writing.touch(uow, import_id)
    except TableError as error:
        flaw = reading.told(error)
    except DomainError as error:
        flaw = {"problem": error.as_kept()}
    with unit_of_work(system_principal(district_id)) as uow:
        if queries.hold_work(uow, import_id) != work:
            return "overtaken"
        status = "failed" if flaw is not None else "running" if work.starts else "ready"
        columns = (reading.names_in(path), {}) if found is None else (found.header, found.fields)
        writing.note_reading(uow, import_id, status, *columns, flaw)
        return status


def _sets(lines: Iterator[FileLine]) -> Iterator[list[FileLine]]:
    rows = 0
    while some := list(islice(lines, LINES_A_SET)):
        rows += sum(one.rows for one in some)
        if rows > MOST_ROWS:
            most = f"{MOST_ROWS:,}"
            raise ValidationFailed.at(
                "/file", "too-large", _l("Up to %(most)s rows are accepted: divide it.", most=most)
            )
        yield some
