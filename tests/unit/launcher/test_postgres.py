"""The embedded PostgreSQL and Valkey: they keep what they were told, whatever ends them."""

from __future__ import annotations

import os
import signal
import stat
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
import redis

from app.launcher.postgres import APPLICATION, OWNER, SUPERUSER, EmbeddedPostgres
from app.launcher.valkey import EmbeddedValkey
from tests.factories.processes import family_of, pids, wait_until

SMALL = {"shared_buffers": "16MB", "max_connections": "10"}


@pytest.fixture(scope="module")
def data(folder: Path) -> Path:
    """Where these servers keep their data."""
    mine = folder / "launcher"
    mine.mkdir()
    return mine


@pytest.fixture
def server(data: Path) -> Iterator[EmbeddedPostgres]:
    """A PostgreSQL that runs."""
    with EmbeddedPostgres(data / "postgres", SMALL) as running:
        yield running
        processes = family_of(postmaster(running)) if running.is_running() else []
    assert not set(processes) & set(pids())
    assert not running.sockets.exists()


def connect(server: EmbeddedPostgres, role: str = SUPERUSER, database: str = "postgres") -> psycopg.Connection:
    return psycopg.connect(f"host={server.sockets} user={role} dbname={database}", autocommit=True)


def postmaster(server: EmbeddedPostgres) -> int:
    return int((server.place.data / "cluster" / "postmaster.pid").read_text().split()[0])


def keep(server: EmbeddedPostgres) -> int:
    """Writes a row into the product's database; gives the number of rows."""
    server.create_database("quantong")
    with connect(server, OWNER, "quantong") as owner:
        owner.execute("CREATE TABLE IF NOT EXISTS kept (number integer)")
        owner.execute("INSERT INTO kept VALUES (1)")
    return kept(server)


def kept(server: EmbeddedPostgres) -> int:
    with connect(server, OWNER, "quantong") as owner:
        [count] = owner.execute("SELECT count(*) FROM kept").fetchone() or [0]
    return int(count)


def test_it_makes_its_roles_and_databases_once(server: EmbeddedPostgres) -> None:
    assert keep(server) < keep(server)
    with connect(server, APPLICATION, "quantong") as application, pytest.raises(psycopg.errors.InsufficientPrivilege):
        application.execute("SELECT * FROM kept")


def test_nobody_else_reaches_it(server: EmbeddedPostgres) -> None:
    assert stat.S_IMODE(server.sockets.stat().st_mode) == 0o700
    assert stat.S_IMODE((server.place.data / "cluster").stat().st_mode) == 0o700
    with connect(server) as connection:
        assert connection.execute("SHOW listen_addresses").fetchone() == ("",)


def test_it_is_there_again_with_its_data(server: EmbeddedPostgres, data: Path) -> None:
    rows = keep(server)
    server.stop()
    with EmbeddedPostgres(data / "postgres", SMALL) as again:
        assert kept(again) == rows


def test_its_data_outlive_the_kill_of_its_postmaster(server: EmbeddedPostgres, data: Path) -> None:
    """Its other processes may still hold the data for a moment: the next start waits for them."""
    rows = keep(server)
    os.kill(postmaster(server), signal.SIGKILL)
    with EmbeddedPostgres(data / "postgres", SMALL) as again:
        assert kept(again) == rows


def test_the_lock_of_a_server_long_gone_is_no_obstacle(server: EmbeddedPostgres, data: Path) -> None:
    """Its process number may be another program's by now."""
    rows, lock = keep(server), server.place.data / "cluster" / "postmaster.pid"
    lines = lock.read_text().splitlines()
    server.stop()
    lock.write_text("\n".join([str(os.getpid()), *lines[1:]]) + "\n")
    with EmbeddedPostgres(data / "postgres", SMALL) as again:
        assert kept(again) == rows


def test_it_is_launched_again_in_place(server: EmbeddedPostgres) -> None:
    """As the supervisor does: same object, same socket."""
    os.kill(postmaster(server), signal.SIGKILL)
    assert wait_until(lambda: not server.is_running())

    def answers() -> bool:
        try:
            if not server.is_running():
                server.launch()
            with connect(server) as connection:
                return connection.execute("SELECT 1").fetchone() == (1,)
        except psycopg.OperationalError:
            return False

    assert wait_until(answers)


def test_a_start_that_fails_says_what_the_log_says(data: Path) -> None:
    with pytest.raises(RuntimeError, match="no_such_setting"):
        EmbeddedPostgres(data / "postgres", {"no_such_setting": "1"}).__enter__()


def test_valkey_keeps_what_it_was_told(data: Path) -> None:
    folder = data / "valkey"
    with EmbeddedValkey(folder) as first, redis.Redis.from_url(first.url) as client:
        client.set("kept", "1")
        assert stat.S_IMODE(first.sockets.stat().st_mode) == 0o700
        pid = int(client.info("server")["process_id"])
        assert wait_until(lambda: int(client.info("persistence")["aof_pending_bio_fsync"]) == 0)
        os.kill(pid, signal.SIGKILL)
    assert not first.sockets.exists()
    with EmbeddedValkey(folder) as second, redis.Redis.from_url(second.url) as client:
        assert client.get("kept") == b"1"
