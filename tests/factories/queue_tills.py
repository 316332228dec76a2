"""Tills with an offline queue in processes of their own, which start in a moment and may be killed at any.

As a program: forks a till for each line of its input, and tells of their births and deaths among what they say.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from types import TracebackType
from typing import IO

from merchant_sdk import Client, OfflineQueue


def say(line: str) -> None:
    """One line, whole, at once."""
    os.write(1, f"{line}\n".encode())


def till(path: str, name: str) -> None:
    """Reports sales until it is killed, and says each reference once it is kept."""
    sell(OfflineQueue(path), name, 1 << 30)


def selling_sender(path: str, name: str, address: str) -> None:
    """As a till, while a thread sends."""
    queue = OfflineQueue(path, Client("k", address), batch_size=7, lease_seconds=0.2)
    queue.start(every_seconds=0.01)
    sell(queue, name, 1 << 30)


def counted_till(path: str, name: str, address: str, count: int) -> None:
    """Reports so many sales while a thread sends, and lives until nothing waits."""
    with OfflineQueue(path, Client("k", address), batch_size=5, lease_seconds=5) as queue:
        with queue.sending(every_seconds=0.01):
            sell(queue, name, count)
        while queue.send().waiting:
            time.sleep(0.01)


def sell(queue: OfflineQueue, name: str, count: int) -> None:
    """Reports sales, numbered in order."""
    for number in range(count):
        reference = f"{name}-{number:05d}"
        queue.report(reference=reference, amount=number)
        say(reference)


def refunding_sender(path: str, name: str, address: str) -> None:
    """Gives every sale back, some before they are kept, while a thread sends."""
    queue = OfflineQueue(path, Client("k", address), batch_size=7, lease_seconds=0.2)
    queue.start(every_seconds=0.01)
    for number in range(1 << 30):
        sale, refund = f"{name}-{number:05d}", f"{name}-{number:05d}-R"
        if number % 3 == 0:
            queue.refund(reference=refund, transaction_reference=sale, amount=1)
            say(refund)
        queue.report(reference=sale, amount=1)
        say(sale)
        queue.refund(reference=refund, transaction_reference=sale, amount=1)
        say(refund)


WORK = {work.__name__: work for work in (till, selling_sender, counted_till, refunding_sender)}


class Tills:
    """The forking program, from outside. Context manager."""

    def __enter__(self) -> Tills:
        command = [sys.executable, "-m", __name__]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        pipe(self._process.stdin).close()
        pipe(self._process.stdout).close()
        self._process.wait(20)

    def start(self, work: str, *arguments: object) -> int:
        """Starts a till; gives its process once it lives."""
        pipe(self._process.stdin).write(json.dumps([work, *arguments]) + "\n")
        pipe(self._process.stdin).flush()
        born = pipe(self._process.stdout).readline().split()
        assert born[:1] == ["born"], born
        return int(born[1])

    def kill(self, pid: int, seconds: float) -> list[str]:
        """Kills a till, some seconds after it said its first word; gives what it said."""
        said = [pipe(self._process.stdout).readline().strip()]
        time.sleep(seconds)
        os.kill(pid, signal.SIGKILL)
        return said + self.words(f"died {pid} -9")

    def words(self, last: str) -> list[str]:
        """What tills say until a death is told."""
        said = []
        while (line := pipe(self._process.stdout).readline().strip()) != last:
            assert line, f"no {last}"
            assert not line.startswith("died"), line
            said.append(line)
        return said

    def all_end(self, pids: list[int]) -> None:
        """Waits until tills have ended well."""
        left = {f"died {pid} 0" for pid in pids}
        while left:
            line = pipe(self._process.stdout).readline().strip()
            assert line in left or not line.startswith("died"), line
            assert line
            left.discard(line)


def pipe(end: IO[str] | None) -> IO[str]:
    assert end is not None
    return end


def fork(work: str, *arguments: object) -> None:
    """A till as a child."""
    child = os.fork()
    if child == 0:
        say(f"born {os.getpid()}")
        try:
            WORK[work](*arguments)  # type: ignore[operator]
        except BaseException as error:
            sys.stderr.write(f"{type(error).__name__}: {error}\n")
            os._exit(1)
        os._exit(0)


def tell_deaths(*_: object) -> None:
    """Says which children have ended, and how."""
    while True:
        try:
            pid, status = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return
        if pid == 0:
            return
        say(f"died {pid} {os.waitstatus_to_exitcode(status)}")


def main() -> None:
    """Forks what it is told to."""
    signal.signal(signal.SIGCHLD, tell_deaths)
    for line in sys.stdin:
        fork(*json.loads(line))


if __name__ == "__main__":
    main()
