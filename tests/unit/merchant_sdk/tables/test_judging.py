from __future__ import annotations

import csv
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from merchant_sdk._tables.layouts import REFUNDS
from tests.factories.tables import is_refusal, items, left_out, lines, plan, refused, sent, text_plan

AT = "2026-11-20 10:00:00"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "sales.csv"


@pytest.mark.parametrize(
    "row",
    [
        ("合计", "150.00", AT),
        ("小计：2笔", "150.00", AT),
        ("本页共2笔", "150.00", AT),
        ("Total", "150.00", AT),
        ("Grand Total:", "150.00", AT),
        ("共 2 笔", "150.00", AT),
        ("9月合计", "150.00", AT),
        ("合 计", "150.00", AT),
        ("累计金额", "150.00", AT),
        ("平均", "150.00", AT),
    ],
)
def test_rows_of_sums_are_no_sales(path: Path, row: tuple[str, ...]) -> None:
    made = text_plan(path, lines(("流水号", "金额", "时间"), ("U1", "100.00", AT), row))
    assert (sent(made), refused(made)) == ({"U1": 10000}, [(3, "a row of sums")])


def test_a_label_of_sums_in_another_column_is_found_and_a_number_with_such_a_word_is_a_number(path: Path) -> None:
    head = ("序号", "流水号", "金额", "时间", "备注")
    rows = (head, ("合计", "2", "150.00", AT, ""), ("1", "Total-001", "1.00", AT, ""), ("", "2", "150.00", AT, "总计"))
    made = text_plan(path, lines(*rows))
    assert (sent(made), refused(made)) == ({"Total-001": 100}, [(2, "a row of sums"), (4, "a row of sums")])


@pytest.mark.parametrize(
    ("column", "values"),
    [
        ("类型", ("销售", "退货")),
        ("交易状态", ("支付成功", "已取消")),
        ("收/支", ("收入", "支出")),
        ("订单状态", ("已完成", "待付款")),
        ("是否作废", ("否", "是")),
        ("已退金额", ("0.00", "12.80")),
        ("退款单号", ("", "R-1")),
        ("状态", ("正常", "某种状态")),
    ],
)
def test_a_column_that_changes_what_a_row_means_is_heeded_unless_it_is_ignored(
    path: Path, column: str, values: tuple[str, str]
) -> None:
    text = lines(("流水号", "金额", "时间", column), ("A", "12.80", AT, values[0]), ("B", "12.80", AT, values[1]))
    assert sent(text_plan(path, text)) == {"A": 1280}
    assert [number for number, _ in refused(plan(path))] == [3]
    assert sent(plan(path, ignore=[column])) == {"A": 1280, "B": 1280}
    aside = plan(path, ignore=[f"{column}={values[1]}"])
    assert (sent(aside), refused(aside), left_out(aside)) == ({"A": 1280}, [], [3])


def test_an_ignored_column_is_not_sent(path: Path) -> None:
    text_plan(path, lines(("流水号", "金额", "时间", "手机号"), ("A", "1", AT, "138****0000")))
    assert [number for number, _ in refused(plan(path))] == [2]
    assert [item.keys() for item in items(plan(path, ignore=["手机号"]))] == [{"reference", "amount", "occurred_at"}]


def test_refunds_among_sales_are_refused_or_left_for_the_other_command(path: Path) -> None:
    head = ("流水号", "退款单号", "原单号", "金额", "时间")
    text = lines(head, ("S1", "", "", "100", AT), ("S2", "R-1", "S1", "-40", AT), ("S3", "", "", "50", AT))
    made = text_plan(path, text, ignore=["退款单号"])
    assert (sent(made), [number for number, _ in refused(made)]) == ({"S1": 10000, "S3": 5000}, [3])
    asked = {"is_mixed": True, "ignore": ["退款单号"]}
    assert (sent(plan(path, **asked)), left_out(plan(path, **asked))) == ({"S1": 10000, "S3": 5000}, [3])
    back = plan(path, REFUNDS, is_mixed=True)
    assert (sent(back), refused(back), left_out(back)) == ({"R-1": 4000}, [], [2, 4])


@pytest.mark.parametrize("state", ["处理中", "已拒绝", "FAIL", "部分成功"])
def test_a_refund_that_has_not_come_about_is_refused(path: Path, state: str) -> None:
    head = ("退款单号", "原单号", "退款金额", "退款时间", "退款状态")
    made = text_plan(path, lines(head, ("R1", "A", "1", AT, "退款成功"), ("R2", "A", "1", AT, state)), REFUNDS)
    assert (sent(made), [number for number, _ in refused(made)]) == ({"R1": 100}, [3])


