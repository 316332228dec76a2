from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from merchant_sdk._tables.cells import (
    Lost,
    content_of,
    currency_of,
    fen_of,
    id_of,
    instant_of,
    instant_of_two,
    phone_of,
    text_of,
    unit_of,
)
from merchant_sdk._tables.words import RowError

CHINA = timezone(timedelta(hours=8))


@pytest.mark.parametrize(
    ("cell", "fen"),
    [
        ("128", 12800),
        ("128.4", 12840),
        ("128.40", 12840),
        ("128.400", 12840),
        ("0", 0),
        (".5", 50),
        ("1,234.50", 123450),
        ("1,234,567", 123456700),
        ("￥128.00", 12800),
        ("¥ 128", 12800),
        ("128元", 12800),
        ("１２８．５", 12850),
        ("1.28e2", 12800),
        (128, 12800),
        (128.4, 12840),
        (0.1 + 0.2, 30),
        (Decimal("19.99"), 1999),
        ("100000000", 10_000_000_000),
    ],
)
def test_amounts_in_yuan_are_exact(cell: object, fen: int) -> None:
    assert fen_of(cell) == fen


@pytest.mark.parametrize(
    "cell",
    [
        "128.405",
        "-1",
        "12,8",
        "1,23,4",
        "",
        ".",
        "e5",
        "1 2x",
        "abc",
        "NaN",
        "Infinity",
        "1e99",
        "100000000.01",
        1.005,
        True,
    ],
)
def test_amounts_that_are_none(cell: object) -> None:
    with pytest.raises(RowError):
        fen_of(cell)


def test_amounts_in_fen() -> None:
    assert fen_of("12840", 1) == fen_of(12840.0, 1) == 12840
    with pytest.raises(RowError, match="parts of a fen"):
        fen_of("128.4", 1)


@given(st.integers(0, 10_000_000_000))
def test_every_amount_is_read_as_it_is_written(fen: int) -> None:
    yuan = Decimal(fen) / 100
    for cell in (f"{yuan:.2f}", f"{yuan:,.2f}", f"¥{yuan}", float(yuan)):
        assert fen_of(cell) == fen


AT = datetime(2026, 1, 2, 12, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    ("cell", "seconds"),
    [
        ("2026-01-02 20:05", 0),
        ("2026-01-02T20:05:07", 7),
        ("2026-01-02 20:05:07.000", 7),
        ("2026-1-2 20:5", 0),
        ("2026/1/2 20:05:07", 7),
        ("2026.01.02 20:05", 0),
        ("2026年1月2日 20:05", 0),
        ("2026年01月02日 20时05分07秒", 7),
        ("２０２６－０１－０２　２０：０５", 0),
        ("20260102200507", 7),
        ("20260102 200507", 7),
        ("2026-01-02T12:05:07Z", 7),
        ("2026-01-02T20:05:07+08:00", 7),
        ("2026-01-02T13:05:07+0100", 7),
        (datetime(2026, 1, 2, 20, 5), 0),
        (datetime(2026, 1, 2, 12, 5, tzinfo=UTC), 0),
    ],
)
def test_times(cell: object, seconds: int) -> None:
    found = instant_of(cell, CHINA)
    assert (found, found.utcoffset()) == (AT + timedelta(seconds=seconds), timedelta(0))


@pytest.mark.parametrize(
    "cell",
    [
        "2026-01-02",
        "20:05",
        "2026-13-02 20:05",
        "2026-02-30 20:05",
        "2026-01-02 25:00",
        "45000.5",
        "x",
        "",
        45000.5,
        datetime(1, 1, 1),
    ],
)
def test_times_that_are_none(cell: object) -> None:
    with pytest.raises(RowError):
        instant_of(cell, CHINA)


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        (None, ""),
        (" a ", "a"),
        (13800000000, "13800000000"),
        (13800000000.0, "13800000000"),
        (1.5, "1.5"),
        (True, "TRUE"),
        (0.1 + 0.2, "0.3"),
        (datetime(2026, 1, 2, 3), "2026-01-02 03:00:00"),
        (datetime(2026, 1, 2).date(), "2026-01-02"),
    ],
)
def test_cells_as_text(cell: object, text: str) -> None:
    assert text_of(cell) == text


@pytest.mark.parametrize(
    "cell",
    [
        "1.28E+03",
        "1E+05",
        "12 80",
        "12.80 13.90",
        "$12.80",
        "USD 12.80",
        "1.280,00",
        "12.80-",
        "#REF!",
        "####",
        '"12.80',
    ],
)
def test_amounts_that_say_less_or_other_than_they_held(cell: str) -> None:
    with pytest.raises(RowError):
        fen_of(cell)


