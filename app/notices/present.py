"""How notices are shown."""

from __future__ import annotations

from typing import Any

from app.foundation.clock import format_instant
from app.notices.queries import InboxNotice


def show_notice(row: InboxNotice) -> dict[str, Any]:
    """A notice as a member takes it along."""
    return {
        "id": row.id,
        "kind": row.kind,
        "details": row.details,
        "told_at": format_instant(row.told_at),
        "read_at": row.read_at and format_instant(row.read_at),
    }
