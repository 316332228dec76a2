"""What this room answers."""

from __future__ import annotations

from app.foundation.http.contract.shapes import (
    Shape,
    instant,
    nullable,
    page_of,
    public_id,
    record,
    some_id,
    text,
    thing,
)

_DETAILS: Shape = {
    "type": "object",
    "additionalProperties": True,
    "description": "Further ids, figures, and `fields`: the names of what a change has named.",
    "examples": [{"fields": ["pending_days"], "pending_days": 7}],
}
ENTRY = thing(
    "audit_entry",
    {
        "id": public_id("aud"),
        "actor": record(
            {
                "kind": text(
                    "key", description="`key`, `member`, `staff`, `till`, `operator`, `system`; others may be added."
                ),
                "id": nullable(text(some_id("key"), description="null for the operator and the product itself.")),
            },
            title="AuditActor",
        ),
        "action": text("programme.changed", description="A stable name of what was done."),
        "subject": record({"kind": text("district"), "id": text(some_id("dis"))}, title="AuditSubject"),
        "details": _DETAILS,
        "request_id": nullable(text("0193f2a1c0de7b5c9a4e2d6f81b3c507", description="null for jobs and commands.")),
        "from": nullable(
            text("203.0.113.7", description="The client's address; null where none is known, and for members.")
        ),
        "recorded_at": instant(),
    },
)
ENTRIES = page_of(ENTRY)
