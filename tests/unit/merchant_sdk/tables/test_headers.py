from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from merchant_sdk._tables.finding import find_columns
from merchant_sdk._tables.headers import plain
from merchant_sdk._tables.words import TableError

CHINA = timezone(timedelta(hours=8))


def find(*header: str, **more: Any) -> Any:
    return find_columns(header, **{"given": {}, "constants": {}, "time_zone": CHINA, **more})


@pytest.mark.parametrize(
    ("name", "cell", "fen"),
    [
        ("金额（万元）", "1.28", 1_280_000),
        ("金额(角)", "128", 1280),
        ("金额/元", "12.80", 1280),
        ("金额_分", "1280", 1280),
        ("amount_fen", "1280", 1280),
        ("金额（元，含税）", "12.80", 1280),
        ("金额（￥）", "12.80", 1280),
        ("amount [CNY]", "12.80", 1280),
        ("金额（单位：元）", "12.80", 1280),
    ],
)
def test_a_unit_in_a_name_is_read(name: str, cell: str, fen: int) -> None:
    assert find("单号", name, "时间").item(("1", cell, "2026-01-01 00:00"))["amount"] == fen


@pytest.mark.parametrize("name", ["Total (USD)", "金额[HKD]", "金额（港币）", "金额（$）"])
def test_other_money_is_refused(name: str) -> None:
    with pytest.raises(TableError, match="convert them into yuan"):
        find("单号", name, "时间")
    with pytest.raises(TableError, match="convert them into yuan"):
        find("单号", name, "时间", given={name: "amount"})


@pytest.mark.parametrize("names", [("金额（不含税）", "时间"), ("金额（千克）", "时间"), ("金额", "时间（农历）")])
def test_words_in_brackets_that_may_change_a_figure_are_refused_unless_the_column_is_mapped(
    names: tuple[str, str],
) -> None:
    with pytest.raises(TableError, match="isn't understood"):
        find("单号", *names)
    given = {name: field for name, field in zip(names, ("amount", "occurred_at"), strict=True) if "（" in name}
    assert find("单号", *names, given=given).item(("1", "1", "2026-01-01 00:00"))["amount"] == 100


@pytest.mark.parametrize(
    ("name", "hour"),
    [
        ("时间（UTC）", 10),
        ("时间（UTC+8）", 2),
        ("时间(GMT+08:00)", 2),
        ("时间（北京时间）", 2),
        ("time [UTC-5]", 15),
        ("时间（年-月-日 时:分）", 2),
    ],
)
def test_a_time_zone_in_a_name_is_read(name: str, hour: int) -> None:
    assert find("单号", "金额", name).item(("1", "1", "2026-01-01 10:00"))["occurred_at"] == datetime(
        2026, 1, 1, hour, tzinfo=UTC
    )


def test_a_column_of_units_is_read_and_one_of_goods_is_not() -> None:
    columns = find("单号", "金额", "时间", "单位")
    rows = (
        ("1", "1280", "2026-01-01 00:00", "分"),
        ("1", "12.8", "2026-01-01 00:00", "元"),
        ("1", "12.8", "2026-01-01 00:00", ""),
    )
    assert [columns.item(row)["amount"] for row in rows] == [1280] * 3
    with pytest.raises(ValueError, match="'件' is no unit of money"):
        columns.item(("1", "12.8", "2026-01-01 00:00", "件"))
    goods = find("单号", "金额", "时间", "数量", "单位")
    assert goods.item(("1", "12.8", "2026-01-01 00:00", "2", "件"))["amount"] == 1280


def test_day_and_time_in_two_columns() -> None:
    columns = find("日期", "时间", "单号", "金额")
    assert columns.item(("2026-01-01", "08:30:00", "1", "2"))["occurred_at"] == datetime(2026, 1, 1, 0, 30, tzinfo=UTC)
    assert columns.item(("2026-01-01", "2026-01-02 08:30", "1", "2"))["occurred_at"] == datetime(
        2026, 1, 2, 0, 30, tzinfo=UTC
    )
    alone = find("日期", "单号", "金额")
    assert alone.item(("2026-01-01 08:30", "1", "2"))["occurred_at"] == datetime(2026, 1, 1, 0, 30, tzinfo=UTC)
    for row in (("2026-01-01", "", "1", "2"), ("", "08:30", "1", "2"), ("", "", "1", "2")):
        with pytest.raises(ValueError, match="occurred_at"):
            columns.item(row)
    with pytest.raises(ValueError, match="no time of a day"):
        alone.item(("2026-01-01", "1", "2"))


def test_names_are_compared_plainly() -> None:
    assert plain(" Order_No（必填） ") == "orderno"
