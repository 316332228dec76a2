"""How batches of codes are shown."""

from __future__ import annotations

from typing import Any

from app.coupons.bulk.models import CodeBatch
from app.foundation.clock import format_instant


def show_code_batch(row: CodeBatch) -> dict[str, Any]:
    """A batch as the API shows it."""
    return {
        "object": "code_batch",
        "id": row.id,
        "campaign_id": row.campaign_id,
        "name": row.name,
        "status": row.status,
        "quantity": row.quantity,
        "issued": row.issued,
        "left_out": row.left_out,
        "downloads": row.downloads,
        "created_at": format_instant(row.created_at),
        "finished_at": row.finished_at and format_instant(row.finished_at),
    }
