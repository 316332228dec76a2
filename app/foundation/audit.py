"""The audit log: who did what to what, when and from where; written in the commit of the act, and only ever added to.

Entries hold ids, figures and names of fields, never personal data and never what people write
(docs/decisions/0019-audit.md). Routes get theirs by `audit=` of their declaration; jobs and commands call `record`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson

from app.foundation.database.sql_arrays import id_array, text_array, unnested
from app.foundation.database.unit_of_work import UnitOfWork
from app.foundation.ids import hex_of, new_id
from app.foundation.tenancy import NOBODY, Origin, Principal

_TEXTS = ("actor_kind", "actor_id", "action", "subject_id", "request_id", "address")
_INSERT = f"""
    INSERT INTO audit_entries (district_id, recorded_at, id, {", ".join(_TEXTS)}, details)
    VALUES (%(district)s::uuid, %(now)s::timestamptz,
            {unnested(id="uuid", **dict.fromkeys(_TEXTS, "text"), details="jsonb")})
"""


@dataclass(frozen=True, slots=True)
class Act:
    """What somebody has done to a subject, and by which request; see `record`."""

    actor: Principal
    action: str
    subject_id: str
    details: Mapping[str, Any] = field(default_factory=dict)
    origin: Origin | None = None


def record(
    uow: UnitOfWork,
    action: str,
    subject_id: str,
    details: Mapping[str, Any] | None = None,
    *,
    actor: Principal | None = None,
    origin: Origin | None = None,
) -> None:
    """Writes what the principal of this unit of work, or another whose work it does, has done to a subject in its district.

    `action` is a stable dotted name in the past tense (`points.adjusted`); `details` hold further ids and figures.
    Where a member has called from is personal, and couldn't be erased here: it is left out. Of a till it says whose shift it was.
    """
    actor, origin = (uow.principal, uow.origin) if actor is None else (actor, origin)
    record_all(uow, [Act(actor, action, subject_id, details or {}, origin)])


def record_all(uow: UnitOfWork, entries: Sequence[Act]) -> None:
    """Writes what several have done, in one statement."""
    if not entries:
        return
    columns = zip(*map(_texts, entries), strict=True)
    uow.write(
        _INSERT,
        {
            "id": id_array([new_id("aud") for _ in entries]),
            **{name: text_array(column) for name, column in zip(_TEXTS, columns, strict=True)},
            "details": text_array([_details(one) for one in entries]),
        },
    )


def _texts(one: Act) -> tuple[str | None, ...]:
    """In the order of `_TEXTS`."""
    actor, origin = one.actor, one.origin
    actor_id = None if hex_of(actor.id) == NOBODY else actor.id
    address = None if origin is None or actor.kind == "member" else origin.address
    request_id = None if origin is None else origin.request_id
    return actor.kind, actor_id, one.action, one.subject_id, request_id, address


def _details(one: Act) -> str:
    at_till = {"cashier_id": one.actor.cashier_id} if one.actor.cashier_id else {}
    return orjson.dumps({**one.details, **at_till}, option=orjson.OPT_UTC_Z).decode()
