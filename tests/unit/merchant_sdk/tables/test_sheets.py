from __future__ import annotations

import zipfile
from collections.abc import Sequence
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from openpyxl.utils.datetime import CALENDAR_MAC_1904

from merchant_sdk._tables.cells import Lost
from merchant_sdk._tables.layouts import REFUNDS
from merchant_sdk._tables.sheets import sheet_rows, sheets_of
from merchant_sdk._tables.words import TableError
from tests.factories.tables import items, plan, refused, sent

HEADER = ["流水号", "金额", "时间", "手机号"]
AT = "2026-11-20 10:00:00"
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "sales.xlsx"


def book(path: Path, *rows: Sequence[Any], formats: dict[str, str] | None = None) -> Any:
    """A workbook with these rows on its sheet, saved."""
    made = openpyxl.Workbook()
    for row in rows:
        made.active.append(list(row))
    for cell, form in (formats or {}).items():
        made.active[cell].number_format = form
    made.save(path)
    return made


def raw(
    path: Path, rows: str, styles: str = "", main: str = MAIN, sheets: str = '<sheet name="S" sheetId="1" r:id="r1"/>'
) -> None:
    """A book of bare parts, as programs other than spreadsheets write them."""
    kinds = "".join(
        f'<Override PartName="/xl/{name}.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.{kind}+xml"/>'
        for name, kind in (("workbook", "sheet.main"), ("worksheets/sheet1", "worksheet"), ("styles", "styles"))
    )
    related = f'<Relationship Id="r1" Type="{RELATIONS}/worksheet" Target="worksheets/sheet1.xml"/>'
    related += f'<Relationship Id="r2" Type="{RELATIONS}/styles" Target="styles.xml"/>' if styles else ""
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{PACKAGE}/content-types"><Default Extension="rels" '
        f'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>{kinds}</Types>',
        "_rels/.rels": f'<Relationships xmlns="{PACKAGE}/relationships"><Relationship Id="r1" '
        f'Type="{RELATIONS}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{main}" xmlns:r="{RELATIONS}"><sheets>{sheets}</sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{PACKAGE}/relationships">{related}</Relationships>',
        "xl/worksheets/sheet1.xml": f'<worksheet xmlns="{main}"><sheetData>{rows}</sheetData></worksheet>',
    }
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in {**parts, **({"xl/styles.xml": styles} if styles else {})}.items():
            archive.writestr(name, f'<?xml version="1.0"?>{content}')


def row(*cells: str) -> str:
    return f"<row>{''.join(cells)}</row>"


def text(value: str) -> str:
    return f'<c t="inlineStr"><is><t>{value}</t></is></c>'


NAMES = row(*map(text, HEADER))


@pytest.mark.parametrize(
    ("value", "form", "shown"),
    [
        (123, "000000", "000123"),
        (123, "General", 123),
        (123, "0", 123),
        (123, '"A-"0000', "A-0123"),
        (1234567, "000-0000", "123-4567"),
        (12345678, "000-0000", "1234-5678"),
        (128.5, "0.00", 128.5),
        (128, "#,##0.00", 128),
        (128, "00.00", 128),
        (datetime(2026, 1, 2), "yyyy-mm-dd", date(2026, 1, 2)),
        (datetime(2026, 1, 2), "yyyy-mm-dd hh:mm", datetime(2026, 1, 2)),
        (datetime(2026, 1, 2, 3), "yyyy-mm-dd", datetime(2026, 1, 2, 3)),
        (time(3, 4), "hh:mm", time(3, 4)),
        (True, "General", True),
    ],
)
def test_values_as_they_are_shown(path: Path, value: Any, form: str, shown: Any) -> None:
    book(path, [value], formats={"A1": form})
    [sheet] = sheets_of(path)
    [found] = sheet_rows(path, sheet)
    assert list(found.cells) == [shown]


def test_numbers_that_were_shortened_or_lost_their_zeros_are_refused(path: Path) -> None:
    book(
        path,
        HEADER,
        [1.00000202609201e26, 1, AT],
        [123, 1, AT],
        ["000124", 1, AT],
        [datetime(2026, 1, 2), 1, AT],
        ["A", 1, AT],
    )
    made = plan(path)
    assert sent(made) == {"000124": 100, "A": 100}
    assert [number for number, _ in refused(made)] == [2, 3, 5]


