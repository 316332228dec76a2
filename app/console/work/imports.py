"""`/console/imports`: a file is sent, its columns are looked at, and it is recorded; it may be left and found again."""

from __future__ import annotations

from typing import Any

from app.console.around import around
from app.console.door import console, must
from app.console.lists import listing
from app.console.places import HOME
from app.console.work.words import FIELD_NAMES, FIELDS, KINDS
from app.districts import queries as districts
from app.districts.queries import OpenShop
from app.foundation import audit
from app.foundation.database.unit_of_work import UnitOfWork
from app.foundation.files.tables import CSV
from app.foundation.http.answers import Download
from app.foundation.http.fields import Body, OneOf, Text
from app.foundation.http.validation import load
from app.foundation.i18n import words as _l
from app.foundation.problems import DomainError, ValidationFailed
from app.imports import downloading, queries, schemas, services
from app.imports.present import page_of_imports, show_whole_import
from app.imports.rules import AT_WORK
from app.pages.doors import Visit
from app.pages.outcomes import Go, Handed, Saved, WebPage

HERE, READ, WRITE = f"{HOME}/imports", "transactions:read", "transactions:write"


class FileForm(Body):
    """A file, and what it is."""

    kind = OneOf(tuple(KINDS), required=True)
    source = Text(60, load_default=None, allow_none=True)


@console.page("/imports")
def imports(uow: UnitOfWork, visit: Visit) -> Handed:
    """What was imported, newest first, and a way to send a file."""
    must(visit, WRITE)
    asked = listing(HERE, schemas.IMPORTS)
    page = page_of_imports(uow, asked.query)
    values = {
        "listing": asked.showing([one["id"] for one in page["data"]], has_more=page["has_more"]),
        "imports": page["data"],
        "kinds": {kind: KINDS[kind] for kind in KINDS if _may(visit, kind)},
    }
    return WebPage("console/imports.html", {**values, **around(uow)})


def _may(visit: Visit, kind: str) -> bool:
    try:
        services.check_may(visit.principal, kind)
    except DomainError:
        return False
    return True


@console.act("/imports", form=FileForm(), again=imports, takes_file=True)
def send_file(uow: UnitOfWork, visit: Visit) -> Handed:
    """Takes a file, which is read in the queue and waits to be looked at."""
    must(visit, WRITE)
    if visit.upload is None:
        raise ValidationFailed.at("/file", "required", _l("Choose a file."))
    row = services.begin_import(
        uow,
        visit.upload.content,
        kind=visit.body["kind"],
        source=visit.body["source"] or "",
        file_name=visit.upload.name[:200],
        starts=False,
        settings=None,
    )
    return _on(uow, row, "import.begun")


def _on(uow: UnitOfWork, row: Any, action: str) -> Go:
    audit.record(uow, action, row.id, {"kind": row.kind})
    return Go(f"{HERE}/{row.id}", jobs=(services.job_of(uow.district_id, row.id),))


@console.page("/imports/<imp:import_id>")
def one_import(uow: UnitOfWork, visit: Visit, import_id: str) -> Handed:
    """An import as far as it is: its columns and first rows, how it goes, what became of it."""
    must(visit, WRITE)
    shown, known = show_whole_import(uow, import_id), _own_shops(uow)
    kind = shown["kind"]
    values: dict[str, Any] = {
        "import": shown,
        "kind_name": KINDS[kind],
        "names": FIELD_NAMES,
        "fields": FIELDS[kind],
        "told_fields": [one for one in FIELD_NAMES if any(one in (row["item"] or {}) for row in shown["preview"])],
        "is_at_work": shown["status"] in AT_WORK,
        "may": _may(visit, kind),
        "stores": [(one.code, f"{one.merchant} {one.name}") for one in known],
        "merchants": list({one.merchant_id: one.merchant for one in known}.items()),
        "is_alliance": visit.principal.is_alliance,
    }
    return WebPage("console/import.html", {**values, **around(uow)})


def _own_shops(uow: UnitOfWork) -> list[OpenShop]:
    """Stores from which the principal may choose."""
    return [one for one in districts.open_shops(uow) if uow.principal.acts_for(one.merchant_id, one.store_id)]


@console.act("/imports/<imp:import_id>/columns", again=one_import)
def change_columns(uow: UnitOfWork, visit: Visit, import_id: str) -> Handed:
    """Lets the file be read anew, as is said here."""
    must(visit, WRITE)
    row = queries.find_import(uow, import_id)
    settings = load(schemas.SETTINGS, _said(visit, row))
    return _on(uow, services.change_settings(uow, import_id, settings), "import.changed")


def _said(visit: Visit, row: Any) -> dict[str, Any]:
    """The settings of a form: a column is named where it isn't the one that was found by itself."""
    texts = visit.form.texts
    columns = {name: texts.get(f"columns.{name}", "").strip() for name in FIELDS[row.kind]}
    chosen = {
        name: column
        for name, column in columns.items()
        if column and (column != row.fields.get(name) or name in row.settings.get("columns", {}))
    }
    dropped = [
        found
        for name, found in row.fields.items()
        if name in columns and not columns[name] and found not in chosen.values()
    ]
    constants = {
        name: texts[f"constants.{name}"] for name in ("store_code", "merchant_id") if texts.get(f"constants.{name}")
    }
    plain = {name: texts[name] for name in ("unit", "at", "sheet", "merchant_id") if texts.get(name)}
    flags = {name: name in texts for name in ("sum_lines", "mixed")}
    kept = [one for one in row.settings.get("ignore", ()) if "=" in one]
    return {"columns": chosen, "constants": constants, "ignore": [*kept, *dropped], **plain, **flags}


@console.act("/imports/<imp:import_id>/start", again=one_import)
def start_import(uow: UnitOfWork, visit: Visit, import_id: str) -> Handed:
    """Records what was read."""
    must(visit, WRITE)
    return _on(uow, services.start_import(uow, import_id), "import.started")


@console.act("/imports/<imp:import_id>/cancel", again=one_import)
def cancel_import(uow: UnitOfWork, visit: Visit, import_id: str) -> Handed:
    """Stops it; what is recorded stays."""
    must(visit, WRITE)
    return _on(uow, services.cancel_import(uow, import_id), "import.cancelled")


@console.act("/imports/<imp:import_id>/undo", again=one_import)
def undo_import(uow: UnitOfWork, visit: Visit, import_id: str) -> Handed:
    """Takes back what it has recorded."""
    must(visit, WRITE)
    return _on(uow, services.undo_import(uow, import_id), "import.undo_asked")


@console.page("/imports/<imp:import_id>/refused")
def refused_rows(uow: UnitOfWork, visit: Visit, import_id: str) -> Handed:
    """The refused rows as a file, each with the reason."""
    must(visit, WRITE)
    row = queries.find_import(uow, import_id)
    services.check_may(visit.principal, row.kind)
    audit.record(uow, "import.refused_read", row.id)
    return Saved(Download(downloading.refused_file(visit.principal, row), CSV, f"{import_id}.csv"))
