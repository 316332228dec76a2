"""Rows of replays: added, taken by a job, ended."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import orjson

from app.foundation.database.unit_of_work import Row, UnitOfWork
from app.foundation.ids import hex_of, new_id


def add_replay(uow: UnitOfWork, rule_set_id: str, start: datetime, end: datetime) -> str:
    """A replay that waits for its job; gives its id."""
    replay_id = new_id("rpl")
    uow.execute(
        "INSERT INTO replays (district_id, id, rule_set_id, from_at, to_at, status, principal_id, created_at, alive_at) "
        "VALUES (%(district)s, %(id)s, %(rules)s, %(from)s, %(to)s, 'queued', %(principal)s, %(now)s, %(alive)s)",
        {
            "district": hex_of(uow.district_id),
            "from": start,
            "to": end,
            "id": hex_of(replay_id),
            "rules": hex_of(rule_set_id),
            "principal": hex_of(uow.principal.id),
            "now": uow.now,
            "alive": uow.real_now,
        },
    )
    return replay_id


def claim_replay(uow: UnitOfWork, replay_id: str, dead_since: datetime) -> Row | None:
    """Takes a replay that waits, or whose job has died; None if somebody else has it, or it is over."""
    rows = uow.rows(
        "UPDATE replays SET status = 'running', sales_done = 0, alive_at = %(alive)s "
        "WHERE district_id = %(district)s AND id = %(id)s "
        "AND (status = 'queued' OR (status = 'running' AND alive_at < %(dead)s)) RETURNING rule_set_id, from_at, to_at",
        {"district": hex_of(uow.district_id), "id": hex_of(replay_id), "alive": uow.real_now, "dead": dead_since},
    )
    return rows[0] if rows else None


def report(uow: UnitOfWork, replay_id: str, done: int, total: int) -> bool:
    """Tells how far a replay has come; False if it has been cancelled."""
    rows = uow.rows(
        "UPDATE replays SET sales_done = %(done)s, sales_total = %(total)s, alive_at = %(alive)s "
        "WHERE district_id = %(district)s AND id = %(id)s AND status = 'running' RETURNING 1",
        {
            "district": hex_of(uow.district_id),
            "id": hex_of(replay_id),
            "alive": uow.real_now,
            "done": done,
            "total": total,
        },
    )
    return bool(rows)


def finish_replay(uow: UnitOfWork, replay_id: str, status: str, result: dict[str, Any] | None = None) -> None:
    """Ends a replay that is queued or running."""
    uow.execute(
        "UPDATE replays SET status = %(status)s, result = %(result)s, finished_at = %(now)s "
        "WHERE district_id = %(district)s AND id = %(id)s AND status IN ('queued', 'running')",
        {
            "district": hex_of(uow.district_id),
            "id": hex_of(replay_id),
            "now": uow.now,
            "status": status,
            "result": result and orjson.dumps(result).decode(),
        },
    )


def cancel_replays_of(uow: UnitOfWork, rule_set_id: str) -> None:
    """Ends the replays of rules that are queued or running."""
    uow.execute(
        "UPDATE replays SET status = 'cancelled', finished_at = %s "
        "WHERE district_id = %s AND rule_set_id = %s AND status IN ('queued', 'running')",
        (uow.now, hex_of(uow.district_id), hex_of(rule_set_id)),
    )
