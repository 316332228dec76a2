"""Tables as files for spreadsheets, row by row in constant memory: CSV (RFC 4180, with the mark by which they know UTF-8).

No cell is taken for a formula: a text that a spreadsheet would work out gets an apostrophe before it, which those hide and our
own reader takes off again (https://owasp.org/www-community/attacks/CSV_Injection).
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal

CSV = "text/csv; charset=utf-8"
_MARK = "\ufeff"
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "|", "%", "＝", "＋", "－", "＠")
_ROWS_A_PIECE = 200
Cell = str | int | float | Decimal | None


def as_csv(rows: Iterable[Sequence[Cell]], *, is_marked: bool = True) -> Iterator[bytes]:
    """Rows as pieces of a file; without the mark for what is ASCII, and read by machines."""
    out = io.StringIO()
    out.write(_MARK if is_marked else "")
    writer = csv.writer(out)
    for number, row in enumerate(rows, start=1):
        writer.writerow([harmless(cell) for cell in row])
        if number % _ROWS_A_PIECE == 0:
            yield _taken(out)
    yield _taken(out)


def harmless(cell: Cell) -> Cell:
    """A cell that no spreadsheet works out."""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(_FORMULA) else cell


def _taken(out: io.StringIO) -> bytes:
    text = out.getvalue()
    out.seek(0)
    out.truncate()
    return text.encode(errors="replace")
