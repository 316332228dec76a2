"""`/v1/exports`."""

from __future__ import annotations

from typing import Any

from flask import request

from app.exports import answers, downloading, queries, schemas, services
from app.exports.errors import ExportExpired, ExportNotMade
from app.exports.present import page_of_exports, show_export
from app.foundation.database.unit_of_work import UnitOfWork
from app.foundation.http.answers import Answer
from app.foundation.http.routing import Call, Routes
from app.foundation.problems import Forbidden, NotFound, StepUpRequired

exports = Routes("exports", __name__, url_prefix="/v1/exports")
ROOMS = (exports,)


def _again(uow: UnitOfWork, stored: dict[str, Any]) -> dict[str, Any]:
    return show_export(queries.find_export(uow, stored["id"]))


@exports.serve(
    "POST",
    "",
    scope="transactions:read",
    body=schemas.ExportBody(),
    answers={202: answers.EXPORT},
    problems=(Forbidden, NotFound, StepUpRequired),
    replay=_again,
    audit="export.asked",
)
def ask_export(uow: UnitOfWork, call: Call) -> Answer:
    """Ask for a list as a file: all its pages, as who asks may see them, made in the queue. It needs the list's own scope."""
    body = call.body
    if body["kind"] == "books":
        row = services.ask_books(uow, body["format"], body["period_id"])
    else:
        services.check_no_period(uow, body.get("period_id"))
        row = services.ask_export(uow, body["list"], body["format"], body["filter"])
    return Answer(show_export(row), 202, stored={"id": row.id}, jobs=(services.job_of(uow.district_id, row.id),))


@exports.serve("GET", "", scope="transactions:read", query=schemas.EXPORTS, answers={200: answers.EXPORTS})
def list_exports(uow: UnitOfWork, call: Call) -> Answer:
    """List the exports that the key has asked for, newest first."""
    return Answer(page_of_exports(uow, call.query))


@exports.serve("GET", "/<exp:export_id>", scope="transactions:read", answers={200: answers.EXPORT})
def get_export(uow: UnitOfWork, call: Call, export_id: str) -> Answer:
    """Read an export: how far it is, and until when its file is kept."""
    return Answer(show_export(queries.find_export(uow, export_id)))


@exports.serve(
    "POST",
    "/<exp:export_id>/cancel",
    scope="transactions:read",
    answers={200: answers.EXPORT},
    replay=_again,
    audit="export.cancelled",
)
def cancel_export(uow: UnitOfWork, call: Call, export_id: str) -> Answer:
    """Stop an export; one that is over stays as it is."""
    row = services.cancel_export(uow, export_id)
    return Answer(show_export(row), stored={"id": row.id})


@exports.serve(
    "GET",
    "/<exp:export_id>/download",
    scope="transactions:read",
    answers={200: answers.FILE},
    problems=(ExportNotMade, ExportExpired, Forbidden, StepUpRequired),
    audit="export.downloaded",
)
def download_export(uow: UnitOfWork, call: Call, export_id: str) -> Answer:
    """Download the file. No cell of it is a formula."""
    if request.method == "HEAD":
        return Answer(
            {}, download=downloading.file_of(queries.find_export(uow, export_id), is_read=False), audited=None
        )
    return Answer({}, download=downloading.file_of(services.take_export(uow, export_id)))
