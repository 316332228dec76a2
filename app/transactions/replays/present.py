"""How replays are shown."""

from __future__ import annotations

from typing import Any

from app.foundation.clock import format_instant
from app.foundation.database.unit_of_work import UnitOfWork
from app.transactions.replays import queries


def show_replay(uow: UnitOfWork, replay_id: str) -> dict[str, Any]:
    """A replay as the API shows it. Raises NotFound."""
    found, rule_set_id, start, end, status, total, done, result, created_at, finished_at = queries.find_replay(
        uow, replay_id
    )
    return {
        "object": "replay",
        "id": f"rpl_{found}",
        "rule_set_id": f"rls_{rule_set_id}",
        "from": format_instant(start),
        "to": format_instant(end),
        "status": status,
        "progress": {"done": done, "total": total},
        "result": result,
        "created_at": format_instant(created_at),
        "finished_at": finished_at and format_instant(finished_at),
    }
