"""Lines that survive the kill of whoever writes them: on the disk before anything follows from them."""

from __future__ import annotations

import os
import threading
from pathlib import Path
from types import TracebackType


class Lines:
    """A file that lines are added to. Threads may share it. Context manager."""

    def __init__(self, path: Path) -> None:
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
        self._lock = threading.Lock()

    def add(self, *lines: str) -> None:
        """Adds lines, and returns when they are on the disk."""
        with self._lock:
            os.write(self._file, "".join(f"{line}\n" for line in lines).encode())
            os.fsync(self._file)

    def __enter__(self) -> Lines:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        os.close(self._file)


def lines_of(folder: Path, pattern: str) -> list[str]:
    """The whole lines of some files; what a killed writer left half is none."""
    found = []
    for path in sorted(folder.glob(pattern)):
        found += path.read_text().rpartition("\n")[0].splitlines()
    return found
