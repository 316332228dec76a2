"""Processes of jobs that stop within a step, say so, and stay there until somebody kills them with -9."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from app.config import Settings
from tests.conftest import ROOT, environment_of


class Stop:
    """Where a process stops: once verbs have been done so many times, within whoever called the last of them."""

    def __init__(self, at: int = 1) -> None:
        self._left = at

    def after(self, verb: Callable[..., Any]) -> Callable[..., Any]:
        """A verb that counts, and stops when it is its turn."""

        def counted(*arguments: Any, **more: Any) -> Any:
            done = verb(*arguments, **more)
            self._left -= 1
            if not self._left:
                sys.stdout.write("stopped\n")
                sys.stdout.flush()
                time.sleep(3600)
            return done

        return counted


@contextmanager
def stopped(settings: Settings, process: str, *arguments: str) -> Iterator[None]:
    """While a process of `tests/factories` stands where it stops; afterwards it is killed."""
    words = [sys.executable, "-m", f"tests.factories.{process}", *arguments]
    job = subprocess.Popen(words, cwd=ROOT, env=environment_of(settings), stdout=subprocess.PIPE)
    try:
        assert job.stdout is not None and job.stdout.readline() == b"stopped\n"
        yield
    finally:
        job.kill()
        job.wait(30)
