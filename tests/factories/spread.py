"""Several servers without Citus: plain ones, each with all tables, and with what Citus would tell of who is where.

A district's rows are copied to the server that it is placed on. The others keep what they had of it, as any server of Citus
could show it; so what is written in the wrong place is seen.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import psycopg
from click.testing import CliRunner
from flask_migrate import upgrade
from psycopg import sql

from app.cli import main
from app.config import Settings
from app.factory import create_app
from app.launcher.postgres import APPLICATION, OWNER, SUPERUSER, EmbeddedPostgres
from tests.conftest import environment_of
from tests.factories.checksums import tables

CATALOGUE = """
    SET allow_system_table_mods = on;
    CREATE TABLE pg_catalog.pg_dist_partition (logicalrelid regclass PRIMARY KEY, how text NOT NULL, place serial);
    CREATE TABLE pg_catalog.pg_dist_local_group (groupid integer);
    CREATE TABLE pg_catalog.pg_dist_node (groupid integer, nodename text, nodeport integer, noderole text);
    CREATE TABLE pg_catalog.pg_dist_placement (shardid bigint PRIMARY KEY, groupid integer);
    GRANT SELECT ON pg_dist_partition, pg_dist_local_group, pg_dist_node, pg_dist_placement TO PUBLIC;
    CREATE FUNCTION pg_catalog.get_shard_id_for_distribution_column(regclass, uuid) RETURNS bigint LANGUAGE sql AS
        'SELECT hashtextextended($2::text, 0)';
    CREATE FUNCTION pg_catalog.create_reference_table(named regclass) RETURNS void LANGUAGE sql SECURITY DEFINER AS
        $$ INSERT INTO pg_dist_partition VALUES (named, 'everywhere') $$;
    CREATE FUNCTION pg_catalog.create_distributed_table(
        named regclass, by text, shard_count integer DEFAULT 0, colocate_with text DEFAULT ''
    ) RETURNS void LANGUAGE sql SECURITY DEFINER AS
        $$ INSERT INTO pg_dist_partition VALUES (named, concat_ws(' ', by, nullif(shard_count, 0), nullif(colocate_with, ''))) $$;
"""
"""The part of Citus's catalogue that we ask, and the functions that `quantong distribute` calls."""
PORT = 5432


@dataclass(frozen=True, slots=True)
class Node:
    """A server, which Citus would know by a number (0 is the coordinator)."""

    number: int
    server: EmbeddedPostgres

    @contextmanager
    def superuser(self) -> Iterator[psycopg.Connection]:
        """A connection that sees everything; it commits each statement."""
        address = f"host={self.server.sockets} user={SUPERUSER} dbname=quantong"
        with psycopg.connect(address, autocommit=True) as connection:
            yield connection

    def count(self, table: str, district_id: str) -> int:
        """Rows of a district."""
        query = sql.SQL("SELECT count(*) FROM {} WHERE district_id = %s").format(sql.Identifier(table))
        with self.superuser() as connection:
            [(number,)] = connection.execute(query, (district_id[-32:],)).fetchall()
        return int(number)

    @contextmanager
    def away(self) -> Iterator[None]:
        """Nobody reaches it for a while, and who is connected is thrown out."""
        socket = self.server.sockets / f".s.PGSQL.{PORT}"
        hidden = socket.with_name("hidden")
        with self.superuser() as connection:
            socket.rename(hidden)
            connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND datname = 'quantong'"
            )
        try:
            yield
        finally:
            hidden.rename(socket)


@dataclass(frozen=True, slots=True)
class Cluster:
    """A coordinator and workers."""

    settings: Settings
    nodes: tuple[Node, ...]

    @property
    def coordinator(self) -> Node:
        """Who is asked first."""
        return self.nodes[0]

    def place(self, district_id: str, on: Node) -> None:
        """Copies a district to a server, and tells everybody that it is there."""
        rows = _rows_of(self._home_of(district_id), district_id)
        with on.superuser() as connection:
            connection.execute("SET session_replication_role = replica")  # keys between tables wait for all of them
            for table, data in rows.items():
                column = "id" if table == "districts" else "district_id"
                name = sql.Identifier(table)
                gone = sql.SQL("DELETE FROM {} WHERE {} = %s").format(name, sql.Identifier(column))
                connection.execute(gone, (district_id[-32:],))
                with connection.cursor().copy(sql.SQL("COPY {} FROM STDIN").format(name)) as copy:
                    copy.write(data)
        for node in self.nodes:
            with node.superuser() as connection:
                connection.execute(
                    "INSERT INTO pg_dist_placement VALUES (get_shard_id_for_distribution_column('merchants', %s::uuid), %s) "
                    "ON CONFLICT (shardid) DO UPDATE SET groupid = excluded.groupid",
                    (district_id[-32:], on.number),
                )

    def _home_of(self, district_id: str) -> Node:
        with self.coordinator.superuser() as connection:
            rows = connection.execute(
                "SELECT groupid FROM pg_dist_placement WHERE shardid = "
                "get_shard_id_for_distribution_column('merchants', %s::uuid)",
                (district_id[-32:],),
            ).fetchall()
        return self.nodes[rows[0][0]] if rows else self.coordinator


def _rows_of(node: Node, district_id: str) -> dict[str, bytes]:
    found = {}
    with node.superuser() as connection:
        for table in tables(connection):
            column = "id" if table == "districts" else "district_id"
            query = sql.SQL("COPY (SELECT * FROM {} WHERE {} = {}) TO STDOUT").format(
                sql.Identifier(table), sql.Identifier(column), sql.Literal(district_id[-32:])
            )
            with connection.cursor().copy(query) as copy:
                found[table] = b"".join(copy)
    return found


@contextmanager
def cluster_in(folder: Path, settings: Settings, quick: dict[str, str]) -> Iterator[Cluster]:
    """A coordinator and two workers, migrated and spread; `settings` are those of another product, but for its database."""
    with ExitStack() as stack:
        nodes = tuple(
            Node(number, stack.enter_context(EmbeddedPostgres(folder / f"node{number}", quick))) for number in range(3)
        )
        made = replace(
            settings,
            database_url=nodes[0].server.url(APPLICATION, "quantong"),
            database_owner_url=nodes[0].server.url(OWNER, "quantong"),
            database_spread=1,
        )
        for node in nodes:
            _set_up(node, nodes, made)
        yield Cluster(made, nodes)


def _set_up(node: Node, nodes: tuple[Node, ...], settings: Settings) -> None:
    node.server.create_database("quantong")
    own = replace(settings, database_owner_url=node.server.url(OWNER, "quantong"))
    app = create_app(own)
    with app.app_context():
        upgrade(directory=str(Path(__file__).parents[2] / "migrations"))
    with node.superuser() as connection:
        connection.execute(CATALOGUE)
        connection.execute("INSERT INTO pg_dist_local_group VALUES (%s)", (node.number,))
        for one in nodes:
            connection.execute(
                "INSERT INTO pg_dist_node VALUES (%s, %s, %s, 'primary')", (one.number, str(one.server.sockets), PORT)
            )
    distribute(own, "--run")


def distribute(settings: Settings, *options: str) -> str:
    """Runs `quantong distribute`; gives what it says."""
    result = CliRunner().invoke(main, ["distribute", *options], env=environment_of(settings))
    assert result.exit_code == 0, result.output
    return result.output
