"""Rows for tests of the floor on which all rooms stand: of a table that hangs on no other."""

from __future__ import annotations

import psycopg

from app.foundation.database.unit_of_work import UnitOfWork

KEEP = """
    INSERT INTO idempotency_keys (district_id, principal_id, key, fingerprint, status, answer, recorded_at)
    VALUES (%(district)s, %(district)s, %(key)s, '', %(status)s, '{}', %(now)s)
"""


def keep(uow: UnitOfWork, key: str, status: int = 200) -> None:
    """Writes a row."""
    uow.write(KEEP, {"key": key, "status": status})


def kept(superuser: psycopg.Connection, district_id: str) -> list[str]:
    """Keys of a district's rows."""
    rows = superuser.execute(
        "SELECT key FROM idempotency_keys WHERE district_id = %s ORDER BY key", (district_id[4:],)
    ).fetchall()
    return [row[0] for row in rows]
