"""Who waits for whom in PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg


@contextmanager
def held(url: str, table: str) -> Iterator[psycopg.Connection]:
    """Keeps everybody else from writing a table, until the end of the block."""
    with psycopg.connect(url.replace("postgresql+psycopg:", "postgresql:")) as connection:
        connection.execute(f"LOCK TABLE {table} IN EXCLUSIVE MODE")
        yield connection


def somebody_waits(connection: psycopg.Connection) -> bool:
    """Whether any statement waits for a lock of its database."""
    query = "SELECT FROM pg_locks AS l JOIN pg_database AS d ON d.oid = l.database WHERE NOT granted AND datname = current_database()"
    return bool(connection.execute(query).fetchall())


def is_waiting(superuser: psycopg.Connection, word: str) -> bool:
    """Whether a statement with this word in it waits for a lock."""
    query = "SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE %s"
    return bool(superuser.execute(query, (f"%{word}%",)).fetchall())
