"""`quantong up` as its users start it: a process of its own on a folder of its own."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path

from tests.factories.api import Api
from tests.factories.processes import NO_ANSWER, PATIENCE_SECONDS, naming, wait_until

ROOT = Path(__file__).parents[2]
PLAIN = ("PATH", "HOME", "LANG", "TMPDIR", "TZ")


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Installation:
    """The product on a folder; started, stopped and killed as often as a test likes."""

    def __init__(self, var: Path) -> None:
        self.var = var
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.process: subprocess.Popen[bytes] | None = None

    def launch(self, port: int | None = None) -> subprocess.Popen[bytes]:
        """Another `quantong up` on this folder, with an environment that says nothing else."""
        env = {name: os.environ[name] for name in PLAIN if name in os.environ}
        words = ["up", "--no-demo", "--port", str(port or self.port), "--var", str(self.var)]
        with (self.var.parent / "up.log").open("ab") as log:
            return subprocess.Popen(
                [sys.executable, "-m", "app.cli", *words],
                cwd=ROOT,
                env=env,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def start(self) -> None:
        """Starts it and waits until it is ready."""
        self.process = self.launch()
        assert wait_until(lambda: self.is_ready() or self.has_ended()), self.said()
        assert not self.has_ended(), self.said()

    def has_ended(self) -> bool:
        return self.process is None or self.process.poll() is not None

    def is_ready(self) -> bool:
        """Whether `/readyz` says 200."""
        try:
            with urllib.request.urlopen(f"{self.url}/readyz", timeout=5) as answer:
                return bool(answer.status == 200)
        except NO_ANSWER:
            return False

    def said(self) -> str:
        """The end of what it has printed."""
        return (self.var.parent / "up.log").read_text()[-3000:]

    def end(self, number: signal.Signals, seconds: float) -> int:
        """Sends a signal and waits for the end; gives the exit code."""
        assert self.process is not None
        self.process.send_signal(number)
        return self.process.wait(seconds)

    def parts(self) -> dict[int, str]:
        """Every process that belongs to it, with its command: those that name the folder or came from one that does."""
        return naming(str(self.var))

    def api(self) -> Api:
        """Calls of it."""
        return Api.over_http(self.url, json.loads((self.var / "secrets.json").read_text())["OPERATOR_KEY"])

    def clear(self) -> None:
        """Leaves nothing behind, whatever the test did."""
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()
            self.process.wait(PATIENCE_SECONDS)
        kept = self.var / "postgres"
        if kept.is_symlink():  # as root the database's data stand elsewhere
            shutil.rmtree(kept.resolve(), ignore_errors=True)