@pytest.mark.parametrize("sign", ["", "-"])
def test_refunds_of_one_table_bear_one_sign(path: Path, sign: str) -> None:
    other = "-" if not sign else ""
    rows = [(f"R{number}", f"A{number}", f"{other if number == 2 else sign}{number}.00", AT) for number in range(1, 5)]
    made = text_plan(path, lines(("退款单号", "原单号", "退款金额", "退款时间"), *rows), REFUNDS)
    assert sent(made) == {"R1": 100, "R3": 300, "R4": 400}
    assert refused(made)[0][0] == 3


def test_rows_of_both_signs_where_neither_is_the_rule_are_refused(path: Path) -> None:
    rows = (("退款单号", "原单号", "退款金额", "退款时间"), ("R1", "A1", "-1", AT), ("R2", "A2", "1", AT))
    assert sent(text_plan(path, lines(*rows), REFUNDS)) == {}


HEAD = ("流水号", "商品名称", "数量", "金额", "时间", "手机号")
RECEIPT = (
    ("A", "茶", "2", "20.00", "2026-11-20 10:00:00", ""),
    ("B", "面", "1", "9.00", AT, ""),
    ("A", "糖", "1.5", "5.50", "2026-11-20 10:00:05", "13800000000"),
)


def test_lines_of_one_receipt_are_no_sales_each(path: Path) -> None:
    made = text_plan(path, lines(HEAD, *RECEIPT))
    assert sent(made) == {"B": 900}
    reason = "rows 2, 4 bear this number: lines of one receipt? --sum-lines adds them up"
    assert refused(made) == [(2, reason), (4, reason)]


def test_lines_of_one_receipt_are_added_up_with_their_items(path: Path) -> None:
    made = text_plan(path, lines(HEAD, *RECEIPT), is_summing=True)
    assert items(made) == [
        {
            "reference": "B",
            "amount": 900,
            "occurred_at": datetime(2026, 11, 20, 2, tzinfo=UTC),
            "items": [{"name": "面", "quantity": 1, "amount": 900}],
        },
        {
            "reference": "A",
            "amount": 2550,
            "occurred_at": datetime(2026, 11, 20, 2, 0, 5, tzinfo=UTC),
            "phone": "13800000000",
            "items": [{"name": "茶", "quantity": 2, "amount": 2000}, {"name": "糖", "amount": 550}],
        },
    ]
    assert refused(made) == []


def test_lines_of_which_some_lack_an_amount_that_others_have_are_refused(path: Path) -> None:
    head = ("流水号", "金额", "可积分金额", "时间", "品名")
    made = text_plan(path, lines(head, ("A", "2", "1", AT, "茶"), ("A", "3", "", AT, "糖")), is_summing=True)
    assert (sent(made), [number for number, _ in refused(made)]) == ({}, [2, 3])
    assert list(made.notes("en")) == []
    assert list(plan(path).notes("en")) == ["columns that are not sent: 品名"]


def test_a_discount_is_a_line_below_zero(path: Path) -> None:
    text = lines(HEAD, *RECEIPT, ("A", "优惠", "1", "-5.00", AT, ""), ("C", "优惠", "1", "-5.00", AT, ""))
    made = text_plan(path, text, is_summing=True)
    assert sent(made) == {"A": 2050, "B": 900}
    assert all("items" not in item for item in items(made) if item["reference"] == "A")
    assert [number for number, _ in refused(made)] == [6]


def test_a_receipt_with_a_line_that_cannot_be_read_or_differs_is_refused_whole(path: Path) -> None:
    bad = lines(HEAD, *RECEIPT, ("A", "", "", "x", AT, ""))
    assert sent(text_plan(path, bad, is_summing=True)) == {"B": 900}
    assert [number for number, _ in refused(plan(path, is_summing=True))] == [5, 2, 4]
    assert sent(plan(path)) == {"B": 900}
    differs = lines(HEAD, *RECEIPT, ("A", "", "", "1", AT, "13900000000"))
    assert sent(text_plan(path, differs, is_summing=True)) == {"B": 900}
    assert "differ in phone" in refused(plan(path, is_summing=True))[0][1]


CONTINUED = (("A", "茶", "2", "20.00", AT, ""), ("", "糖", "1", "5.50", "", ""), ("B", "面", "1", "9.00", AT, ""))


def test_a_row_that_leaves_its_number_to_the_row_above_is_a_line_of_that_receipt(path: Path) -> None:
    made = text_plan(path, lines(HEAD, *CONTINUED))
    assert sent(made) == {"B": 900}
    assert [number for number, _ in refused(made)] == [2, 3]
    assert sent(plan(path, is_summing=True)) == {"A": 2550, "B": 900}


