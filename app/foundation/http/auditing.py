"""What a route leaves in the audit log: derived from its path and body, so that no view has to remember it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from flask import g, request
from marshmallow import Schema

from app.foundation import audit
from app.foundation.addresses import spelled
from app.foundation.database.unit_of_work import UnitOfWork
from app.foundation.ids import is_id, is_some_id
from app.foundation.tenancy import OPERATOR_DISTRICT, Origin


def origin_of_request() -> Origin:
    """The request at hand. Its address is that of the connection, or what TRUSTED_PROXIES have said of it."""
    return Origin(g.get("request_id", ""), spelled(request.remote_addr), request.headers.get("User-Agent", ""))


def keep_entry(
    uow: UnitOfWork,
    action: str,
    schema: Schema | None,
    body: Mapping[str, Any],
    path: Mapping[str, str],
    made_id: str | None,
    audited: Mapping[str, Any],
) -> None:
    """Writes the entry of a view that has returned; none for a change (PATCH) that changes nothing.

    Its subject is the first id of the path, else that of what was made, else the district; what else a path names, such as
    a code, is nobody's to keep. What the operator does to a
    district stands in that district's log.
    """
    is_change = request.method == "PATCH"
    if is_change and not body:
        return
    ids = {name: one for name, one in path.items() if is_some_id(one)}
    subject = ids.pop(next(iter(ids), ""), None) or made_id or uow.district_id
    fields = {"fields": sorted(body)} if is_change else {}
    details = {**fields, **dict(_plain(schema, body, is_change)), **ids, **audited}
    if uow.district_id == OPERATOR_DISTRICT and is_id("dis", subject):
        with uow.inside(subject):
            audit.record(uow, action, subject, details)
    else:
        audit.record(uow, action, subject, details)


def _plain(schema: Schema | None, body: Mapping[str, Any], is_change: bool) -> Iterator[tuple[str, Any]]:
    """The values of a body that are ids, figures or words of ours; what is null says something in a change only."""
    for name, field in schema.fields.items() if schema is not None else ():
        if name in body and getattr(field, "is_plain", False) and (is_change or body[name] is not None):
            yield name, body[name]
