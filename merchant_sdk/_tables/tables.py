"""Tables of a till or a back office: text in the encodings met in shops, and XLSX. Bytes to rows with their places."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice, takewhile
from pathlib import Path

from merchant_sdk._tables.cells import Cell, Lost
from merchant_sdk._tables.columns import content_or_text, is_empty
from merchant_sdk._tables.sheets import Sheet, sheet_rows, sheets_of
from merchant_sdk._tables.texts import DELIMITERS, Form, Row, encoding_of, lines_of, rows_of
from merchant_sdk._tables.words import TableError

MOST_NAMES = 1 << 20
MOST_ABOVE = 60
"""Lines in which the names of the columns are looked for: some bills tell much before them."""
STARTS = {b"\xd0\xcf\x11\xe0": "is-old-xls", b"%PDF": "is-pdf", b"\x1f\x8b": "is-archive", b"Rar!": "is-archive"}

Fit = Callable[[Sequence[str]], int]
"""How well cells would do as names of columns: `full` of the caller where they hold all that is needed, more for a bill."""


@dataclass(frozen=True, slots=True)
class Table:
    """A file of rows below one row of names (row `top`). `digest` tells its content; `other_sheets` aren't read, and
    `chosen_sheet` is the name that was asked for, if one was."""

    path: Path
    header: tuple[str, ...]
    top: int
    digest: str
    encoding: str | None
    delimiter: str = ","
    skipped: int = 0
    sheet: Sheet | None = None
    other_sheets: tuple[Sheet, ...] = ()
    chosen_sheet: str | None = None

    def rows(self) -> Iterator[Row]:
        """The rows with their numbers as an editor shows them, without the empty ones. Raises TableError."""
        try:
            for row in self._all():
                if row.number > self.top and (row.flaw is not None or not is_empty(row.cells)):
                    yield row
        except OSError as error:
            raise TableError("file", path=self.path, why=error.strerror or error) from error

    def rows_above(self) -> list[Row]:
        """The rows above the names."""
        return list(takewhile(lambda row: row.number < self.top, self._all()))

    def _all(self) -> Iterator[Row]:
        if self.sheet is not None:
            return sheet_rows(self.path, self.sheet)
        assert self.encoding is not None
        lines = islice(lines_of(self.path, self.encoding), self.skipped, None)
        rows = rows_of(lines, Form(self.delimiter, self.encoding, len(self.header)))
        return (replace(row, number=row.number + self.skipped) for row in rows)


def open_table(path: Path, fit: Fit, full: int, sheet: str | None = None) -> Table:
    """Finds the row of names: the first one that `fit` calls `full` or better, or else the one that comes nearest to it.

    Raises TableError, its words with the file's name.
    """
    try:
        with path.open("rb") as file:
            start = file.read(1024)
            file.seek(0)
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        _check_start(start)
        if start.startswith(b"PK\x03\x04"):
            return _open_book(path, fit, full, digest, sheet)
        return _open_text(path, fit, full, digest)
    except OSError as error:
        raise TableError("file", path=path, why=error.strerror or error) from error
    except TableError as error:
        raise TableError("file", path=path, why=error) from error


def header_of(path: Path, sheet: str | None = None) -> tuple[str, ...]:
    """What looks most like names of columns, where nobody has said which they are. Raises TableError."""
    return open_table(path, lambda names: sum(map(bool, names)), MOST_NAMES, sheet).header


def _open_text(path: Path, fit: Fit, full: int, digest: str) -> Table:
    encoding = encoding_of(path)
    if encoding is None:
        raise TableError("no-encoding")
    lines = list(islice(lines_of(path, encoding), MOST_ABOVE * 3))
    skipped, delimiters = 0, tuple(DELIMITERS)
    if lines and (said := _separator(lines[0])):
        skipped, delimiters = 1, (said,)
    found = []
    for delimiter in delimiters:
        rows = islice(rows_of(lines[skipped:], Form(delimiter, encoding)), MOST_ABOVE)
        best = _best([row for row in rows if not is_empty(row.cells)], fit, full)
        if best is not None:
            found.append((best[0], len(best[2]), best[1], best[2], delimiter))
    if not found:
        raise TableError("is-empty")
    _, _, top, header, delimiter = max(found, key=lambda one: one[:2])
    return Table(path, header, top + skipped, digest, encoding, delimiter, skipped)


def _open_book(path: Path, fit: Fit, full: int, digest: str, name: str | None) -> Table:
    sheets = sheets_of(path)
    if name is not None and name not in [sheet.name for sheet in sheets]:
        raise TableError("no-sheet", sheet=name, sheets=", ".join(sheet.name for sheet in sheets))
    chosen = [sheet for sheet in sheets if name in (None, sheet.name)]
    found = []
    for sheet in chosen:
        rows = [row for row in islice(sheet_rows(path, sheet), MOST_ABOVE) if not is_empty(row.cells)]
        if best := _best(rows, fit, full):
            found.append((sheet, *best))
    if not found:
        raise TableError("is-empty")
    most = max(one[1] for one in found)
    whole = [one for one in found if one[1] == most >= full]
    if len(whole) > 1:
        raise TableError("many-sheets", sheets=", ".join(one[0].name for one in whole))
    if whole and whole[0][0].is_hidden and name is None:
        raise TableError("hidden-sheet", sheet=whole[0][0].name)
    sheet, _, top, header = whole[0] if whole else max(found, key=lambda one: one[1])
    others = tuple(one[0] for one in found if one[0] != sheet)
    return Table(path, header, top, digest, None, sheet=sheet, other_sheets=others, chosen_sheet=name)


def _best(rows: Sequence[Row], fit: Fit, full: int) -> tuple[int, int, tuple[str, ...]] | None:
    """How well the best row of names fits, its number and the names; None where there are no rows."""
    best: tuple[int, int, tuple[str, ...]] | None = None
    for row in rows:
        names = _names(row.cells)
        score = fit(names)
        if best is None or score > best[0]:
            best = (score, row.number, names)
        if score >= full:
            break
    return best


def _names(cells: Sequence[Cell]) -> tuple[str, ...]:
    """Names of columns; one that is merged over several columns is the name of each."""
    names: list[str] = []
    for cell in cells:
        is_merged = isinstance(cell, Lost) and cell.why == "merged" and names
        names.append(names[-1] if is_merged else " ".join(content_or_text(cell).split()))
    return tuple(names)


def _separator(line: str) -> str | None:
    """The delimiter that a first line `sep=;` names."""
    text = line.lstrip("\ufeff").rstrip("\r\n").strip('"')
    return text[4:] if text[:4].lower() == "sep=" and len(text) == 5 else None


def _check_start(start: bytes) -> None:
    for mark, code in STARTS.items():
        if start.startswith(mark):
            raise TableError(code)
    text = start.removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    if text.startswith((b"<html", b"<!doctype html", b"<table", b"<meta", b"<head", b"<style")):
        raise TableError("is-html")
    if text.startswith(b"<?xml"):
        raise TableError("is-html" if b"<html" in text else "is-xml")
