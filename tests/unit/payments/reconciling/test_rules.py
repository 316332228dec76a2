"""Lines of a bank are of one payment or of none; what might be of two is not guessed."""

from __future__ import annotations

from datetime import date

import pytest

from app.foundation.problems import ValidationFailed
from app.payments.reconciling.reading import lines_in
from app.payments.reconciling.rules import BankLine, KnownPayment, booked_by, candidates, counted, returned_by

DAY = date(2026, 4, 15)
A = KnownPayment("pay_a", 1, 41_000, "QTAAAAAAAAAA", frozenset({"湖滨餐饮"}))
B = KnownPayment("pay_b", 1, 41_000, "QTBBBBBBBBBB", frozenset({"湖滨餐饮"}))
OUT = KnownPayment("pay_o", 2, -300, "QTCCCCCCCCCC", frozenset({"湖滨书店"}), "B7")


@pytest.mark.parametrize(
    ("line", "wanted"),
    [
        (BankLine(DAY, 41_000, "X", "湖滨餐饮", ""), ["pay_a", "pay_b"]),
        (BankLine(DAY, 41_000, "X", "湖滨餐饮", "结算 QTBBBBBBBBBB"), ["pay_b"]),
        (BankLine(DAY, 41_000, "X", "别人", "QTAAAAAAAAAA"), ["pay_a"]),
        (BankLine(DAY, 41_000, "X", "别人", ""), []),
        (BankLine(DAY, -41_000, "X", "湖滨餐饮", ""), []),
        (BankLine(DAY, 41_001, "X", "湖滨餐饮", "QTAAAAAAAAAA"), []),
    ],
)
def test_which_payments_a_line_may_be_of(line: BankLine, wanted: list[str]) -> None:
    assert [one.id for one in candidates(line, [A, B])] == wanted


def test_what_is_booked_is_found_and_what_comes_back_is_named() -> None:
    assert booked_by(BankLine(DAY, -300, "B7", "", ""), [OUT]) == OUT
    assert booked_by(BankLine(DAY, -301, "B7", "", ""), [OUT]) is None
    assert booked_by(BankLine(DAY, -300, "", "", ""), [OUT._replace(reference="")]) is None
    assert returned_by(BankLine(DAY, 300, "B9", "", "退汇 B7"), [OUT]) == OUT
    assert returned_by(BankLine(DAY, 300, "B9", "湖滨书店", ""), [OUT]) is None


def test_a_line_has_one_print_and_two_that_say_the_same_have_two() -> None:
    named, plain = BankLine(DAY, 5, "B1", "甲", "x"), BankLine(DAY, 5, "", "甲", "x")
    assert named.print == named._replace(purpose="y").print
    assert len({line.print for line in counted([plain, plain, named, named])}) == 3


def test_statements_as_banks_write_them() -> None:
    file = (
        "中国某银行对账单\r\n账号,0012\r\n交易日期,收入,支出,对方户名,摘要,交易流水号\r\n"
        '20260415,"410.00",,湖滨餐饮,货款,B1\r\n2026-04-16,,3.00,湖滨书店,结算款,B2\r\n合计,413.00,,,,\r\n'
    ).encode("gb18030")
    lines, not_read = lines_in(file)
    assert [(line.booked_on.isoformat(), line.amount, line.reference) for line in lines] == [
        ("2026-04-15", 41_000, "B1"),
        ("2026-04-16", -300, "B2"),
    ]
    assert not_read == [6]
    with pytest.raises(ValidationFailed):
        lines_in("甲,乙\r\n1,2\r\n".encode())
