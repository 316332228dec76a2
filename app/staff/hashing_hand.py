"""Who hashes: this thread, or a process beside this one that everything else may push aside.

A thread of low priority would not do: now and then it holds the interpreter, and whoever waits for that waits as long. As a
program it answers each line of its input by one, in JSON, until there is no more.
"""

from __future__ import annotations

import atexit
import json
import os
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import IO

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

HASHER = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
NICENESS = 10
"""Where a processor is wanted it gets a tenth of what others get."""
SECONDS_EACH, AT_ONCE = 0.2, 5
"""So many in a row, then one in so many seconds: what stands around a comparison has no low priority."""
_SHARE = Path("/proc/self/autogroup")


def answer(secret: str, kept: str | None = None) -> str | bool:
    """What is kept of a secret; or whether it is the one that was kept."""
    if kept is None:
        return HASHER.hash(secret)
    try:
        return HASHER.verify(kept, secret)
    except (VerificationError, InvalidHashError):
        return False


class NoHand(RuntimeError):
    """The process has gone, and another one, too."""


class Worker:
    """Works where it is asked."""

    def hash(self, secret: str) -> str:
        """What may be kept of a secret."""
        return str(self._ask(secret))

    def is_right(self, kept: str, secret: str) -> bool:
        """Whether a secret is the one that was kept."""
        return self._ask(secret, kept) is True

    def _ask(self, *question: str) -> object:
        return answer(*question)


class Hand(Worker):
    """Has a process work, started when it is needed first, and again where it has gone. For one thread at a time, which waits.

    Its verbs raise NoHand.
    """

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self._busy_until = 0.0
        atexit.register(self.close)
        os.register_at_fork(after_in_child=self._forget)

    def close(self) -> None:
        """Lets the process end."""
        if self._process is not None:
            self._process.communicate()
            self._process = None

    def _forget(self) -> None:
        """A fork of this process has a hand of its own."""
        self._process = None

    def _ask(self, *question: str) -> object:
        self._keep_pace()
        for _ in range(2):
            self._process = self._process or _start()
            try:
                return _answer_of(self._process, question)
            except (OSError, ValueError):
                self._process.kill()
                self.close()
        raise NoHand

    def _keep_pace(self) -> None:
        now = time.monotonic()
        self._busy_until = max(self._busy_until, now) + SECONDS_EACH
        time.sleep(max(0.0, self._busy_until - now - AT_ONCE * SECONDS_EACH))


def _start() -> subprocess.Popen[bytes]:
    """In a session of its own: Ctrl-C is for whoever has started us, and Linux may share a machine out by sessions."""
    argv = [sys.executable, "-m", __name__]
    return subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True)


def _answer_of(process: subprocess.Popen[bytes], question: tuple[str, ...]) -> object:
    """Raises OSError or ValueError where the process has gone."""
    assert process.stdin is not None, "as it was started"
    assert process.stdout is not None, "as it was started"
    process.stdin.write(json.dumps(question).encode() + b"\n")
    process.stdin.flush()
    return json.loads(process.stdout.readline())


def work(questions: IO[bytes], answers: IO[bytes]) -> None:
    """Answers each line: `[secret]` by what is kept of it, `[secret, kept]` by whether it is that one."""
    for line in questions:
        answers.write(json.dumps(answer(*json.loads(line))).encode() + b"\n")
        answers.flush()


def step_back() -> None:
    """Lets others go first, and other sessions, where those have their shares (sched(7), autogroup)."""
    os.nice(NICENESS)
    with suppress(OSError):
        _SHARE.write_text(str(NICENESS))


if __name__ == "__main__":
    step_back()
    work(sys.stdin.buffer, sys.stdout.buffer)
