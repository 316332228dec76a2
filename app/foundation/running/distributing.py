"""`quantong distribute`: the statements that spread a database over the servers of a Citus cluster (docs/scaling.md).

What is spread already stays as it is, so that it can be done again after each migration.
"""

from __future__ import annotations

from collections.abc import Iterator
from graphlib import TopologicalSorter

from sqlalchemy import text
from sqlalchemy.engine import Connection

from app.config import SettingUnfit
from app.foundation.tenant_tables import APPLICATION_ROLE, wall_of_spread

EVERYWHERE = ("districts", "alembic_version")
"""Tables that every server has whole."""
FIRST = "merchants"
"""The table beside which all others stand: a district has all of its rows on one server."""
_SETTINGS = (
    "SET citus.enable_local_reference_table_foreign_keys = off",
    "SET citus.multi_shard_modify_mode = 'sequential'",
)
_TABLES = """
    SELECT c.relname, ARRAY(
        SELECT f.confrelid::regclass::text FROM pg_constraint AS f
        WHERE f.conrelid = c.oid AND f.contype = 'f' AND f.confrelid <> c.oid AND f.conparentid = 0
    )
    FROM pg_class AS c
    WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition ORDER BY c.relname
"""
_IS_CITUS = "SELECT to_regclass('pg_dist_partition') IS NOT NULL"
_SPREAD = "SELECT logicalrelid::regclass::text FROM pg_dist_partition"
_WAYS = (
    """
    CREATE OR REPLACE FUNCTION district_servers(among uuid[] DEFAULT NULL)
        RETURNS TABLE (district uuid, host text, port integer) LANGUAGE plpgsql SECURITY DEFINER
        SET search_path = pg_catalog, public AS $$
    DECLARE
        one uuid;
    BEGIN
        FOR one IN SELECT d.id FROM districts AS d WHERE among IS NULL OR d.id = ANY(among) LOOP
            RETURN QUERY SELECT one, n.nodename::text, n.nodeport::integer
            FROM pg_dist_placement AS p JOIN pg_dist_node AS n ON n.groupid = p.groupid
            WHERE p.shardid = get_shard_id_for_distribution_column('merchants', one) AND n.noderole = 'primary';
        END LOOP;
    END $$
    """,
    """
    CREATE OR REPLACE FUNCTION stay_with(district uuid) RETURNS void LANGUAGE plpgsql SECURITY DEFINER
        SET search_path = pg_catalog, public AS $$
    BEGIN
        PERFORM FROM pg_dist_placement AS p JOIN pg_dist_local_group AS here ON here.groupid = p.groupid
        WHERE p.shardid = get_shard_id_for_distribution_column('merchants', district);
        IF NOT FOUND THEN
            RAISE EXCEPTION 'the district has moved to another server' USING ERRCODE = 'serialization_failure';
        END IF;
    END $$
    """,
    "REVOKE ALL ON FUNCTION district_servers, stay_with FROM PUBLIC",
    f"GRANT EXECUTE ON FUNCTION district_servers, stay_with TO {APPLICATION_ROLE}",
)


def statements(connection: Connection, shards: int) -> list[str]:
    """What there is to do, in order: tables that others refer to come before those. Raises SettingUnfit without Citus.

    `shards`: into how many parts the districts are dealt, if none is spread yet.
    """
    if not connection.scalar(text(_IS_CITUS)):
        raise SettingUnfit("This database has no Citus: make the extension on each server first (docs/scaling.md).")
    spread = set(connection.scalars(text(_SPREAD)))
    refers_to = {table: set(others) for table, others in connection.execute(text(_TABLES))}
    for table in refers_to.keys() - {FIRST, *EVERYWHERE}:
        refers_to[table].add(FIRST)
    missing = [table for table in TopologicalSorter(refers_to).static_order() if table not in spread]
    missing.sort(key=lambda table: table not in EVERYWHERE)
    return [*_SETTINGS, *(one for table in missing for one in _spreading(table, shards)), *_WAYS]


def _spreading(table: str, shards: int) -> Iterator[str]:
    """A table's policy as Citus takes it, then its place."""
    if table == "alembic_version":
        yield f"SELECT create_reference_table('{table}')"
    elif table == "districts":
        yield wall_of_spread(table, "id")
        yield f"SELECT create_reference_table('{table}')"
    else:
        how = f"shard_count := {shards}" if table == FIRST else f"colocate_with := '{FIRST}'"
        yield wall_of_spread(table)
        yield f"SELECT create_distributed_table('{table}', 'district_id', {how})"