@pytest.mark.parametrize(
    ("cell", "fen"), [("-12.80", -1280), ("¥-12.80", -1280), ("-¥12.80", -1280), ("`12.80\t", 1280)]
)
def test_signs_and_marks_of_amounts(cell: str, fen: int) -> None:
    assert fen_of(cell, may_be_negative=True) == fen


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        ('="000123"', "000123"),
        ("'000123", "000123"),
        ("`4200000925202101284997714292", "4200000925202101284997714292"),
        ("\u200b A-1\ufeff\t", "A-1"),
        (123, "123"),
        (999_999_999_999_999, "999999999999999"),
        (202611200001.0, "202611200001"),
        ("3E12", "3E12"),
        ("E+5", "E+5"),
        ("2026-11-20-0001", "2026-11-20-0001"),
        ("20261120", "20261120"),
    ],
)
def test_numbers_of_sales_as_they_were_given(cell: object, text: str) -> None:
    assert id_of(cell) == text


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        ("1.00000202609201E+26", "shortened"),
        ("8.68533E+14", "shortened"),
        ("8.68533e14", "shortened"),
        ("1E+15", "shortened"),
        ("13800000000.0", "shortened"),
        (1.00000202609201e26, "shortened"),
        (10**15, "shortened"),
        (12.5, "shortened"),
        (datetime(2026, 11, 20), "is-a-date"),
        (date(2026, 11, 20), "is-a-date"),
        (time(10), "is-a-date"),
        ("2026/11/20", "is-a-date"),
        ("2026-11-20 10:00:00", "is-a-date"),
        ("11月20日", "is-a-date"),
        ("20-Nov", "is-a-date"),
        ("Nov-26", "is-a-date"),
        ("#REF!", "no-value"),
        ("#N/A", "no-value"),
        ("########", "no-value"),
        ("=A1", "formula"),
        (Lost("formula"), "formula"),
        (Lost("merged"), "merged"),
        (True, "no-number"),
        ('"A-1', "open-quote"),
    ],
)
def test_numbers_that_a_spreadsheet_has_changed(cell: object, code: str) -> None:
    with pytest.raises(RowError) as refused:
        id_of(cell)
    assert refused.value.code == code


@given(st.from_regex(r"[0-9A-Z]{2,30}", fullmatch=True))
def test_a_number_is_sent_as_it_was_given_or_refused(text: str) -> None:
    try:
        assert id_of(text) == text
    except RowError:
        assert "E" in text


@pytest.mark.parametrize("cell", ["-", "—", "散客", "非会员", "无", "NULL", " / ", None, "0"])
def test_nobody(cell: str | None) -> None:
    assert phone_of(cell, "手机号") == ""


def test_hidden_digits_of_a_phone_number_are_no_phone_number() -> None:
    with pytest.raises(RowError, match=r"digits are hidden.*--ignore 手机号"):
        phone_of("138****0000", "手机号")


@pytest.mark.parametrize(
    ("day", "clock"),
    [
        ("2026-01-02", "20:05:07"),
        ("2026/1/2", "20时05分07秒"),
        ("20260102", "200507"),
        (datetime(2026, 1, 2), time(20, 5, 7)),
        (date(2026, 1, 2), "20:05:07"),
        ("2026-01-03", "2026-01-02 20:05:07"),
        (date(2026, 1, 3), datetime(2026, 1, 2, 20, 5, 7)),
        ("2026-01-02 20:05:07", None),
    ],
)
def test_a_day_and_a_time_of_day(day: object, clock: object) -> None:
    assert instant_of_two(day, clock, CHINA) == AT + timedelta(seconds=7)


@pytest.mark.parametrize(
    ("day", "clock"), [("2026-01-02", ""), ("", "20:05"), ("x", "20:05"), (date(2026, 1, 2), None), ("2026-01-02", 0.5)]
)
def test_a_day_or_a_time_alone_is_no_instant(day: object, clock: object) -> None:
    with pytest.raises(RowError):
        instant_of_two(day, clock, CHINA)


def test_units_and_currencies() -> None:
    assert [unit_of(cell) for cell in ("分", "元", "万元", "￥")] == [1, 100, 1_000_000, 100]
    assert [currency_of(cell) for cell in ("人民币", "CNY", "rmb", "¥", "usd")] == ["CNY"] * 4 + ["USD"]
    for wrong, read in (("件", unit_of), ("积分", currency_of), ("#N/A", content_of)):
        with pytest.raises(RowError):
            read(wrong)


@pytest.mark.parametrize(
    ("cell", "phone"),
    [
        ("张三（13800138000）", "13800138000"),
        ("张三 (13800138000)", "13800138000"),
        ("张三(+8613800138000)", "+8613800138000"),
        ("散客(-)", "散客(-)"),
        ("张三（VIP）", "张三（VIP）"),
    ],
)
def test_a_name_with_the_number_in_brackets_is_the_number(cell: str, phone: str) -> None:
    assert phone_of(cell, "会员") == phone


def test_hidden_digits_in_brackets_are_hidden_digits() -> None:
    with pytest.raises(RowError, match="digits are hidden"):
        phone_of("张三（138****8000）", "会员")


def test_a_day_alone_is_told_from_what_is_no_time() -> None:
    assert instant_of("2026-11-20", CHINA, time(12)) == datetime(2026, 11, 20, 4, tzinfo=UTC)
    assert instant_of(date(2026, 11, 20), CHINA, time(12)) == datetime(2026, 11, 20, 4, tzinfo=UTC)
    for cell, why in (("2026-11-20", "--at"), (date(2026, 11, 20), "--at"), ("gestern", "no time")):
        with pytest.raises(RowError, match=why):
            instant_of(cell, CHINA)
