from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from merchant_sdk._tables.texts import DELIMITERS, MOST_CHARACTERS, Form, encoding_of, rows_of
from tests.factories.tables import plan, refused, sent, text_plan

HEADER = "流水号,备注,金额,时间\n"


def read(text: str, width: int | None = 3, delimiter: str = ",") -> list[tuple[int, list[object], str]]:
    lines = io.StringIO(text, newline="")
    rows = rows_of(lines, Form(delimiter, "utf-8-sig", width))
    return [(row.number, list(row.cells), row.flaw.code if row.flaw else "") for row in rows]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_rows_bear_the_number_of_their_first_line(end: str) -> None:
    text = end.join(["a,b,c", '1,"two', 'lines",3', "", "4,5,6", ""])
    assert read(text) == [
        (1, ["a", "b", "c"], ""),
        (2, ["1", f"two{end}lines", "3"], ""),
        (4, [""], ""),
        (5, ["4", "5", "6"], ""),
    ]


@pytest.mark.parametrize(
    ("line", "cells", "flaw"),
    [
        ('A,5"蛋糕,1', ["A", '5"蛋糕', "1"], ""),
        ('A,"5""蛋糕",1', ["A", '5"蛋糕', "1"], ""),
        ('A, "x,y",1', ["A", "x,y", "1"], ""),
        ('="00012","x",1', ["00012", "x", "1"], ""),
        ('A,"5"蛋糕,1', ["A", '"5"蛋糕', "1"], "stray-quote"),
        ('A,"5寸蛋糕,1', ["A", '"5寸蛋糕', "1"], ""),
        ('A,"x,y,1', ["A", '"x', "y", "1"], "open-quote"),
        (f"A,{'x' * (MOST_CHARACTERS + 1)},1", None, "too-long"),
        (f'A,"{"x" * (MOST_CHARACTERS + 1)}",1', None, "too-long"),
    ],
)
def test_a_quotation_mark_harms_its_own_row_at_most(line: str, cells: list[str] | None, flaw: str) -> None:
    before, found, *after = read(f"1,2,3\n{line}\n7,8,9\n10,11,12\n")
    assert before == (1, ["1", "2", "3"], "")
    assert (cells is None or found[1] == cells, found[2]) == (True, flaw)
    assert after == [(3, ["7", "8", "9"], ""), (4, ["10", "11", "12"], "")]


def test_a_cell_that_would_end_where_another_row_has_a_mark_swallows_none() -> None:
    found = read('1,2,"5寸\n4,5,6\n7,8,12"\n10,11,12\n')
    assert [(row[0], row[2]) for row in found] == [(1, ""), (2, ""), (3, "stray-quote"), (4, "")]


@pytest.mark.parametrize("place", range(4))
def test_no_sale_is_lost_or_gets_another_s_amount_by_stray_marks(tmp_path: Path, place: int) -> None:
    names = ["流水号", "金额", "时间"]
    names.insert(place, "备注")
    for stray in (2, 5, 7):
        rows = []
        for number in range(8):
            cells = [f"Q{number}", f"1{number}.00", f"2026-11-20 10:0{number}:00"]
            cells.insert(place, '"5寸蛋糕' if number in (stray, 5) else "好")
            rows.append(",".join(cells))
        made = text_plan(tmp_path / "sales.csv", "\n".join([",".join(names), *rows, ""]))
        assert sent(made) == {f"Q{number}": 1000 + 100 * number for number in range(8)}


def test_a_mark_before_a_number_is_no_part_of_it(tmp_path: Path) -> None:
    made = text_plan(tmp_path / "sales.csv", HEADER + '"Q1,好,1.00,2026-11-20 10:00\nQ2,好,2.00,2026-11-20 10:00\n')
    assert sent(made) == {"Q2": 200}
    assert refused(made) == [(2, "reference: a quotation mark that isn't closed")]


def test_a_row_that_lacks_cells_is_refused_where_something_was_cut(tmp_path: Path) -> None:
    head = "流水号,金额,时间,备注,手机号\n"
    rows = 'Q1,1.00,2026-11-20 10:00\nQ2,1.00,2026-11-20 10:00,"x,13800000000"\nQ3,1.00,2026-11-20 10:00'
    made = text_plan(tmp_path / "sales.csv", head + rows)
    assert sent(made) == {"Q1": 100}
    assert [number for number, why in refused(made) if why.startswith("fewer cells")] == [3, 4]


plain_cells = st.text(st.characters(codec="utf-8", exclude_characters="\0\r", exclude_categories=["Cs"]), max_size=20)


@given(st.lists(st.lists(plain_cells, min_size=3, max_size=3), min_size=1), st.sampled_from(DELIMITERS))
def test_what_a_program_has_written_is_read_as_it_was(rows: list[list[str]], delimiter: str) -> None:
    rows = [[cell.replace("\n" + delimiter, "").strip(" ") for cell in row] for row in rows]
    whole = [row for row in rows if all(line.count(delimiter) < 2 for cell in row for line in cell.split("\n"))]
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter, quoting=csv.QUOTE_ALL, lineterminator="\r\n").writerows(whole)
    assert [row[1] for row in read(out.getvalue(), 3, delimiter)] == whole


TEXT = "流水号,金额,时间\nA-1,1.00,2026-11-20 10:00:00\n"


@pytest.mark.parametrize(
    ("content", "encoding"),
    [
        (TEXT.encode(), "utf-8-sig"),
        (b"\xef\xbb\xbf" + TEXT.encode(), "utf-8-sig"),
        (b"a,b\n1,2\n", "utf-8-sig"),
        (TEXT.encode("gb18030"), "gb18030"),
        (TEXT.encode("utf-16"), "utf-16"),
        (TEXT.encode("utf-16-le"), "utf-16-le"),
        (TEXT.encode("utf-16-be"), "utf-16-be"),
        (TEXT.encode() + "茶,1,2\n".encode("gbk"), "utf-8-sig"),
        (TEXT.encode("gbk") + "茶,1,2\n茶,1,2\n".encode("gbk") + "茶,1,2\n".encode(), "gb18030"),
        (b"a,b\n1,caf\xe9\n", "utf-8-sig"),
        (b"reference,amount\nA-1,\0\n", "utf-8-sig"),
        (b"\x81", None),
    ],
)
def test_encodings(tmp_path: Path, content: bytes, encoding: str | None) -> None:
    path = tmp_path / "sales.csv"
    path.write_bytes(content)
    assert encoding_of(path) == encoding


def test_a_cell_in_another_encoding_costs_its_own_row(tmp_path: Path) -> None:
    path = tmp_path / "sales.csv"
    rows = [f"G{number},好,{number}.00,2026-11-20 10:0{number}:00\n".encode() for number in range(1, 6)]
    rows[2] = b"G3," + "茶水".encode("gbk") + b",3.00,2026-11-20 10:03:00\n"
    path.write_bytes(HEADER.encode() + b"".join(rows))
    made = plan(path)
    assert sent(made) == {f"G{number}": number * 100 for number in (1, 2, 4, 5)}
    [(number, why)] = refused(made)
    assert (number, "another encoding" in why) == (4, True)
    [verdict] = [one for one in made.judge.verdicts() if one.item is None]
    assert verdict.rows[0].cells[1] == "茶水"
