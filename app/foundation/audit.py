"""The audit log: who did what to what, when and from where; written in the commit of the act, and only ever added to.

Entries hold ids, figures and names of fields, never personal data and never what people write
(docs/decisions/0019-audit.md). Routes get theirs by `audit=` of their declaration; jobs and commands call `record`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson

from app.foundation.database.unit_of_work import UnitOfWork
from app.foundation.ids import hex_of, new_id
from app.foundation.tenancy import NOBODY, Origin, Principal

_INSERT = """
    INSERT INTO audit_entries
        (district_id, id, actor_kind, actor_id, action, subject_id, details, request_id, address, recorded_at)
    VALUES (%(district)s::uuid, %(id)s::uuid, %(actor_kind)s::text, %(actor)s::text, %(action)s::text, %(subject)s::text,
            %(details)s::jsonb, %(request)s::text, %(address)s::text, %(now)s::timestamptz)
"""


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
    at_till = {"cashier_id": actor.cashier_id} if actor.cashier_id else {}
    uow.write(
        _INSERT,
        {
            "id": hex_of(new_id("aud")),
            "actor_kind": actor.kind,
            "actor": None if hex_of(actor.id) == NOBODY else actor.id,
            "action": action,
            "subject": subject_id,
            "details": orjson.dumps({**(details or {}), **at_till}, option=orjson.OPT_UTC_Z).decode(),
            "request": origin and origin.request_id,
            "address": None if origin is None or actor.kind == "member" else origin.address,
        },
    )
