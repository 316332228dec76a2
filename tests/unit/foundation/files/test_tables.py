"""Tables as files: no cell is a formula, and nothing is whole in memory."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterator
from decimal import Decimal

import openpyxl
import pytest

from app.foundation.files.tables import Cell, as_csv, harmless
from app.foundation.files.workbooks import as_xlsx

ROWS: list[list[Cell]] = [["名称", "a,b", 'c"d'], ["茶\n水", 7, Decimal("0.10")], [None, "", -3]]


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "|cmd", "％1"[1:] + "=", "＝1", "－1"])
def test_a_text_that_a_spreadsheet_would_work_out_gets_an_apostrophe(text: str) -> None:
    wanted = f"'{text}" if text[0] in "=+-@\t|＝－" else text
    assert harmless(text) == wanted


@pytest.mark.parametrize("cell", ["茶", "1-1", "", -1, Decimal("-0.5"), None])
def test_other_cells_stay_as_they_are(cell: Cell) -> None:
    assert harmless(cell) == cell


def test_csv_reads_back() -> None:
    content = b"".join(as_csv(ROWS))
    assert content.startswith(b"\xef\xbb\xbf")
    read = list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))
    assert read == [["名称", "a,b", 'c"d'], ["茶\n水", "7", "0.10"], ["", "", "-3"]]


def test_a_workbook_reads_back_its_numbers_as_numbers() -> None:
    book = openpyxl.load_workbook(io.BytesIO(b"".join(as_xlsx(ROWS))))
    read = [[cell.value for cell in row] for row in book.worksheets[0].iter_rows()]
    assert read[0] == ["名称", "a,b", 'c"d']
    assert read[1] == ["茶\n水", 7, 0.1]
    assert (read[2][0], read[2][2]) == (None, -3)


@pytest.mark.parametrize("write", [as_csv, as_xlsx])
def test_rows_are_asked_for_as_the_file_goes(write: object) -> None:
    asked = 0

    def rows() -> Iterator[list[Cell]]:
        nonlocal asked
        for asked in range(5_000):
            yield [f"{asked * 7919 % 10_007:08}" * 20]

    pieces = iter(write(rows()))  # type: ignore[operator]
    next(pieces)
    next(pieces)
    assert asked < 4_999, "the file begins before the last row is known"
    for _ in pieces:
        pass
    assert asked == 4_999


def test_a_workbook_is_a_whole_archive() -> None:
    with zipfile.ZipFile(io.BytesIO(b"".join(as_xlsx(ROWS)))) as archive:
        assert archive.testzip() is None
