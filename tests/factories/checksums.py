"""What stands in the database, as one number a table: to show that nothing changed."""

from __future__ import annotations

from decimal import Decimal

import psycopg

TABLES = """
    SELECT c.relname FROM pg_class c
    WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition
      AND c.relname <> 'alembic_version'
    ORDER BY c.relname
"""

Sums = dict[str, tuple[int, Decimal]]
"""By table."""
SIGNS_OF_LIFE = {"tills": "seen_at", "staff_sessions": "used_at", "shifts": "used_at"}
"""When somebody was last here: whoever asks is, also where nothing is done."""


def tables(superuser: psycopg.Connection) -> list[str]:
    """Every table of ours, without partitions."""
    return [name for (name,) in superuser.execute(TABLES)]


def checksums(superuser: psycopg.Connection, *district_ids: str) -> Sums:
    """Rows, and a sum over their contents, by table, of some districts; of everything if none is named."""
    wanted = [one[-32:] for one in district_ids]
    parts = []
    for table in tables(superuser):
        column = "id" if table == "districts" else "district_id"
        only = f"WHERE t.{column} = ANY(%(districts)s::uuid[])" if wanted else ""
        row = f"(to_jsonb(t) - '{SIGNS_OF_LIFE[table]}')" if table in SIGNS_OF_LIFE else "t"
        parts.append(
            f"SELECT '{table}', count(*), coalesce(sum(hashtextextended({row}::text, 0)), 0) FROM {table} t {only}"
        )
    rows = superuser.execute(" UNION ALL ".join(parts), {"districts": wanted})
    return {table: (count, total) for table, count, total in rows}


class Watch:
    """The same sums, taken again only when somebody has written since.

    PostgreSQL gives a number to every transaction that writes, to none that only reads; a snapshot names the next number and
    those that are under way. While it stays as it is, so does everything.
    """

    def __init__(self, superuser: psycopg.Connection) -> None:
        self._superuser = superuser
        self._snapshot = ""
        self._known: dict[tuple[str, ...], Sums] = {}

    def sums(self, *district_ids: str) -> Sums:
        """Those of some districts; of everything if none is named."""
        [(snapshot,)] = self._superuser.execute("SELECT pg_current_snapshot()::text")
        if snapshot != self._snapshot:
            self._snapshot, self._known = snapshot, {}
        if district_ids not in self._known:
            self._known[district_ids] = checksums(self._superuser, *district_ids)
        return self._known[district_ids]
