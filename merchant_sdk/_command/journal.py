"""What a run has done, beside its input, so that the next one goes on from there."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import IO

VERSION = 1


class Journal:
    """The numbers of rows that are recorded, of an input (`key` tells its content and where it goes). Context manager.

    To lose some of it does no harm: sales that are reported again count once. Raises OSError.
    """

    def __init__(self, path: Path, key: str) -> None:
        self.done = _read(path, key)
        self._path, self._key = path, key
        self._file: IO[str] | None = None

    def __enter__(self) -> Journal:
        """Writes what is known anew, since the last line may be torn."""
        fresh = self._path.with_name(f"{self._path.name}.new")
        with fresh.open("w", encoding="utf-8") as file:
            file.write(_line({"version": VERSION, "key": self._key}))
            if self.done:
                file.write(_line(sorted(self.done)))
        fresh.replace(self._path)
        self._file = self._path.open("a", encoding="utf-8")
        return self

    def add(self, rows: Iterable[int]) -> None:
        """Notes rows that are recorded."""
        assert self._file is not None
        numbers = sorted(rows)
        if numbers:
            self.done.update(numbers)
            self._file.write(_line(numbers))
            self._file.flush()

    def __exit__(self, *_: object) -> None:
        if self._file is not None:
            self._file.close()


def _read(path: Path, key: str) -> set[int]:
    """The rows noted for this key; none where the journal is another's or there is none."""
    done: set[int] = set()
    try:
        first, *lines = path.read_text(encoding="utf-8", errors="replace").splitlines() or [""]
    except FileNotFoundError:
        return done
    if _parsed(first) != {"version": VERSION, "key": key}:
        return done
    for line in lines:
        numbers = _parsed(line)
        if isinstance(numbers, list) and all(type(number) is int for number in numbers):
            done.update(numbers)
    return done


def _parsed(line: str) -> object:
    try:
        return json.loads(line)
    except ValueError:
        return None


def _line(value: object) -> str:
    return json.dumps(value, separators=(",", ":")) + "\n"
