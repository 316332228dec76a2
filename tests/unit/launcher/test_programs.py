"""Programs stop gently, or not; none is left behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from app.launcher.programs import Program, stop
from tests.factories.processes import PATIENCE_SECONDS, naming, pids, wait_until

GENTLE = "import signal, sys; signal.signal(signal.SIGTERM, lambda *_: sys.exit(7))"
STUBBORN = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN)"
FAMILY = "import subprocess, sys; subprocess.Popen([sys.executable, '-S', '-c', 'import time; time.sleep(600)', sys.argv[1]])"


@pytest.fixture
def mark(tmp_path: Path) -> str:
    """A word that only this test's processes have in their command lines."""
    return str(tmp_path)


def start(mark: str, code: str, **more: object) -> tuple[Program, subprocess.Popen[bytes]]:
    """A program that has said that it is ready, and now sleeps."""
    text = f"{code}\nprint('ready', flush=True)\nimport time\nwhile True: time.sleep(600)"
    program = Program("it", [sys.executable, "-S", "-c", text, mark], **more)  # type: ignore[arg-type]
    process = program.start(subprocess.PIPE)
    assert process.stdout is not None
    assert process.stdout.readline() == b"ready\n"
    process.stdout.close()
    return program, process


def test_a_program_is_asked_to_stop(mark: str) -> None:
    program, process = start(mark, GENTLE)
    assert stop([(program, process)], PATIENCE_SECONDS) == []
    assert process.returncode == 7
    assert naming(mark) == {}


def test_a_program_is_asked_by_its_own_signal(mark: str) -> None:
    code = "import signal, sys; signal.signal(signal.SIGINT, lambda *_: sys.exit(9))"
    program, process = start(mark, code, stop_signal=signal.SIGINT)
    assert stop([(program, process)], PATIENCE_SECONDS) == []
    assert process.returncode == 9


def test_one_that_won_t_stop_is_killed_with_its_children(mark: str) -> None:
    program, process = start(mark, f"{STUBBORN}; {FAMILY}")
    assert len(naming(mark)) == 2
    assert stop([(program, process)], 0.2) == ["it"]
    assert process.returncode == -signal.SIGKILL
    assert wait_until(lambda: not naming(mark))


def test_what_a_program_leaves_behind_goes_with_it(mark: str) -> None:
    program, process = start(mark, f"{GENTLE}; {FAMILY}")
    assert stop([(program, process)], PATIENCE_SECONDS) == []
    assert wait_until(lambda: not naming(mark))


def test_stopping_twice_changes_nothing(mark: str) -> None:
    program, process = start(mark, GENTLE)
    for _ in range(2):
        assert stop([(program, process)], PATIENCE_SECONDS) == []


def test_a_program_has_a_session_of_its_own(mark: str) -> None:
    program, process = start(mark, "")
    assert os.getsid(process.pid) == process.pid != os.getsid(0)
    stop([(program, process)], PATIENCE_SECONDS)


def test_a_program_ends_when_its_starter_is_killed(mark: str) -> None:
    sleeper = ["sys.executable", "'-S'", "'-c'", "'import time; time.sleep(600)'", "sys.argv[1]"]
    code = (
        "import subprocess, sys\nfrom app.launcher.programs import Program\n"
        f"Program('it', [{', '.join(sleeper)}]).start(None)"
    )
    _, starter = start(mark, code, env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[3])})
    assert wait_until(lambda: len(naming(mark)) == 2)
    starter.kill()
    starter.wait()
    assert wait_until(lambda: not naming(mark))
    assert starter.pid not in list(pids())


def test_the_environment_is_the_one_given(tmp_path: Path) -> None:
    program = Program(
        "env", [sys.executable, "-c", "import os; print(dict(os.environ))"], env={"ONLY": "this"}, cwd=tmp_path
    )
    process = program.start(subprocess.PIPE)
    out, _ = process.communicate(timeout=PATIENCE_SECONDS)
    assert b"'ONLY': 'this'" in out
    assert b"PYTEST" not in out
