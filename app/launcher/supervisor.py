"""Keeps programs running: those of a Procfile with their output prefixed, and servers that are there already."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
import threading
import time
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import IO, Protocol

from app.launcher.programs import Program, kill_group, stop

FIRST_PAUSE_SECONDS = 0.3
LONGEST_PAUSE_SECONDS = 10.0
HEALTHY_SECONDS = 30.0
STOP_SECONDS = 15.0
POLL_SECONDS = 0.2
_LINE = re.compile(r"([\w-]+):\s*(\S.*)")
_VARIABLE = re.compile(r"\$(?:\{(\w+)\}|(\w+))")


def read_procfile(path: Path, env: Mapping[str, str]) -> list[Program]:
    """The programs of a Procfile: `name: command`, with `$NAME` from the environment. Raises ValueError."""
    programs = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        if not line.strip() or line.startswith("#"):
            continue
        found = _LINE.fullmatch(line.strip())
        if found is None:
            raise ValueError(f"{path}, line {number}: `name: command` is needed")
        name, command = found.groups()
        try:
            words = shlex.split(command)
        except ValueError as error:
            raise ValueError(f"{path}, line {number}: {error}") from error
        filled = [_VARIABLE.sub(lambda one: env.get(one[1] or one[2], ""), word) for word in words]
        programs.append(Program(name, filled, env))
    return programs


class Watched(Protocol):
    """Something that is started again when it has ended."""

    name: str

    def is_running(self) -> bool:
        """Whether it lives."""

    def launch(self) -> None:
        """Starts it, without waiting for it to be of use."""


class ProcfileLine:
    """One line of a Procfile; each line of its output gets its name in front."""

    def __init__(self, program: Program, width: int) -> None:
        self.name = program.name
        self.program = program
        self.process: subprocess.Popen[bytes] | None = None
        self._prefix = f"{program.name:<{width}} | "

    def is_running(self) -> bool:
        """Whether its process lives."""
        return self.process is not None and self.process.poll() is None

    def launch(self) -> None:
        """Starts its process, in place of the one before and what that has left behind."""
        if self.process is not None:
            kill_group(self.process.pid)
        self.process = self.program.start(subprocess.PIPE)
        assert self.process.stdout is not None
        threading.Thread(target=self._echo, args=(self.process.stdout,), daemon=True).start()

    def _echo(self, output: IO[bytes]) -> None:
        for line in output:
            sys.stdout.write(self._prefix + line.decode(errors="replace"))
            sys.stdout.flush()


class Supervisor:
    """Starts lines, and starts again whatever has ended, sooner the longer it had lived."""

    def __init__(self, programs: Iterable[Program], servers: Iterable[Watched]) -> None:
        programs = list(programs)
        width = max((len(program.name) for program in programs), default=0)
        self._lines = [ProcfileLine(program, width) for program in programs]
        self._watched: list[Watched] = [*servers, *self._lines]
        self._pauses = {watched.name: FIRST_PAUSE_SECONDS for watched in self._watched}
        self._launched_at: dict[str, float] = {}
        self._due: dict[str, float] = {}

    def start(self) -> None:
        """Starts the lines; the servers run already."""
        for line in self._lines:
            self._launch(line)

    def _launch(self, watched: Watched) -> None:
        watched.launch()
        self._launched_at[watched.name] = time.monotonic()
        self._due.pop(watched.name, None)

    def look_after(self) -> None:
        """Notes what has ended, and starts again what has waited long enough."""
        now = time.monotonic()
        for watched in self._watched:
            if watched.is_running():
                continue
            if watched.name not in self._due:
                lived = now - self._launched_at.get(watched.name, now - HEALTHY_SECONDS)
                pause = FIRST_PAUSE_SECONDS if lived >= HEALTHY_SECONDS else self._pauses[watched.name]
                self._pauses[watched.name] = min(2 * pause, LONGEST_PAUSE_SECONDS)
                self._due[watched.name] = now + pause
                print(f"{watched.name} has ended; starting it again in {pause:.1f} s", flush=True)  # noqa: T201
            elif self._due[watched.name] <= now:
                self._launch(watched)

    def run(self, until: threading.Event) -> None:
        """Looks after all of them until an event is set."""
        while not until.wait(POLL_SECONDS):
            self.look_after()

    def stop(self) -> None:
        """Stops the lines; servers are their owner's to stop."""
        running = [(line.program, line.process) for line in self._lines if line.process is not None]
        for name in stop(running, STOP_SECONDS):
            print(f"{name} didn't stop in {STOP_SECONDS:.0f} s and was killed", flush=True)  # noqa: T201
