"""Procfiles are read, and what has ended is started again: soon at first, later each time."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.launcher import supervisor
from app.launcher.programs import Program
from app.launcher.supervisor import Supervisor, read_procfile
from tests.factories.processes import naming, parent_of, state_of, wait_until

ROOT = Path(__file__).parents[3]


@pytest.fixture
def procfile(tmp_path: Path) -> Path:
    return tmp_path / "Procfile"


def test_a_procfile_names_programs(procfile: Path) -> None:
    procfile.write_text("# ours\n\nweb: serve --port $PORT --name='a b' ${HOST}:${PORT}\n  worker:   work  \n")
    env = {"PORT": "8000", "HOST": "here"}
    web, worker = read_procfile(procfile, env)
    assert (web.name, web.argv) == ("web", ["serve", "--port", "8000", "--name=a b", "here:8000"])
    assert (worker.name, worker.argv, worker.env) == ("worker", ["work"], env)


def test_unknown_variables_are_empty_and_values_are_never_split(procfile: Path) -> None:
    procfile.write_text("web: serve $NOTHING ${WORDS} a$WORDS\n")
    [web] = read_procfile(procfile, {"WORDS": "a b; rm -rf /"})
    assert web.argv == ["serve", "", "a b; rm -rf /", "aa b; rm -rf /"]


@pytest.mark.parametrize("line", ["web", "web:", "web: ", ": serve", "we b: serve", "serve --port 1", "wéb : x"])
def test_a_line_that_is_none_is_named(procfile: Path, line: str) -> None:
    procfile.write_text(f"# ours\nworker: work\n{line}\n")
    with pytest.raises(ValueError, match="line 3"):
        read_procfile(procfile, {})


def test_a_quote_that_never_ends_is_named(procfile: Path) -> None:
    procfile.write_text("web: serve 'a\n")
    with pytest.raises(ValueError, match="line 1"):
        read_procfile(procfile, {})


def test_our_own_procfile_has_its_programs() -> None:
    programs = read_procfile(ROOT / "Procfile", {"PORT": "8123"})
    assert {"web", "worker", "scheduler"} <= {program.name for program in programs}
    [web] = [program for program in programs if program.name == "web"]
    assert "8123" in web.argv


class Server:
    """Something that lives until it is told to end."""

    def __init__(self, name: str = "server") -> None:
        self.name = name
        self.lives = True
        self.launches: list[float] = []

    def is_running(self) -> bool:
        return self.lives

    def launch(self) -> None:
        self.lives = True
        self.launches.append(supervisor.time.monotonic())


class Clock:
    """A clock that stands until it is moved."""

    def __init__(self) -> None:
        self.now = 1000.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(supervisor, "time", clock)
    return clock


def pause(watching: Supervisor, server: Server, clock: Clock) -> float:
    """How long a server that has ended waits for its next start."""
    server.lives = False
    watching.look_after()
    ended, launches = clock.now, len(server.launches)
    while len(server.launches) == launches:
        clock.now += 0.01
        watching.look_after()
        assert clock.now < ended + 60
    return round(clock.now - ended, 1)


def test_pauses_grow_to_a_limit_and_shrink_after_a_good_run(clock: Clock) -> None:
    server = Server()
    watching = Supervisor([], [server])
    assert [pause(watching, server, clock) for _ in range(8)] == [0.3, 0.6, 1.2, 2.4, 4.8, 9.6, 10.0, 10.0]
    clock.now += supervisor.HEALTHY_SECONDS
    assert [pause(watching, server, clock) for _ in range(2)] == [0.3, 0.6]


def test_what_lives_is_left_alone(clock: Clock) -> None:
    server = Server()
    watching = Supervisor([], [server])
    for _ in range(10):
        clock.now += 100
        watching.look_after()
    assert server.launches == []


def test_one_that_fails_doesn_t_keep_the_others_waiting(clock: Clock) -> None:
    failing, other = Server("failing"), Server("other")
    watching = Supervisor([], [failing, other])
    for _ in range(6):
        pause(watching, failing, clock)
    assert pause(watching, other, clock) == 0.3


@pytest.fixture
def running() -> Iterator[list[Supervisor]]:
    """Supervisors that are stopped in the end."""
    started: list[Supervisor] = []
    yield started
    for one in started:
        one.stop()


def test_a_program_that_ends_is_started_again(
    tmp_path: Path, running: list[Supervisor], monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(supervisor, "FIRST_PAUSE_SECONDS", 0.01)
    monkeypatch.setattr(supervisor, "POLL_SECONDS", 0.01)
    marks, told = tmp_path / "marks", threading.Event()
    program = Program("brief", [sys.executable, "-S", "-c", f"print('hello'); open({str(marks)!r}, 'a').write('x')"])
    watching = Supervisor([program], [])
    running.append(watching)
    watching.start()
    timer = threading.Timer(20, told.set)
    timer.start()
    while len(marks.read_text() if marks.exists() else "") < 3 and not told.is_set():
        watching.look_after()
    timer.cancel()
    assert len(marks.read_text()) >= 3
    out = capfd.readouterr().out
    assert "brief | hello" in out
    assert "brief has ended; starting it again" in out


def test_what_a_killed_program_left_behind_goes_before_it_starts_again(
    tmp_path: Path, running: list[Supervisor]
) -> None:
    mark = str(tmp_path)
    sleep = "import time; time.sleep(600)"
    family = f"import subprocess, sys; subprocess.run([sys.executable, '-S', '-c', {sleep!r}, {mark!r}])"
    watching = Supervisor([Program("parent", [sys.executable, "-S", "-c", family])], [])
    running.append(watching)
    watching.start()
    assert wait_until(lambda: len(naming(f"600) {mark}")) == 1)
    [orphan] = naming(f"600) {mark}")
    os.kill(parent_of(orphan), signal.SIGKILL)
    assert wait_until(lambda: (watching.look_after(), set(naming(f"600) {mark}")) - {orphan})[1])
    assert state_of(orphan) in ("", "Z")