def test_hidden_rows_are_refused(path: Path) -> None:
    made = book(path, HEADER, ["A", 1, AT], ["B", 2, AT], ["C", 3, AT])
    made.active.row_dimensions[3].hidden = True
    made.save(path)
    assert sent(plan(path)) == {"A": 100, "C": 300}
    assert refused(plan(path)) == [(3, "the row is hidden (by a filter?): show it, or delete it")]


def test_merged_cells_speak_for_their_first_row_alone(path: Path) -> None:
    made = book(path, ["九月", "", "", ""], HEADER, ["A", 1, AT, "13800000000"], ["B", 2, AT], ["C", 3, AT])
    made.active.merge_cells("A1:D1")
    made.active.merge_cells("D3:D4")
    made.save(path)
    assert [item.get("phone") for item in items(plan(path))] == ["13800000000", None]
    assert refused(plan(path)) == [(4, "phone: merged with the cells above or beside it: unmerge them")]


def test_a_name_above_two_columns_is_the_name_of_both(path: Path) -> None:
    made = book(path, ["流水号", "金额", "", "时间"], ["", "应收", "实收", ""], ["A", 2, 1, AT])
    made.active.merge_cells("B1:C1")
    made.save(path)
    with pytest.raises(TableError, match="two columns for amount: 金额, 金额"):
        plan(path)


def test_days_are_counted_from_where_the_book_says(path: Path) -> None:
    made = openpyxl.Workbook()
    made.epoch = CALENDAR_MAC_1904
    for cells in (HEADER, ["A", 1, datetime(2026, 11, 20, 10)]):
        made.active.append(cells)
    made.save(path)
    assert items(plan(path))[0]["occurred_at"] == datetime(2026, 11, 20, 2, tzinfo=UTC)


def test_a_formula_whose_value_is_not_in_the_file_is_refused(path: Path) -> None:
    book(path, HEADER, ["A", 1, AT, "=B2&1"], ["B", "=1+1", AT])
    assert sent(plan(path)) == {}
    assert [why.partition(":")[0] for _, why in refused(plan(path))] == ["phone", "amount"]
    raw(path, NAMES + row(text("A"), "<c><f>1+1</f><v>2</v></c>", text(AT)))
    assert sent(plan(path)) == {"A": 200}


def test_errors_of_cells_are_refused(path: Path) -> None:
    error = '<c t="e"><v>#N/A</v></c>'
    raw(path, NAMES + row(text("A"), "<c><v>1</v></c>", text(AT), error) + row(error, "<c><v>1</v></c>", text(AT)))
    assert sent(plan(path)) == {}
    assert [why for _, why in refused(plan(path))] == [
        "phone: #N/A: an error of the spreadsheet stands for its value",
        "reference: #N/A: an error of the spreadsheet stands for its value",
    ]


@pytest.mark.parametrize("name", ["export.xls", "export.csv", "export", "export.et"])
def test_a_book_is_known_by_its_content(tmp_path: Path, name: str) -> None:
    raw(tmp_path / name, NAMES + row(text("A"), "<c><v>1</v></c>", text(AT)))
    assert sent(plan(tmp_path / name)) == {"A": 100}


def test_styles_that_openpyxl_refuses_are_no_hindrance_and_formats_hold(path: Path) -> None:
    styles = (
        f'<styleSheet xmlns="{MAIN}"><numFmts count="1"><numFmt numFmtId="170" formatCode="000000"/></numFmts>'
        "<fonts><font/></fonts><fills><fill/></fills><borders><border/></borders><cellStyleXfs><xf/></cellStyleXfs>"
        '<cellXfs><xf/><xf numFmtId="170"/></cellXfs></styleSheet>'
    )
    raw(path, NAMES + row('<c s="1"><v>123</v></c>', "<c><v>1</v></c>", text(AT)), styles)
    assert sent(plan(path)) == {"000123": 100}


def test_books_that_cannot_be_read_are_told_in_words(path: Path) -> None:
    cases = {
        "Strict Open XML": {"main": "http://purl.oclc.org/ooxml/spreadsheetml/main"},
        "without sheets": {"sheets": ""},
    }
    for words, how in cases.items():
        raw(path, NAMES, **how)
        with pytest.raises(TableError, match=words):
            plan(path)
    raw(path, NAMES + "<row><c><v>1</v>")
    with pytest.raises(TableError, match="damaged"):
        plan(path)
    path.write_bytes(path.read_bytes()[:300])
    with pytest.raises(TableError, match="damaged"):
        plan(path)


