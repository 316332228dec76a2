"""Tables in plain text: bytes to rows with their places. A row that can't be read is a row all the same, with its flaw."""

from __future__ import annotations

import csv
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from merchant_sdk._tables.cells import Cell
from merchant_sdk._tables.words import RowError

DELIMITERS: Sequence[str] = (",", "\t", ";", "|")
MOST_LINES = 200
MOST_CHARACTERS = 128 << 10
_OPEN = "unexpected end of data"


@dataclass(frozen=True, slots=True)
class Row:
    """A row with its number as an editor shows it. `flaw`: why it can't be read, its cells being a guess then.

    `is_open`: its line has no end, so that its last cell may be torn.
    """

    number: int
    cells: Sequence[Cell]
    flaw: RowError | None = None
    is_open: bool = False


@dataclass(frozen=True, slots=True)
class Form:
    """How a text holds rows: `width` is how many cells each has, where that is known."""

    delimiter: str
    encoding: str
    width: int | None = None

    def is_row(self, line: str) -> bool:
        """Whether a line that would be part of a cell looks like a row itself."""
        return (
            self.width is not None and self.width > 1 and line.partition('"')[0].count(self.delimiter) >= self.width - 1
        )

    def checked(self, number: int, cells: list[str], text: str) -> Row:
        """The row of this text, with the flaw that its bytes or its shape have."""
        if any(map(_has_bad_bytes, cells)):
            name = "UTF-8" if self.encoding == "utf-8-sig" else self.encoding.upper()
            return Row(number, [_repaired(cell, self.encoding) for cell in cells], RowError("bad-bytes", encoding=name))
        if "\0" in text:
            return Row(number, [cell.replace("\0", "") for cell in cells], RowError("zero-bytes"))
        if any(len(cell) > MOST_CHARACTERS for cell in cells):
            return Row(number, cells, RowError("too-long"))
        # Spreadsheets leave out empty cells at the end, but no row that they cut ends the file or has quoted delimiters.
        is_short = self.width is not None and 1 < len(cells) < self.width and any(cells)
        is_cut = text[-1:] not in "\r\n" or (
            '"' in text and any(self.delimiter in cell or "\n" in cell for cell in cells)
        )
        return Row(number, cells, RowError("fewer-cells") if is_short and is_cut else None, text[-1:] not in "\r\n")


def encoding_of(path: Path) -> str | None:
    """UTF-8, UTF-16 or GB18030, whichever most lines are in; None where it is none of them."""
    with path.open("rb") as file:
        start = file.read(4096)
        if start.startswith((b"\xff\xfe", b"\xfe\xff")):
            return "utf-16"
        evens, odds = start[::2].count(0), start[1::2].count(0)
        if (evens + odds) * 10 > len(start) and max(evens, odds) > 3 * min(
            evens, odds
        ):  # a file's lost end is all zeros
            return "utf-16-le" if odds > evens else "utf-16-be"
        file.seek(0)
        good = {"utf-8": 0, "gb18030": 0}
        others = 0
        has_ascii = False
        for line in file:
            if line.isascii():
                has_ascii = has_ascii or not line.isspace()
            else:
                others += 1
                for encoding in good:
                    good[encoding] += _is(line, encoding)
    if good["utf-8"] * 2 >= others and (good["utf-8"] or not others):  # hardly ever met by chance
        return "utf-8-sig"
    if good["gb18030"]:
        return "gb18030"
    return "utf-8-sig" if has_ascii else None


def lines_of(path: Path, encoding: str) -> Iterator[str]:
    """The lines with their ends; bytes that are none of the encoding's are kept as surrogates."""
    errors = "replace" if encoding.startswith("utf-16") else "surrogateescape"
    with path.open(encoding=encoding, errors=errors, newline="") as file:
        yield from file


def rows_of(lines: Iterable[str], form: Form) -> Iterator[Row]:
    """Rows of cells. A quoted cell may hold line breaks, but no rows: of one that isn't closed, or would swallow others,
    the mark is taken for a sign of inches where its own row has all its cells, and for a flaw elsewhere."""
    numbered = enumerate(lines, start=1)
    waiting: deque[tuple[int, str]] = deque()
    is_open = False
    while (first := waiting.popleft() if waiting else next(numbered, None)) is not None:
        number, line = first
        cells, taken, text = _split(line, form.delimiter), [], line
        while cells is None:
            more = waiting.popleft() if waiting else next(numbered, None)
            if more is None:
                break
            taken.append(more)
            text += more[1]
            if form.is_row(more[1]) or len(taken) > MOST_LINES or len(text) > MOST_CHARACTERS:
                break
            cells = _split(text, form.delimiter)
        if isinstance(cells, list) and not (is_open and _closes(cells, line)):
            yield form.checked(number, cells, text)
            continue
        waiting.extendleft(reversed(taken))
        bare = _bare(line, form.delimiter)
        is_open = cells is None or bool(taken)
        is_whole = is_open and len(bare) == form.width
        yield form.checked(number, bare, line) if is_whole else Row(number, bare, RowError(_flaw_of(cells)))


def _split(text: str, delimiter: str) -> list[str] | str | None:
    """The cells; None where a quotation mark is open at the end, or the code of a flaw."""
    if '"' not in text:
        return _bare(text, delimiter)
    if text.startswith('="') or f'{delimiter}="' in text:
        text = _unprotected(text, delimiter)
    try:
        return next(csv.reader([text], delimiter=delimiter, strict=True, skipinitialspace=delimiter != "\t"), [])
    except csv.Error as error:
        if _OPEN in str(error):
            return None
        return "too-long" if "limit" in str(error) else "stray-quote"


def _unprotected(text: str, delimiter: str) -> str:
    """`="00,12"` is a text that a spreadsheet shall not touch, and its quotation marks hold as others do."""
    return (text[1:] if text.startswith('="') else text).replace(f'{delimiter}="', f'{delimiter}"')


def _bare(line: str, delimiter: str) -> list[str]:
    return line.rstrip("\r\n").split(delimiter)


def _closes(cells: Sequence[str], line: str) -> bool:
    """Whether a row ends the cell that one above it began, if that one's mark was no sign of inches."""
    return line.count('"') % 2 == 1 and any(cell.endswith('"') for cell in cells)


def _flaw_of(cells: list[str] | str | None) -> str:
    if isinstance(cells, str):
        return cells
    return "open-quote" if cells is None else "stray-quote"


def _has_bad_bytes(cell: str) -> bool:
    return not cell.isascii() and any("\udc80" <= mark <= "\udcff" or mark == "\ufffd" for mark in cell)


def _is(line: bytes, encoding: str) -> bool:
    try:
        line.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def _repaired(cell: str, encoding: str) -> str:
    """The cell as it reads in the other encoding, for who has to correct it."""
    if encoding.startswith("utf-16"):
        return cell
    other = "gb18030" if encoding.startswith("utf-8") else "utf-8"
    return (
        cell.encode(encoding.removesuffix("-sig"), "surrogateescape").decode(other, "replace")
        if not cell.isascii()
        else cell
    )
