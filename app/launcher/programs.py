"""A program of ours as a child process: told to stop gently, and gone when we are gone, even by `kill -9`."""

from __future__ import annotations

import ctypes
import os
import pwd
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO

_PR_SET_PDEATHSIG = 1  # prctl(2)
_libc = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


@dataclass(frozen=True, slots=True)
class Program:
    """What to run. `stop_signal` asks it to stop; as root, `user` is who runs it."""

    name: str
    argv: Sequence[str]
    env: Mapping[str, str] | None = None
    stop_signal: signal.Signals = signal.SIGTERM
    user: str | None = None
    cwd: Path | None = None

    def start(self, output: int | IO[bytes] | None) -> subprocess.Popen[bytes]:
        """Starts it in a session of its own, so that Ctrl-C reaches us alone. Call it from the main thread.

        (Linux sends the death signal when the thread that started the child ends.)
        """
        account = pwd.getpwnam(self.user) if self.user else None
        return subprocess.Popen(
            list(self.argv),
            env=None if self.env is None else dict(self.env),
            cwd=self.cwd,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            user=account.pw_uid if account else None,
            group=account.pw_gid if account else None,
            extra_groups=[] if account else None,
            preexec_fn=_die_with_parent(os.getpid(), self.stop_signal),
        )


def _die_with_parent(parent: int, stop_signal: signal.Signals) -> Callable[[], None]:
    def in_child() -> None:
        if _libc is not None:
            _libc.prctl(_PR_SET_PDEATHSIG, int(stop_signal))
            if os.getppid() != parent:
                os.kill(os.getpid(), signal.SIGKILL)

    return in_child


def stop(running: Sequence[tuple[Program, subprocess.Popen[bytes]]], patience_seconds: float) -> list[str]:
    """Asks all to stop, waits, then kills the groups of those that didn't; gives the names of these."""
    for program, process in running:
        if process.poll() is None:
            process.send_signal(program.stop_signal)
    deadline = time.monotonic() + patience_seconds
    killed = []
    for program, process in running:
        try:
            process.wait(max(0.0, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            killed.append(program.name)
        kill_group(process.pid)  # what a program has started and left behind goes with it
        process.wait()
    return killed


def kill_group(pid: int) -> None:
    """Ends what a program that has ended left behind in its session."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, signal.SIGKILL)
