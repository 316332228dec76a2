"""Rows that look like one sale each and aren't, and cells that say less than they held."""

from __future__ import annotations

from datetime import UTC, datetime, time
from pathlib import Path

import pytest

from merchant_sdk._tables.cells import instant_of
from merchant_sdk._tables.finding import find_columns
from merchant_sdk._tables.headers import CHINA
from merchant_sdk._tables.layouts import REFUNDS
from merchant_sdk._tables.words import RowError
from tests.factories.tables import items, lines, plan, refused, sent, text_plan

NOW = "2026-11-20 12:00:00"
HEADER = ("单号", "金额", "时间")
GOODS = ("单号", "金额", "时间", "商品名称")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "sales.csv"


@pytest.mark.parametrize("other", ["a101", "Ａ１０１", "A１01", " A101"])
def test_numbers_that_differ_in_the_way_they_are_typed_are_one_number(path: Path, other: str) -> None:
    made = text_plan(path, lines(HEADER, ("A101", "5", NOW), (other, "6", NOW), ("A102", "7", NOW)))
    assert (sent(made), [number for number, _ in refused(made)]) == ({"A102": 700}, [2, 3])
    if other.strip() != "A101":
        assert "differ in reference" in refused(plan(path, is_summing=True))[0][1]


@pytest.mark.parametrize("number", ["A1~A9", "A1,A2", "A1、A2", "A1；A2", "A1;A2"])
def test_a_cell_of_several_numbers_is_no_number(path: Path, number: str) -> None:
    made = text_plan(path, f'单号,金额,时间\n"{number}",5,{NOW}\nA/7-1 b,5,{NOW}\n')
    assert (sent(made), "several numbers" in refused(made)[0][1]) == ({"A/7-1 b": 500}, True)


def test_two_phone_numbers_in_a_cell_are_nobody_s(path: Path) -> None:
    made = text_plan(path, f'单号,金额,时间,手机号\n1,5,{NOW},"13800138000,13900139000"\n')
    assert "several numbers" in refused(made)[0][1]


@pytest.mark.parametrize("number", ["SA2026112000…", "SA2026112000...", "SA2026112000......"])
def test_a_number_whose_end_was_left_out_is_no_number(path: Path, number: str) -> None:
    made = text_plan(path, lines(HEADER, (number, "5", NOW), ("SA.1", "5", NOW)))
    assert (sent(made), "the end is missing" in refused(made)[0][1]) == ({"SA.1": 500}, True)


@pytest.mark.parametrize("number", ["暂无", "未知", "--", "n/a", "无"])
def test_words_for_no_number_are_none(path: Path, number: str) -> None:
    assert sent(text_plan(path, lines(HEADER, (number, "5", NOW)))) == {}


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-20 12:00-13:00",
        "2026-11-20 09:00-10:00",
        "2026-11-20 12:00:00-13:00:00",
        "2026-11-20 12:00:00-13:00",
        "2026-11-20 12:00:00+15:00",
        "2026-11-20 12:00~13:00",
    ],
)
def test_a_span_of_time_is_no_time_with_an_offset(text: str) -> None:
    with pytest.raises(RowError, match="no time of a day"):
        instant_of(text, CHINA)


@pytest.mark.parametrize(
    "text", ["2026-11-20T12:00+08:00", "2026-11-20 12:00:00+08:00", "2026-11-20T12:00:00.5+0800", "2026-11-20T04:00Z"]
)
def test_an_offset_is_an_offset(text: str) -> None:
    assert instant_of(text, CHINA).replace(microsecond=0) == datetime(2026, 11, 20, 4, tzinfo=UTC)


@pytest.mark.parametrize("midnight", ["2026-11-20 00:00:00", "2026/11/20 0:00", "2026-11-20T00:00:00"])
def test_times_that_are_all_midnight_are_days(path: Path, midnight: str) -> None:
    text = lines(HEADER, *((str(number), "5", midnight) for number in range(1, 4)))
    made = text_plan(path, text)
    assert (sent(made), "--at 12:00" in refused(made)[0][1]) == ({}, True)
    assert {item["occurred_at"] for item in items(plan(path, at=time(18)))} == {datetime(2026, 11, 20, 10, tzinfo=UTC)}
    assert {item["occurred_at"] for item in items(plan(path, at=time()))} == {datetime(2026, 11, 19, 16, tzinfo=UTC)}
    made = text_plan(path, text + lines(("9", "5", NOW)), at=time(18))
    assert [item["occurred_at"].hour for item in items(made)] == [16, 16, 16, 4], "one of them is a time of a day"