def test_a_row_without_goods_is_no_line_of_the_receipt_above(path: Path) -> None:
    made = text_plan(path, lines(HEAD, *CONTINUED[::2], ("", "", "", "29.00", "", "")), is_summing=True)
    assert (sent(made), [number for number, _ in refused(made)]) == ({"A": 2000, "B": 900}, [4])


def test_merged_numbers_are_lines_of_one_receipt(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    for row in (HEAD, *CONTINUED):
        book.active.append(
            [float(cell) if place == 3 and cell[:1].isdigit() else cell for place, cell in enumerate(row)]
        )
    book.active["E3"] = AT
    book.active.merge_cells("A2:A3")
    path = tmp_path / "sales.xlsx"
    book.save(path)
    assert sent(plan(path)) == {"B": 900}
    assert sent(plan(path, is_summing=True)) == {"A": 2550, "B": 900}
    book.active.merge_cells("D2:D3")
    book.save(path)
    assert sent(plan(path, is_summing=True)) == {"B": 900}


def test_goods_that_are_counted_below_zero_are_given_back(path: Path) -> None:
    made = text_plan(path, lines(HEAD, ("A", "茶", "-1", "20.00", AT, "")))
    assert (sent(made), refused(made)[0][1].split(":")[0]) == ({}, "a refund (数量")


def test_a_number_that_says_that_there_is_none_is_none(path: Path) -> None:
    rows = [(number, "1", AT, "-") for number in ("0", "-", "无", "NULL", "A")]
    made = text_plan(path, lines(("流水号", "金额", "时间", "门店"), *rows))
    assert [item.keys() for item in items(made)] == [{"reference", "amount", "occurred_at"}]
    assert [why for _, why in refused(made)] == ["reference: empty"] * 4


def test_the_same_row_twice_is_told_from_one_reported_earlier(path: Path) -> None:
    row = ("A", "1.00", AT)
    made = text_plan(path, lines(("流水号", "金额", "时间"), row, ("B", "2.00", AT), row))
    assert sent(made) == {"A": 100, "B": 200}
    assert refused(made) == [(4, "the same as row 2 of this file; if both are lines of one receipt: --sum-lines")]
    assert sent(plan(path, is_summing=True)) == {"A": 200, "B": 200}


def test_zeros_that_some_numbers_have_lost_are_missed(path: Path) -> None:
    rows = (("流水号", "金额", "时间"), ("000124", "1", AT), ("123", "1", AT), ("100123", "1", AT), ("A-1", "1", AT))
    made = text_plan(path, lines(*rows))
    assert sent(made).keys() == {"000124", "100123", "A-1"}
    assert "taken zeros off" in refused(made)[0][1]


def test_numbers_of_which_fifteen_digits_were_kept_are_found_among_the_others(path: Path) -> None:
    short = [(f"20261120{number:07d}000", "1", AT) for number in (17, 42, 99)]
    assert sent(text_plan(path, lines(("流水号", "金额", "时间"), *short))) == {}
    whole = [(f"20261120000{number:07d}", "1", AT) for number in (1000, 2001, 3002)]
    assert len(sent(text_plan(path, lines(("流水号", "金额", "时间"), *whole)))) == 3


def test_names_that_are_repeated_are_no_row_and_other_names_end_the_table(path: Path) -> None:
    head, other = ("流水号", "金额", "时间"), ("流水号", "时间", "总金额")
    text = lines(head, ("A", "1", AT), head, ("B", "2", AT), other, ("C", AT, "3"))
    made = text_plan(path, text)
    assert (sent(made), left_out(made)) == ({"A": 100, "B": 200}, [3])
    assert [number for number, _ in refused(made)] == [5, 6]


def test_words_above_the_names_are_passed_over(path: Path) -> None:
    prose = "湖滨店九月销售流水\n导出时间：2026-11-21,操作员：王\n\n"
    made = text_plan(path, prose + lines(("流水号", "金额", "时间"), ("A", "1", AT)))
    assert sent(made) == {"A": 100}


@pytest.mark.parametrize(
    "text",
    [
        "sep=;\n流水号;金额;时间\nP;1.00;2026-11-20 10:00\n",
        "流水号;金额;时间;备注(色,码,数,量)\nP;1.00;2026-11-20 10:00;x\n",
        "流水号|金额|时间\nP|1.00|2026-11-20 10:00\n",
        "流水号\t金额\t时间\nP\t1.00\t2026-11-20 10:00\n",
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "gb18030"])
def test_delimiters_and_encodings(path: Path, text: str, encoding: str) -> None:
    assert sent(text_plan(path, text, encoding=encoding)) == {"P": 100}


def test_what_nobody_was_and_yuan_by_its_name(path: Path) -> None:
    rows = [(f"A{number}", "1", AT, phone, "人民币") for number, phone in enumerate(("-", "散客", "13800000000"))]
    made = text_plan(path, lines(("流水号", "金额", "时间", "会员手机号", "币种"), *rows))
    assert [(item.get("phone"), item["currency"]) for item in items(made)] == [
        (None, "CNY"),
        (None, "CNY"),
        ("13800000000", "CNY"),
    ]


FLAWS: dict[str, dict[str, str]] = {
    "none": {},
    "shortened": {"流水号": "1.00000202609201E+26"},
    "a date": {"流水号": "11月20日"},
    "no amount": {"金额": "#REF!"},
    "parts of a fen": {"金额": "1.234"},
    "below zero": {"金额": "-3"},
    "no time": {"时间": "昨天"},
    "a refund": {"类型": "退货"},
    "unknown": {"类型": "？？"},
    "left out": {"类型": "测试"},
    "hidden phone": {"手机号": "138****0000"},
    "sums": {"流水号": "合计"},
    "no number": {"流水号": ""},
}
NAMES = ["流水号", "金额", "时间", "类型", "手机号", "备注"]
sales = st.lists(
    st.tuples(
        st.sampled_from(sorted(FLAWS)),
        st.integers(0, 10_000_000),
        st.integers(0, 10_000),
        st.sampled_from(["", "13800000000"]),
        st.text(st.characters(codec="utf-8", exclude_characters="\0\r\n\ufffd", exclude_categories=["Cs"]), max_size=8),
        st.integers(1, 3),
    ),
    max_size=12,
)


@given(
    sales,
    st.sampled_from([",", ";", "\t", "|"]),
    st.sampled_from(["utf-8-sig", "utf-16"]),
    st.booleans(),
    st.booleans(),
)
def test_every_row_is_sent_refused_or_left_out_on_purpose_and_what_is_sent_is_what_was_said(
    rows: list[tuple[str, int, int, str, str, int]], delimiter: str, encoding: str, is_book: bool, is_summing: bool
) -> None:
    cells, expected = _table(rows)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "sales"
        (_write_book if is_book else _write_text)(file, cells, delimiter, encoding)
        made = plan(file, ignore=["类型=测试"], is_summing=is_summing)
        verdicts = list(made.judge.verdicts())
    numbers = sorted(row.number for one in verdicts for row in one.rows)
    assert numbers == [number for number, row in enumerate(cells, start=1) if number > 1 and any(row)]
    assert len(numbers) == made.judge.survey.count
    kinds = [
        (one.item is not None) + is_refusal(one) + (one.reason is not None and not is_refusal(one)) for one in verdicts
    ]
    assert set(kinds) <= {1}
    for item in (one.item for one in verdicts if one.item is not None):
        fen, at, phone = expected[item["reference"]]
        times = sum(row[0] == item["reference"] for row in cells) if is_summing else 1
        assert (item["amount"], item["occurred_at"], item.get("phone", "")) == (fen * times, at, phone)
    repeated = {row[0] for row in cells if sum(other[0] == row[0] for other in cells) > 1}
    whole = {reference for reference in expected if reference not in repeated or is_summing}
    assert whole <= {one.item["reference"] for one in verdicts if one.item is not None}


def _table(
    rows: list[tuple[str, int, int, str, str, int]],
) -> tuple[list[list[str]], dict[str, tuple[int, datetime, str]]]:
    """Rows with flaws or without, some of them several times, and what of each number is right."""
    cells, expected = [NAMES], {}
    for number, (flaw, fen, minutes, phone, note, times) in enumerate(rows):
        at = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
        local = f"{at + timedelta(hours=8):%Y-%m-%d %H:%M:%S}"
        row = dict(zip(NAMES, [f"N{number}", f"{fen // 100}.{fen % 100:02d}", local, "销售", phone, note], strict=True))
        row |= FLAWS[flaw]
        cells += [list(row.values())] * times
        if flaw == "none":
            expected[row["流水号"]] = (fen, at, phone)
    return cells, expected


def _write_text(file: Path, cells: list[list[str]], delimiter: str, encoding: str) -> None:
    with file.open("w", encoding=encoding, newline="") as out:
        csv.writer(out, delimiter=delimiter).writerows(cells)


def _write_book(file: Path, cells: list[list[str]], *_: Any) -> None:
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("S")
    for row in cells:
        sheet.append([*row[:-1], ""])  # notes hold what XML can't
    with file.open("wb") as out:
        book.save(out)
