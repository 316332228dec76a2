"""`/v1/audit-entries`."""

from __future__ import annotations

from app.audit import answers, schemas
from app.audit.present import page_of_entries
from app.foundation.database.unit_of_work import UnitOfWork
from app.foundation.http.answers import Answer
from app.foundation.http.routing import Call, Routes

audit_entries = Routes("audit_entries", __name__, url_prefix="/v1/audit-entries")
ROOMS = (audit_entries,)


@audit_entries.serve(
    "GET",
    "",
    scope="programme:read",
    alliance_only=True,
    query=schemas.ENTRIES,
    answers={200: answers.ENTRIES},
)
def list_audit_entries(uow: UnitOfWork, call: Call) -> Answer:
    """List who did what, when and from where, newest first."""
    return Answer(page_of_entries(uow, call.query))