def sheets(path: Path, *named: tuple[str, list[list[Any]]], hidden: str = "") -> None:
    made = openpyxl.Workbook()
    made.remove(made.active)
    for name, rows in named:
        sheet = made.create_sheet(name)
        sheet.sheet_state = "hidden" if name == hidden else "visible"
        for cells in rows:
            sheet.append(cells)
    made.save(path)


SALES_A, SALES_B = [HEADER, ["A", 1, AT]], [HEADER, ["B", 2, AT]]


def test_the_sheet_that_holds_the_columns_is_read_and_the_others_are_told(path: Path) -> None:
    sheets(path, ("说明", [["填写说明"], ["请勿改动列名"]]), ("数据", SALES_A))
    made = plan(path)
    assert sent(made) == {"A": 100}
    assert list(made.notes("en")) == ["sheets that are not read: 说明"]


def test_several_sheets_have_to_be_told_apart(path: Path) -> None:
    sheets(path, ("九月", SALES_A), ("十月", SALES_B))
    with pytest.raises(TableError, match="九月, 十月"):
        plan(path)
    assert sent(plan(path, sheet="十月")) == {"B": 200}
    with pytest.raises(TableError, match="no sheet 十一月; there are: 九月, 十月"):
        plan(path, sheet="十一月")


def test_a_sheet_that_goes_on_without_names_is_not_passed_over(path: Path) -> None:
    sheets(path, ("九月", SALES_A), ("Sheet2", [["B", 2, AT]]))
    with pytest.raises(TableError, match="九月, Sheet2"):
        plan(path)
    assert sent(plan(path, sheet="九月")) == {"A": 100}


def test_a_hidden_sheet_is_read_only_where_it_is_meant(path: Path) -> None:
    sheets(path, ("说明", [["x"]]), ("旧", SALES_A), hidden="旧")
    with pytest.raises(TableError, match="hidden sheet"):
        plan(path)
    assert sent(plan(path, sheet="旧")) == {"A": 100}
    sheets(path, ("九月", SALES_A), ("旧", SALES_B), hidden="旧")
    with pytest.raises(TableError, match="several sheets"):
        plan(path)


def test_refunds_that_name_a_shortened_number_hit_no_other_sale(path: Path) -> None:
    book(path, ["退款单号", "原单号", "退款金额", "退款时间"], ["RF1", 2.026112e17, 50, AT])
    assert sent(plan(path, REFUNDS)) == {}


def test_a_lost_cell_is_no_empty_one() -> None:
    assert str(Lost("formula")) == ""


@pytest.mark.parametrize(
    "form",
    ["[$$-409]#,##0.00", '"US$"#,##0.00', "[$HK$-C04] #,##0.00", "[$€-2] #,##0.00", "[$¥-411]#,##0", '"港币"0.00'],
)
def test_amounts_that_are_shown_as_other_money_are_refused(path: Path, form: str) -> None:
    book(path, HEADER, ["A", 12.8, AT, None], ["B", 12.8, AT, None], formats={"B2": form})
    made = plan(path)
    assert (sent(made), "convert it into yuan" in refused(made)[0][1]) == ({"B": 1280}, True)


@pytest.mark.parametrize(
    "form", ['"￥"#,##0.00', "[$¥-804]#,##0.00", '"$"#,##0.00_)', '0.00"元"', '0!.0,"万"', "[Red]0.00"]
)
def test_amounts_that_are_shown_as_yuan_are_yuan(path: Path, form: str) -> None:
    book(path, HEADER, ["A", 12.8, AT, None], formats={"B2": form})
    assert sent(plan(path)) == {"A": 1280}


def test_a_cell_that_is_lost_harms_no_row_that_does_not_need_it(path: Path) -> None:
    made = book(path, [*HEADER, "备注"], ["A", 1, AT, None, "x"], ["B", 2, AT, None, None], ["C", 3, AT, None, "=1+1"])
    made.active.merge_cells("E2:E3")
    made.save(path)
    assert sent(plan(path)) == {"A": 100, "B": 200, "C": 300}