@pytest.mark.parametrize(
    "label",
    ["日结", "交班合计", "班次汇总", "上期结转", "期初余额", "营业额", "20 笔", "共 20 笔", "11月20日合计", "门店小计"],
)
def test_more_rows_of_sums(path: Path, label: str) -> None:
    made = text_plan(path, lines(HEADER, ("A1", "5", NOW), (label, "5", NOW)))
    assert (sent(made), [why for _, why in refused(made)]) == ({"A1": 500}, ["a row of sums"])


@pytest.mark.parametrize("label", ["王小计", "收银员小计", "早班合计", "合计"])
def test_sums_of_somebody_under_any_name(path: Path, label: str) -> None:
    header = (*HEADER, "收银员", "商品名称")
    made = text_plan(
        path, lines(header, ("A1", "5", NOW, "王", "茶"), ("2", "5", NOW, label, ""), ("3", "5", NOW, "", "大小计"))
    )
    assert sent(made) == {"A1": 500, "3": 500}


def test_a_whole_and_its_parts_are_not_both_sales(path: Path) -> None:
    rows = [("S100", "10", NOW), ("S100-1", "4", NOW), ("S100-2", "6", NOW), ("S200-1", "5", NOW), ("S200-2", "5", NOW)]
    made = text_plan(path, lines(HEADER, *rows))
    assert sent(made) == {"S200-1": 500, "S200-2": 500}
    assert all("report either the whole or the parts" in why for _, why in refused(made))
    rows[0] = ("S100", "11", NOW)
    assert len(sent(text_plan(path, lines(HEADER, *rows)))) == 5, "an amount of its own"


@pytest.mark.parametrize(
    "rows",
    [
        [("A1", "30", NOW, ""), ("A1", "10", NOW, "茶"), ("A1", "20", NOW, "面")],
        [("A1", "30", NOW, ""), ("", "10", "", "茶"), ("", "20", "", "面")],
        [("A1", "10", NOW, "茶"), ("A1", "20", NOW, "面"), ("A1", "30", NOW, "")],
        [("A1", "30", NOW, ""), ("A1", "30", NOW, "套餐")],
        [("A1", "30", NOW, "套餐"), ("A1", "10", NOW, "-茶"), ("A1", "20", NOW, "-面")],
    ],
    ids=["above", "above blank numbers", "below", "of one", "a set"],
)
def test_a_receipt_s_whole_is_no_line_of_it(path: Path, rows: list[tuple[str, ...]]) -> None:
    made = text_plan(path, lines(GOODS, *rows), is_summing=True)
    assert (sent(made), "is it the whole?" in refused(made)[0][1]) == ({}, True)


@pytest.mark.parametrize(
    ("rows", "amount"),
    [
        ([("A1", "30", NOW, "酒"), ("A1", "10", NOW, "茶"), ("A1", "20", NOW, "面")], 6000),
        ([("A1", "10", NOW, "茶"), ("A1", "10", NOW, "茶")], 2000),
        ([("A1", "5", NOW, ""), ("A1", "10", NOW, "茶")], 1500),
        ([("A1", "0", NOW, "赠品"), ("A1", "10", NOW, "茶")], 1000),
    ],
)
def test_lines_that_are_lines_are_added_up(path: Path, rows: list[tuple[str, ...]], amount: int) -> None:
    assert sent(text_plan(path, lines(GOODS, *rows), is_summing=True)) == {"A1": amount}


def test_what_was_paid_for_the_whole_is_repeated_though_a_gift_costs_nothing(path: Path) -> None:
    rows = [("A1", "30", NOW, "茶"), ("A1", "30", NOW, "面"), ("A1", "0", NOW, "赠品")]
    made = text_plan(path, lines(("单号", "订单金额", "时间", "商品名称"), *rows), is_summing=True)
    assert "each line of this receipt" in refused(made)[0][1]


def test_an_export_that_is_in_the_file_twice_is_not_added_up(path: Path) -> None:
    once = [("A1", "30", NOW, "茶"), ("A1", "20", NOW, "面"), ("A2", "5", NOW, "糖")]
    made = text_plan(path, lines(GOODS, *once, *once), is_summing=True)
    assert "rows 5, 6 say again what rows 2, 3" in refused(made)[0][1]
    assert "A1" not in sent(made)


def test_rows_above_the_names_are_refused_and_words_are_passed_over(path: Path) -> None:
    made = text_plan(path, "日报\n" + lines(("A0", "5", NOW), HEADER, ("A1", "5", NOW)))
    assert (sent(made), refused(made)) == (
        {"A1": 500},
        [(2, "above the names of the columns: give this part a file of its own, with its names")],
    )
    made = text_plan(path, lines(("A0", "5", NOW), HEADER))
    assert [number for number, _ in refused(made)] == [1]


