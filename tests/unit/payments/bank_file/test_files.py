"""Banks' files: what is written opens as it was meant, and what comes back is matched, never guessed."""

from __future__ import annotations

import csv
import io

import openpyxl
import pytest

from app.foundation.problems import ValidationFailed
from app.payments.bank_file.profiles import PROFILES, FileRow, written
from app.payments.bank_file.reading import fen_of, matched, outcomes_in, result_of

ROWS = [
    FileRow(1, "𠮷野家餐饮有限公司", "001234567890123456", "建设银行", "105331000014", 73_400, "QT00000000A1"),
    FileRow(2, "=cmd|' /C calc'!A0", "6222020000000000001", "", "", 5, "QT00000000A2"),
]
SENT = {"pay_1": ROWS[0], "pay_2": ROWS[1]}


@pytest.mark.parametrize("name", sorted(PROFILES))
def test_accounts_stay_texts_amounts_are_exact_and_no_cell_is_a_formula(name: str) -> None:
    """Account `0012…`, name `=cmd`, 𠮷; the same rows are the same bytes."""
    profile = PROFILES[name]
    content = written(profile, ROWS)
    assert content == written(profile, ROWS)
    if profile.encoding is None:
        sheet = openpyxl.load_workbook(io.BytesIO(content)).active
        assert sheet is not None
        table = [[cell.value or "" for cell in row] for row in sheet.iter_rows()]
        assert {cell.data_type for row in sheet.iter_rows() for cell in row if cell.value} <= {"s", "inlineStr"}
    else:
        table = list(csv.reader(io.StringIO(content.decode(profile.encoding))))
        assert not [cell for row in table for cell in row if cell.startswith(("=", "+", "-", "@"))]
    flat = [cell for row in table[1:] for cell in row]
    assert {"001234567890123456", "6222020000000000001", "𠮷野家餐饮有限公司", "734.00", "0.05"} <= set(flat)
    assert len(table) == 3


def test_a_bank_s_rows_are_matched_by_mark_or_by_what_is_one_and_no_other() -> None:
    twin = FileRow(3, "湖滨餐饮", "111", "", "", 100, "QT00000000A3")
    sent = {**SENT, "pay_3": twin, "pay_4": twin._replace(number=4, mark="QT00000000A4")}
    file = (
        "收款账号,收款户名,金额,处理结果,失败原因,交易流水号,用途\r\n"
        "001234567890123456,𠮷野家餐饮有限公司,734.00,交易成功,,B1,\r\n"
        "6222020000000000001,,0.05,失败,账户已销户,,\r\n"
        "111,湖滨餐饮,1.00,成功,,B3,\r\n"
        "111,湖滨餐饮,1.00,成功,,B4,QT00000000A4\r\n"
        "999,别人,1.00,成功,,B5,\r\n"
        "001234567890123456,,734.01,成功,,B6,\r\n"
    ).encode("gb18030")
    rows = outcomes_in(file)
    assert matched(rows, sent) == {2: "pay_1", 3: "pay_2", 4: None, 5: "pay_4", 6: None, 7: None}
    assert [(one.result, one.why, one.reference) for one in rows[:2]] == [
        ("succeeded", None, "B1"),
        ("failed", "账户已销户", None),
    ]


def test_words_and_amounts_of_banks() -> None:
    words = ("交易成功", "已处理", "处理失败", "拒绝", "已退票", "处理中", "")
    assert [result_of(one) for one in words] == [
        "succeeded", "succeeded", "failed", "failed", "returned", "open", "open",
    ]  # fmt: skip
    assert [fen_of(one) for one in ("1,234.50", "¥0.05", "1.005", "NaN", "", "inf")] == [
        123_450,
        5,
        None,
        None,
        None,
        None,
    ]


@pytest.mark.parametrize("content", [b"", b"\x00\x01", "单号,金额\r\nA1,1\r\n".encode(), b"%PDF-1.4"])
def test_what_is_no_table_of_outcomes_is_refused(content: bytes) -> None:
    with pytest.raises(ValidationFailed):
        outcomes_in(content)
