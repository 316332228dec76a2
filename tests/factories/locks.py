"""Who waits for whom in PostgreSQL."""

from __future__ import annotations

import psycopg


def is_waiting(superuser: psycopg.Connection, word: str) -> bool:
    """Whether a statement with this word in it waits for a lock."""
    query = "SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE %s"
    return bool(superuser.execute(query, (f"%{word}%",)).fetchall())