def test_rows_torn_at_their_last_cell_are_missed(path: Path) -> None:
    header = ("单号", "金额", "手机号", "时间")
    rows = [(f"A{number}", "5.00", "13800138000", NOW) for number in range(4)]
    whole = lines(header, *rows)
    for lost in range(2, 8):
        made = text_plan(path, whole[:-lost])
        assert (len(sent(made)), [number for number, _ in refused(made)]) == (3, [5]), lost
    assert len(sent(text_plan(path, whole[:-1]))) == 4, "only the end of the line"


@pytest.mark.parametrize(("last", "is_torn"), [("8.5", True), ("8.50", False), ("128", True), ("128.00", False)])
def test_an_amount_torn_at_the_end_of_the_file_is_missed(path: Path, last: str, *, is_torn: bool) -> None:
    header = ("单号", "时间", "金额")
    text = lines(header, *((f"A{number}", NOW, "12.80") for number in range(1, 4))) + f"A9,{NOW},{last}"
    assert ("A9" in sent(text_plan(path, text))) is not is_torn
    assert "A9" in sent(text_plan(path, text + "\n"))


def test_amounts_of_any_shape_at_the_end_of_the_file_are_taken(path: Path) -> None:
    header = ("单号", "时间", "金额")
    text = lines(header, ("A1", NOW, "12.80"), ("A2", NOW, "5"), ("A3", NOW, "128.0")) + f"A9,{NOW},7"
    assert len(sent(text_plan(path, text))) == 4


@pytest.mark.parametrize("count", [3, 600, 5000])
def test_zero_bytes_where_the_disk_lost_the_end_are_told(path: Path, count: int) -> None:
    text = lines(HEADER, ("A1", "5", NOW), ("A2", "5", NOW))
    for torn, good in ((text, {"A1", "A2"}), (text[:-8], {"A1"})):
        made = text_plan(path, torn + "\0" * count)
        assert sent(made).keys() == good
        assert "zero bytes" in refused(made)[-1][1]
    assert sent(text_plan(path, text + "\0" * count + "\n" + lines(("A3", "5", NOW)))).keys() == {"A1", "A2", "A3"}


def test_the_end_is_not_looked_at_where_nothing_of_it_is_read() -> None:
    columns = find_columns([*HEADER, "收银员"], given={}, constants={}, time_zone=CHINA)
    assert len(columns.header) - 1 not in columns.places.values()


@pytest.mark.parametrize("name", ["营业日期", "下单日期", "单据日期", "business_date"])
def test_a_time_after_midnight_beside_a_business_day_may_be_of_the_next(path: Path, name: str) -> None:
    rows = [("1", "5", "2026-11-20", "00:30"), ("2", "5", "2026-11-20", "23:30")]
    made = text_plan(path, lines(("单号", "金额", name, "时间"), *rows))
    assert (sent(made).keys(), "may be the next one" in refused(made)[0][1]) == ({"2"}, True)
    assert len(sent(plan(path, given={name: "day"}))) == 2
    full = [("1", "5", "2026-11-20", "2026-11-21 00:30:00")]
    [item] = items(text_plan(path, lines(("单号", "金额", name, "时间"), *full)))
    assert item["occurred_at"] == datetime(2026, 11, 20, 16, 30, tzinfo=UTC)
    assert len(sent(text_plan(path, lines(("单号", "金额", "日期", "时间"), *rows)))) == 2


@pytest.mark.parametrize(
    "second", [("reference", "amount", "occurred_at", "remark"), ("流水号", "金额（元）", "交易时间", "备注")]
)
def test_names_in_two_languages_are_names(path: Path, second: tuple[str, ...]) -> None:
    first = ("单号", "金额", "时间", "说明")
    assert sent(text_plan(path, lines(first, second, ("A1", "5", NOW, "")))) == {"A1": 500}
    swapped = (second[1], second[0], *second[2:])
    made = text_plan(path, lines(first, swapped, ("A1", "5", NOW, "")))
    assert ([number for number, _ in refused(made)], sent(made)) == ([2, 3], {})


def test_refunds_of_several_sales_and_of_a_whole_beside_its_lines_are_asked_about(path: Path) -> None:
    header = ("退款单号", "原单号", "退款金额", "退款时间", "笔数", "商品名称")
    rows = [("R1", "A1", "5", NOW, "1", "茶"), ("R2", "A2", "50", NOW, "3", "")]
    made = text_plan(path, lines(header, *rows), REFUNDS)
    assert (sent(made), [number for number, _ in refused(made)]) == ({"R1": 500}, [3])
    rows = [("R1", "A1", "11", NOW, "", ""), ("R1", "A1", "5", NOW, "", "茶"), ("R1", "A1", "6", NOW, "", "面")]
    assert sent(text_plan(path, lines(header, *rows), REFUNDS, is_summing=True)) == {}
    assert sent(text_plan(path, lines(header, *rows[1:]), REFUNDS, is_summing=True)) == {"R1": 1100}
