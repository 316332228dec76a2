from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from merchant_sdk._calls.refund_bodies import RefundBody
from merchant_sdk._calls.sales import Sale
from merchant_sdk._tables.finding import find_columns
from merchant_sdk._tables.headers import plain
from merchant_sdk._tables.layouts import REFUNDS, SALES, Layout
from merchant_sdk._tables.words import RowError, TableError

CHINA = timezone(timedelta(hours=8))


def find(*header: str, **more: Any) -> Any:
    return find_columns(header, **{"given": {}, "constants": {}, "time_zone": CHINA, **more})


@pytest.mark.parametrize(("layout", "kind"), [(SALES, Sale), (REFUNDS, RefundBody)])
def test_every_field_is_one_of_its_kind_and_no_name_means_two(layout: Layout, kind: type) -> None:
    aliases = layout.aliases
    assert aliases.keys() <= kind.__annotations__.keys()
    assert {name for group in layout.needed for name in group} <= aliases.keys()
    names = [plain(alias) for field, others in aliases.items() for alias in (field, *others)]
    assert len(names) == len(set(names)) + sum(plain(field) in map(plain, others) for field, others in aliases.items())


@pytest.mark.parametrize(
    "header",
    [
        ("reference", "amount", "occurred_at", "phone", "store_code", "payment_method"),
        ("Reference", "AMOUNT", "Occurred At", "Phone", "store-code", "PaymentMethod"),
        ("流水号", "金额", "时间", "手机号", "门店", "支付方式"),
        ("单号", "消费金额（元）", "交易时间", " 手机 ", "门店编码", "付款方式"),
    ],
)
def test_columns_are_found_by_their_names(header: tuple[str, ...]) -> None:
    columns = find(*header)
    row = ("A-1", "128.00", "2026/1/1 20:15", "13800000000", "A101-1", "微信支付")
    assert columns.item(row) == {
        "reference": "A-1",
        "amount": 12800,
        "occurred_at": datetime(2026, 1, 1, 12, 15, tzinfo=UTC),
        "phone": "13800000000",
        "store_code": "A101-1",
        "payment_method": "wechat",
    }
    assert columns.ignored == ()


def test_other_columns_are_ignored_unless_they_are_mapped() -> None:
    header = ("单号", "金额", "时间", "收银员", "", "备注")
    assert find(*header).ignored == ("收银员", "备注")
    columns = find(*header, given={"收银员": "channel"})
    assert columns.item(("1", "2", "2026-01-01 00:00", "till", "x", "y"))["channel"] == "till"


def test_a_mapped_column_goes_before_one_known_by_name() -> None:
    with pytest.raises(TableError, match="two columns for amount: 金额, 总金额"):
        find("单号", "金额", "总金额", "时间")
    columns = find("单号", "金额", "总金额", "时间", given={"总金额": "amount"})
    assert columns.item(("1", "2", "3", "2026-01-01 00:00"))["amount"] == 300


@pytest.mark.parametrize(
    ("header", "more", "words"),
    [
        (("金额", "时间"), {}, "no column for reference; there are: 金额, 时间"),
        (("单号", "金额"), {}, "occurred_at.*--now"),
        (("单号", "金额", "时间"), {"given": {"no": "phone"}}, "no column no"),
        (("单号", "金额", "时间"), {"given": {"单号": "colour"}}, "no such field: colour"),
        (("单号", "金额", "时间"), {"constants": {"member_code": "1"}}, "no such field: member_code"),
        (("单号", "金额", "时间", "phone", "手机号"), {}, "two columns for phone"),
    ],
)
def test_headers_that_will_not_do(header: tuple[str, ...], more: dict[str, Any], words: str) -> None:
    with pytest.raises(TableError, match=words):
        find(*header, **more)


def test_constants_hold_where_a_row_says_nothing() -> None:
    columns = find("单号", "金额", "门店", constants={"store_code": "A101-1", "channel": "till"}, is_now=True)
    assert columns.item(("1", "2", "")) == {"reference": "1", "amount": 200, "store_code": "A101-1", "channel": "till"}
    assert columns.item(("1", "2", "B"))["store_code"] == "B"


@pytest.mark.parametrize(
    ("row", "words"),
    [
        (("", "1", "2026-01-01 00:00"), "reference: empty"),
        (("1", None, "2026-01-01 00:00"), "amount: empty"),
        (("1", "1"), "occurred_at: empty"),
        (("1", "x", "2026-01-01 00:00"), "amount: 'x' is no amount"),
        (("1", "1", "yesterday"), "occurred_at: 'yesterday' is no time"),
        (("1", "1", "234.00", "2026-01-01 00:00"), "more cells"),
    ],
)
def test_rows_that_are_no_sale(row: Any, words: str) -> None:
    with pytest.raises(RowError, match=words):
        find("单号", "金额", "时间").item(row)


@pytest.mark.parametrize(
    ("name", "unit", "fen"),
    [
        ("金额", None, 1200),
        ("金额(分)", None, 12),
        ("amount [fen]", None, 12),
        ("金额（单位：分）", None, 12),
        ("金额(元)", None, 1200),
        ("金额", "fen", 12),
        ("金额(分)", "yuan", 1200),
    ],
)
def test_the_unit_is_told_or_stands_in_the_column_s_name(name: str, unit: str | None, fen: int) -> None:
    assert find("单号", name, "时间", unit=unit).item(("1", "12", "2026-01-01 00:00"))["amount"] == fen


@pytest.mark.parametrize(
    "header",
    [
        ("reference", "transaction_reference", "amount", "occurred_at", "reason"),
        ("退款单号", "原流水号", "退款金额（元）", "退款时间", "退款原因"),
        ("退货单号", "订单号", "金额", "时间", "原因"),
    ],
)
@pytest.mark.parametrize("amount", ["60.00", "-60", "-60.00元", -60.0])
def test_a_row_as_a_refund(header: tuple[str, ...], amount: Any) -> None:
    columns = find(*header, layout=REFUNDS)
    assert columns.item(("R-1", "A-1", amount, "2026/1/2 20:15", "尺码不合适")) == {
        "reference": "R-1",
        "transaction_reference": "A-1",
        "amount": 6000,
        "occurred_at": datetime(2026, 1, 2, 12, 15, tzinfo=UTC),
        "reason": "尺码不合适",
    }


def test_a_sale_may_be_named_by_its_id_and_has_to_be_named() -> None:
    columns = find("退款单号", "transaction_id", "原单号", "退款金额", layout=REFUNDS, is_now=True)
    assert columns.item(("R-1", "txn_1", "", "1"))["transaction_id"] == "txn_1"
    with pytest.raises(RowError, match="transaction_reference or transaction_id: empty"):
        columns.item(("R-1", "", "", "1"))
    with pytest.raises(TableError, match="no column for transaction_reference or transaction_id, occurred_at; there"):
        find("退款单号", "单号", "退款金额", layout=REFUNDS)
    assert find("退款单号", "单号", "退款金额", layout=REFUNDS, is_now=True, given={"单号": "transaction_reference"})


def test_a_sale_has_no_fields_of_refunds() -> None:
    with pytest.raises(TableError, match="no such field: reason"):
        find("单号", "金额", "时间", constants={"reason": "x"})
    with pytest.raises(RowError, match="a refund is no sale"):
        find("单号", "金额", "时间").item(("A-1", "-1", "2026-01-01 00:00"))
