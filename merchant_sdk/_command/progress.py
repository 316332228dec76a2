"""How far a run is: a bar on a terminal, plain lines elsewhere."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TextIO

WIDTH = 30
LINES = 10
PAUSE_SECONDS = 0.1


class Progress:
    """Tells of `total` things as they are done."""

    def __init__(self, out: TextIO, title: str, total: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._out, self._title, self._total, self._clock = out, title, total, clock
        self._is_terminal = out.isatty()
        self._begun = clock()
        self._told_at = float("-inf")
        self._told = 0
        self._done_before = 0
        self._done = 0

    def begin(self, done: int) -> None:
        """`done` were done earlier."""
        self._done_before = self._done = done
        self._tell()

    def advance(self, count: int) -> None:
        """So many more are done."""
        self._done += count
        self._tell()

    def end(self) -> None:
        """Leaves what was last told."""
        if self._is_terminal:
            self._draw()
            self._out.write("\n")
            self._out.flush()

    def _tell(self) -> None:
        if not self._is_terminal:
            step = max(1, self._total // LINES)
            if self._done // step > self._told // step or self._done == self._total > self._told:
                self._told = self._done
                self._out.write(f"{self._title}: {self._done:,} of {self._total:,}\n")
                self._out.flush()
        elif self._clock() - self._told_at >= PAUSE_SECONDS:
            self._draw()

    def _draw(self) -> None:
        self._told_at = self._clock()
        share = self._done / self._total if self._total else 1.0
        bar = "█" * int(share * WIDTH) + "░" * (WIDTH - int(share * WIDTH))
        self._out.write(f"\r{self._title} {bar} {share:4.0%} {self._done:,}/{self._total:,}{self._rest()}\x1b[K")
        self._out.flush()

    def _rest(self) -> str:
        """How long it will take, once something is done."""
        sent, seconds = self._done - self._done_before, self._clock() - self._begun
        if not sent or seconds < 1 or self._done >= self._total:
            return ""
        left = int((self._total - self._done) * seconds / sent)
        return f" {left // 60}:{left % 60:02d}"
