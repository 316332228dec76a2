"""Verbs of exports: one is asked for, stopped, taken."""

from __future__ import annotations

from collections.abc import Mapping

from app.exports import queries, writing
from app.exports.books import check_is_closed
from app.exports.errors import ExportExpired, ExportNotMade
from app.exports.lists import CURSORS, LISTS
from app.exports.models import Export
from app.foundation.database.unit_of_work import UnitOfWork
from app.foundation.http.validation import load
from app.foundation.i18n import choose_locale
from app.foundation.i18n import words as _l
from app.foundation.ids import new_id
from app.foundation.jobs.queue import LONG, Job
from app.foundation.problems import DomainError, Flaw, Forbidden, StepUpRequired, ValidationFailed
from app.foundation.runtime import runtime
from app.foundation.tenancy import Principal


def ask_export(uow: UnitOfWork, name: str, format: str, wanted: Mapping[str, str]) -> Export:
    """Lets a list be made a file, in the language of who asks.

    Raises Forbidden for who may not read the list, StepUpRequired for a person of whom no password was seen just now where it
    tells of people, and ValidationFailed or NotFound for a filter that the list doesn't take.
    """
    check_may(uow.principal, name)
    if format not in LISTS[name].formats:
        raise ValidationFailed.at("/format", "not-a-choice", _l("This list has no such format."))
    _check_filter(name, wanted)
    principal = uow.principal
    row = Export(
        district_id=uow.district_id,
        id=new_id("exp"),
        list=name,
        format=format,
        filter=dict(wanted),
        language=choose_locale(),
        principal_id=principal.id,
        actor={
            "kind": principal.kind,
            "id": principal.id,
            "merchant_id": principal.merchant_id,
            "store_id": principal.store_id,
            "scopes": [LISTS[name].scope],
        },
        status="queued",
        created_at=uow.now,
        alive_at=uow.real_now,
    )
    uow.session.add(row)
    uow.session.flush()
    return row


def ask_books(uow: UnitOfWork, format: str, period_id: str) -> Export:
    """Lets the books of a closed period be made a file. Raises as `ask_export`, and NotFound for a period of another district."""
    check_may(uow.principal, "books")
    check_is_closed(uow, period_id, "/period_id")
    return ask_export(uow, "books", format, {"period_id": period_id})


def check_no_period(uow: UnitOfWork, period_id: str | None) -> None:
    """Raises NotFound, ValidationFailed: a list isn't that of a period, whichever is named."""
    if period_id is not None:
        check_is_closed(uow, period_id, "/period_id")
        raise ValidationFailed.at("/period_id", "contradiction", _l("Only books are those of a period."))


def check_may(principal: Principal, name: str) -> None:
    """Raises Forbidden, StepUpRequired."""
    one = LISTS[name]
    if not principal.may(one.scope):
        raise Forbidden(_l("This export needs the scope %(scope)s.", scope=one.scope))
    if one.is_alliance_only and not principal.is_alliance:
        raise Forbidden(_l("Only a key of the whole district may do that."))
    if one.is_of_people and principal.is_person and not runtime().has_stepped_up(principal):
        raise StepUpRequired


def _check_filter(name: str, wanted: Mapping[str, str]) -> None:
    """Raises what the list's own query would say, at the filter."""
    for cursor in CURSORS:
        if cursor in wanted:
            detail = _l("An export holds all pages.")
            raise ValidationFailed.at(f"/filter/{cursor}", "unknown-field", detail)
    try:
        load(LISTS[name].query, dict(wanted))
    except DomainError as error:
        flaws = [Flaw(f"/filter{one.pointer}", one.code, one.detail) for one in error.flaws]
        raise type(error)(error.detail, flaws=flaws) from None


def cancel_export(uow: UnitOfWork, export_id: str) -> Export:
    """Stops an export that isn't over; its job ends at the next page. Raises NotFound."""
    row = queries.find_export(uow, export_id, lock=True)
    if row.status in ("queued", "running"):
        row.status, row.finished_at = "cancelled", uow.now
        uow.session.flush()
        writing.forget_file(uow, row.id)
    return row


def take_export(uow: UnitOfWork, export_id: str) -> Export:
    """Notes that a file is taken by who asked for it, and may still read the list.

    Raises NotFound, Forbidden, StepUpRequired, ExportNotMade, ExportExpired.
    """
    row = queries.find_export(uow, export_id, lock=True)
    check_may(uow.principal, row.list)
    if row.status == "expired" or (row.expires_at is not None and row.expires_at <= uow.real_now):
        raise ExportExpired
    if row.status != "done":
        raise ExportNotMade(_l("The export is %(status)s.", status=row.status))
    row.downloads += 1
    uow.session.flush()
    return row


def job_of(district_id: str, export_id: str) -> Job:
    """The job that makes the file."""
    return Job("app.exports.tasks.make_export", (district_id, export_id), LONG)
