"""Verbs of imports: one is begun with its file, told how to read it, started, stopped, and taken back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.districts import queries as districts
from app.foundation.database.unit_of_work import UnitOfWork
from app.foundation.i18n import words as _l
from app.foundation.ids import new_id
from app.foundation.jobs.queue import LONG, Job
from app.foundation.problems import Forbidden, NotFound
from app.foundation.tenancy import Principal
from app.imports import queries, writing
from app.imports.errors import WrongImportState
from app.imports.models import Import
from app.imports.rules import CANCELLABLE, CHANGEABLE, KEPT, NEEDS, UNDOABLE

BACKDATE, ADJUST = "transactions:backdate", "points:adjust"


def begin_import(
    uow: UnitOfWork,
    content: bytes,
    *,
    kind: str,
    source: str,
    file_name: str,
    starts: bool,
    settings: Mapping[str, Any] | None,
) -> Import:
    """Keeps a file that a job will read, and record if it `starts`. Without settings those hold that the source had last.

    Raises Forbidden where the kind needs more than the principal has, NotFound for a merchant that isn't the district's.
    """
    check_may(uow.principal, kind)
    if settings is None:
        settings = (queries.last_settings(uow, kind, source) if source else None) or {}
    _check_payer(uow, settings)
    row = Import(
        district_id=uow.district_id,
        id=new_id("imp"),
        kind=kind,
        source=source,
        file_name=file_name,
        status="queued",
        starts=starts,
        settings=dict(settings),
        actor=_actor(uow.principal, kind),
        merchant_id=uow.principal.merchant_id,
        store_id=uow.principal.store_id,
        created_at=uow.now,
        alive_at=uow.real_now,
        kept_until=uow.real_now + KEPT,
    )
    uow.session.add(row)
    uow.session.flush()
    writing.keep_file(uow, row.id, content)
    return row


def check_may(principal: Principal, kind: str) -> None:
    """Raises Forbidden for who may not import a kind."""
    needs = NEEDS[kind]
    if not principal.may(needs.scope):
        raise Forbidden(_l("This import needs the scope %(scope)s.", scope=needs.scope))
    if needs.is_alliance_only and not principal.is_alliance:
        raise Forbidden(_l("Only a key of the whole district may do that."))


def _check_payer(uow: UnitOfWork, settings: Mapping[str, Any]) -> None:
    if settings.get("merchant_id"):
        try:
            districts.find_merchant(uow, settings["merchant_id"])
        except NotFound:
            raise NotFound.at("/merchant_id", _l("merchant")) from None


def _actor(principal: Principal, kind: str) -> dict[str, Any]:
    """Who asks, with those rights of theirs that an import can need: it goes by what they were when it was asked for."""
    scopes = [one for one in (NEEDS[kind].scope, BACKDATE, ADJUST) if principal.may(one)]
    return {
        "kind": principal.kind,
        "id": principal.id,
        "merchant_id": principal.merchant_id,
        "store_id": principal.store_id,
        "scopes": scopes,
    }


def change_settings(uow: UnitOfWork, import_id: str, settings: Mapping[str, Any]) -> Import:
    """Lets a file be read anew, otherwise. Raises NotFound, Forbidden, and WrongImportState once it is being recorded."""
    _check_payer(uow, settings)
    row = _hold(uow, import_id, CHANGEABLE)
    row.settings, row.status, row.flaw, row.starts = dict(settings), "queued", None, False
    row.alive_at = uow.real_now
    uow.session.flush()
    return row


def start_import(uow: UnitOfWork, import_id: str) -> Import:
    """Lets what was read be recorded, for who asks now. Raises NotFound, Forbidden, WrongImportState."""
    row = _hold(uow, import_id, ("ready", "running", "done"))
    if row.status == "ready":
        row.status, row.actor, row.alive_at = "running", _actor(uow.principal, row.kind), uow.real_now
        uow.session.flush()
    return row


def cancel_import(uow: UnitOfWork, import_id: str) -> Import:
    """Stops an import; what is recorded stays. Raises NotFound, Forbidden, WrongImportState for one that is over."""
    row = _hold(uow, import_id, (*CANCELLABLE, "cancelled"))
    if row.status != "cancelled":
        row.status, row.finished_at = "cancelled", uow.now
        uow.session.flush()
        writing.forget_file(uow, row.id)
    return row


def undo_import(uow: UnitOfWork, import_id: str) -> Import:
    """Lets all be taken back that an import has recorded: sales are refunded whole, of opening balances goes what is left.

    Raises NotFound, Forbidden, and WrongImportState for what was never recorded, or can't be taken back.
    """
    row = _hold(uow, import_id, ("done", "cancelled", "undoing", "undone"))
    if row.kind not in UNDOABLE:
        raise WrongImportState(_l("An import of this kind can't be taken back."))
    if row.status in ("done", "cancelled"):
        row.status, row.actor, row.alive_at = "undoing", _actor(uow.principal, row.kind), uow.real_now
        uow.session.flush()
    return row


def _hold(uow: UnitOfWork, import_id: str, states: tuple[str, ...]) -> Import:
    row = queries.find_import(uow, import_id, lock=True)
    check_may(uow.principal, row.kind)
    if row.status not in states:
        raise WrongImportState(_l("The import is %(status)s.", status=row.status))
    return row


def job_of(district_id: str, import_id: str) -> Job:
    """The job that reads, records or takes back."""
    return Job("app.imports.tasks.work_on", (district_id, import_id), LONG)
