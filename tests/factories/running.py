"""Programs of the Procfile as processes of a test, each with what it has said."""

from __future__ import annotations

import json
import subprocess
import tempfile
import threading
import urllib.request
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any

from app.config import Settings
from app.launcher.programs import Program, stop
from app.launcher.supervisor import read_procfile
from tests.conftest import ROOT, environment_of
from tests.factories.installations import free_port
from tests.factories.processes import NO_ANSWER, PATIENCE_SECONDS, wait_until


class Running:
    """A line of the Procfile. Context manager; `more` are settings by their environment names, `options` of the line."""

    def __init__(
        self, name: str, settings: Settings, more: Mapping[str, str] | None = None, options: Sequence[str] = ()
    ) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.env = {**environment_of(settings, self.port), "LOG_FORMAT": "json", **(more or {})}
        [self.program] = [one for one in read_procfile(ROOT / "Procfile", self.env) if one.name == name]
        self.options = options
        self._output = tempfile.TemporaryFile()  # noqa: SIM115 - closed when the process has ended
        self.process: subprocess.Popen[bytes]

    def __enter__(self) -> Running:
        program = Program(self.program.name, [*self.program.argv, *self.options], self.env, cwd=ROOT)
        self.process = program.start(self._output)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        stop([(self.program, self.process)], PATIENCE_SECONDS)
        self._output.close()

    def wait_for(self, url: str) -> None:
        """Waits until it answers. Raises AssertionError."""
        assert wait_until(lambda: is_there(url) or self.process.poll() is not None), self.said()
        assert self.process.poll() is None, self.said()

    def wait_to_say(self, words: str) -> None:
        """Waits for words in its output. Raises AssertionError."""
        assert wait_until(lambda: words in self.said()), self.said()

    def said(self) -> str:
        """All that it has said."""
        name = f"/proc/self/fd/{self._output.fileno()}"
        return Path(name).read_text(errors="replace")

    def lines(self) -> list[dict[str, Any]]:
        """What it has said, line by line. Raises ValueError where a line is no JSON."""
        return [json.loads(line) for line in self.said().splitlines()]

    def ends(self, seconds: float = PATIENCE_SECONDS) -> int:
        """Asks it to stop and gives its exit code. Raises TimeoutExpired."""
        self.process.send_signal(self.program.stop_signal)
        return self.process.wait(seconds)


class Meanwhile(threading.Thread):
    """A function in a thread, and what it gave."""

    def __init__(self, work: Any) -> None:
        super().__init__(daemon=True)
        self._work = work
        self.result: Any = None
        self.start()

    def run(self) -> None:
        try:
            self.result = self._work()
        except Exception as error:  # the test looks at it
            self.result = error

    def wait(self) -> Any:
        """What it gave, or the exception it ended with."""
        self.join(PATIENCE_SECONDS)
        assert not self.is_alive()
        return self.result


def is_there(url: str) -> bool:
    """Whether an address answers with 200."""
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:
            return bool(answer.status == 200)
    except NO_ANSWER:
        return False


def page(url: str) -> str:
    """The text at an address."""
    with urllib.request.urlopen(url, timeout=10) as answer:
        return str(answer.read().decode())
