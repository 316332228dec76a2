"""How issues are shown."""

from __future__ import annotations

from typing import Any

from app.coupons.giving.models import Issue
from app.foundation.clock import format_instant


def show_issue(row: Issue) -> dict[str, Any]:
    """An issue as the API shows it."""
    return {
        "object": "issue",
        "id": row.id,
        "campaign_id": row.campaign_id,
        "status": row.status,
        "issued": row.issued,
        "left_out": row.left_out,
        "created_at": format_instant(row.created_at),
        "finished_at": row.finished_at and format_instant(row.finished_at),
    }
