"""Tables of a till or a back office: CSV in the encodings met in shops, and XLSX (which needs `openpyxl`)."""

from __future__ import annotations

import csv
import hashlib
import importlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ENCODINGS = ("utf-8-sig", "gb18030")
DELIMITERS = (",", "\t", ";")
CHUNK_BYTES = 1 << 20

Cell = object
Row = Sequence[Cell]


class TableError(ValueError):
    """A file that can't be read as a table; the words say why, and what to do."""


@dataclass(frozen=True, slots=True)
class Table:
    """A file of rows below one row of names. `digest` tells its content."""

    path: Path
    header: tuple[str, ...]
    digest: str
    encoding: str | None
    delimiter: str

    def rows(self) -> Iterator[tuple[int, Row]]:
        """The rows with their numbers as an editor shows them, without the empty ones. Raises TableError."""
        lines = _lines(self.path, self.encoding, self.delimiter)
        seen_header = False
        for number, cells in lines:
            if is_empty(cells):
                continue
            if seen_header:
                yield number, cells
            seen_header = True

    def count(self) -> int:
        """How many rows there are."""
        return sum(1 for _ in self.rows())


def open_table(path: Path) -> Table:
    """Reads the names of the columns. Raises TableError."""
    try:
        is_sheet = _begins(path, b"PK\x03\x04")
        encoding = None if is_sheet else _encoding_of(path)
        delimiter = "," if encoding is None else _delimiter_of(path, encoding)
        digest = _digest(path)
    except OSError as error:
        raise TableError(f"{path}: {error.strerror or error}") from error
    for _, cells in _lines(path, encoding, delimiter):
        if not is_empty(cells):
            header = tuple("" if cell is None else str(cell).strip() for cell in cells)
            return Table(path, header, digest, encoding, delimiter)
    raise TableError(f"{path}: the file is empty")


def is_empty(cells: Row) -> bool:
    """Whether a row holds nothing."""
    return all(cell is None or (isinstance(cell, str) and not cell.strip()) for cell in cells)


def _lines(path: Path, encoding: str | None, delimiter: str) -> Iterator[tuple[int, Row]]:
    return _sheet_lines(path) if encoding is None else _text_lines(path, encoding, delimiter)


def _text_lines(path: Path, encoding: str, delimiter: str) -> Iterator[tuple[int, Row]]:
    try:
        with path.open(encoding=encoding, newline="") as file:
            reader = csv.reader(file, delimiter=delimiter)
            end = 0
            for cells in reader:
                yield end + 1, cells  # where the row begins: a quoted cell may hold line breaks
                end = reader.line_num
    except (csv.Error, UnicodeDecodeError) as error:
        raise TableError(f"{path}: {error}") from error
    except OSError as error:
        raise TableError(f"{path}: {error.strerror or error}") from error


def _sheet_lines(path: Path) -> Iterator[tuple[int, Row]]:
    """The first sheet; formulas give the value that was last worked out."""
    try:
        reader: Any = importlib.import_module("openpyxl")
    except ImportError:
        raise TableError(
            "XLSX files need openpyxl: pip install 'quantong-merchant-sdk[xlsx]', or save as CSV"
        ) from None
    try:
        book = reader.load_workbook(path, read_only=True, data_only=True)
    except Exception as error:
        raise TableError(f"{path} is no XLSX file that can be read: {error}") from error
    try:
        sheet = book.worksheets[0]
        sheet.reset_dimensions()  # some programs write wrong ones
        yield from enumerate(sheet.iter_rows(values_only=True), start=1)
    finally:
        book.close()


def _begins(path: Path, mark: bytes) -> bool:
    with path.open("rb") as file:
        return file.read(len(mark)) == mark


def _encoding_of(path: Path) -> str:
    """The first encoding in which the whole file can be read: UTF-8 is hardly ever met by chance."""
    for encoding in ENCODINGS:
        try:
            with path.open(encoding=encoding, newline="") as file:
                while file.read(CHUNK_BYTES):
                    pass
        except UnicodeDecodeError:
            continue
        return encoding
    raise TableError(f"{path}: neither UTF-8 nor GB18030 (save it as CSV UTF-8)")


def _delimiter_of(path: Path, encoding: str) -> str:
    with path.open(encoding=encoding, newline="") as file:
        first = next((line for line in file if line.strip()), "")
    return max(DELIMITERS, key=first.count)


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
