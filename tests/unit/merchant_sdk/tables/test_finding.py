"""What columns are called in exports of tills and back offices, and what is asked about instead of guessed."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta, timezone
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from merchant_sdk._tables.finding import find_columns
from merchant_sdk._tables.layouts import REFUNDS, SALES
from merchant_sdk._tables.words import TableError
from tests.factories.tables import items, left_out, lines, plan, refused, sent, text_plan

CHINA = timezone(timedelta(hours=8))
NOW = "2026-11-20 12:00:00"


def find(*header: str, layout: Any = SALES, **more: Any) -> Any:
    return find_columns(header, layout, **{"given": {}, "constants": {}, "time_zone": CHINA, **more})


def names_of(columns: Any) -> dict[str, str]:
    return {field: columns.header[place] for field, place in columns.places.items()}


@pytest.mark.parametrize(
    ("field", "words"),
    [
        (
            "reference",
            "流水号 订单编号 订单编码 单据号 单据编号 账单号 销售单号 销售流水号 零售单号 结账单号 收银单号 消费单号 商户订单号 serial_no",
        ),
        (
            "amount",
            "实收 实收金额 实付 实付金额 应收 应收金额 应付 支付金额 收款金额 订单金额 销售金额 折后金额 含税金额 价税合计 paid_amount",
        ),
        ("amount", "实收（元） 实收金额/元 价税合计(元)"),
        ("occurred_at", "收银时间 结账时间 买单时间 付款时间 收款时间 成交时间 销售时间 支付完成时间 checkout_time"),
        ("occurred_at", "下单时间 开单时间 创建时间 订单创建时间 制单时间 完成时间 交易完成时间 order_time"),
        ("day", "单据日期 销售日期 营业日期 收银日期 开单日期 制单日期 业务日期"),
        ("phone", "会员手机 会员手机号 会员电话 顾客手机 客户手机号 买家手机 用户手机号 member_phone"),
        ("payment_method", "收款方式 收银方式 结账方式 支付渠道"),
        ("currency", "币种 币别 货币"),
    ],
)
def test_names_that_tills_and_back_offices_use(field: str, words: str) -> None:
    others = {"reference": "单号", "amount": "金额", "occurred_at": "时间"}
    rest = [name for one, name in others.items() if one != field and (one, field) != ("occurred_at", "day")]
    for word in words.split():
        assert names_of(find(word, *rest))[field] == word


@pytest.mark.parametrize(
    ("field", "words"),
    [
        ("reference", "退款单号 退款流水号 退款编号 退货单号 退单号 商户退款单号"),
        ("transaction_reference", "原单号 原流水号 原订单编号 原单据编号 原销售单号 订单编号"),
        ("amount", "退款金额 退货金额 应退金额 实退金额 实退"),
        ("occurred_at", "退款时间 退款成功时间 退款完成时间 申请时间"),
        ("day", "退款日期 退货日期 单据日期"),
    ],
)
def test_names_that_they_use_for_refunds(field: str, words: str) -> None:
    others = {
        "reference": "退款单号",
        "transaction_reference": "原单号",
        "amount": "金额",
        "occurred_at": "时间",
    }
    rest = [name for one, name in others.items() if one != field and (one, field) != ("occurred_at", "day")]
    for word in words.split():
        assert names_of(find(word, *rest, layout=REFUNDS))[field] == word


@pytest.mark.parametrize("other", ["下单时间", "创建时间", "完成时间", "开单时间"])
def test_a_sale_was_when_it_was_paid_and_not_when_it_was_ordered(other: str) -> None:
    assert names_of(find("单号", "金额", other, "支付时间"))["occurred_at"] == "支付时间"
    assert names_of(find("单号", "金额", other))["occurred_at"] == other
    assert other in find("单号", "金额", other, "支付时间").ignored
    given = {other: "occurred_at"}
    assert names_of(find("单号", "金额", other, "支付时间", given=given))["occurred_at"] == other


def test_of_two_times_that_say_the_same_the_better_named_one_counts() -> None:
    assert names_of(find("单号", "金额", "下单时间", "完成时间"))["occurred_at"] == "完成时间"
    with pytest.raises(TableError, match="two columns for occurred_at: 支付时间, 收银时间"):
        find("单号", "金额", "支付时间", "收银时间")


@pytest.mark.parametrize(
    "pair", [("应收金额", "实收金额"), ("金额", "含税金额"), ("订单金额", "实付金额"), ("应付", "实付")]
)
def test_of_two_amounts_one_is_asked_for(pair: tuple[str, str]) -> None:
    with pytest.raises(TableError, match=f"two columns for amount: {', '.join(pair)}; choose with --map"):
        find("单号", *pair, "时间")
    for name in pair:
        assert names_of(find("单号", *pair, "时间", given={name: "amount"}))["amount"] == name


def test_a_day_and_a_unit_may_be_mapped_and_are_no_value_of_all_rows() -> None:
    columns = find("单号", "金额", "交易日", "几点", given={"交易日": "day", "几点": "occurred_at"})
    row = ("1", "1", "2026-11-20", "12:00")
    assert columns.item(row)["occurred_at"] == datetime(2026, 11, 20, 4, tzinfo=UTC)
    columns = find("单号", "金额", "时间", "计价", given={"计价": "unit"})
    assert columns.item(("1", "128", NOW, "分"))["amount"] == 128
    with pytest.raises(TableError, match="no such field: day"):
        find("单号", "金额", constants={"day": "2026-11-20"})
    with pytest.raises(TableError, match="no such field: sum"):
        find("单号", "金额", "时间", given={"金额": "sum"})


@pytest.mark.parametrize("day", ["2026-11-20", "2026/11/20", "2026年11月20日", "20261120"])
def test_a_day_alone_has_the_time_that_is_said_or_none(tmp_path: Path, day: str) -> None:
    text = lines(("单号", "金额", "日期"), ("1", "5", day), ("2", "5", ""))
    made = text_plan(tmp_path / "sales.csv", text)
    assert (sent(made), "--at 12:00" in refused(made)[0][1]) == ({}, True)
    made = text_plan(tmp_path / "sales.csv", text, at=time(18, 30))
    assert [item["occurred_at"] for item in items(made)] == [datetime(2026, 11, 20, 10, 30, tzinfo=UTC)]
    assert [number for number, _ in refused(made)] == [3]


def test_a_time_that_is_there_is_not_replaced_by_the_one_that_is_said(tmp_path: Path) -> None:
    rows = [("1", "5", "2026-11-20", "09:15"), ("2", "5", "2026-11-20", ""), ("3", "5", "2026-11-20", "x")]
    made = text_plan(tmp_path / "sales.csv", lines(("单号", "金额", "日期", "时间"), *rows), at=time(18))
    assert [item["occurred_at"].hour for item in items(made)] == [1, 10]
    assert [number for number, _ in refused(made)] == [4]


@pytest.mark.parametrize("name", ["优惠金额", "折扣金额", "优惠", "抹零", "立减金额", "优惠金额（元）", "discount"])
def test_an_amount_beside_a_discount_may_be_before_it(tmp_path: Path, name: str) -> None:
    rows = [("1", "100", NOW, "0.00"), ("2", "100", NOW, "-"), ("3", "100", NOW, "20")]
    path, text = tmp_path / "sales.csv", lines(("单号", "金额", "时间", name), *rows)
    made = text_plan(path, text)
    assert (sent(made).keys(), [number for number, _ in refused(made)]) == ({"1", "2"}, [4])
    assert "--map" in refused(made)[0][1]
    assert len(sent(plan(path, ignore=[name]))) == 3
    assert len(sent(plan(path, given={"金额": "amount"}))) == 3
    assert len(sent(text_plan(path, text.replace("金额,时间", "实收金额,时间")))) == 3


@pytest.mark.parametrize("name", ["会员", "会员姓名", "会员卡号", "VIP卡号", "是否会员"])
def test_a_member_whose_number_is_not_in_the_table_is_asked_about(tmp_path: Path, name: str) -> None:
    rows = [("1", "5", NOW, "张三"), ("2", "5", NOW, "散客"), ("3", "5", NOW, ""), ("4", "5", NOW, "13800000000")]
    path = tmp_path / "sales.csv"
    made = text_plan(path, lines(("单号", "金额", "时间", name), *rows))
    assert (sent(made).keys(), [number for number, _ in refused(made)]) == ({"2", "3"}, [2, 5])
    assert len(sent(plan(path, ignore=[name]))) == 4
    assert [item.get("phone") for item in items(plan(path, given={name: "phone"}))][-1] == "13800000000"
    text = lines(("单号", "金额", "时间", name, "手机号"), ("1", "5", NOW, "张三", "13800000000"))
    assert [item["phone"] for item in items(text_plan(path, text))] == ["13800000000"]


@pytest.mark.parametrize("name", ["门店名称", "店铺名称", "分店", "所属门店", "机构名称"])
def test_shops_by_name_are_one_run_each_or_are_mapped(tmp_path: Path, name: str) -> None:
    rows = [("1", "5", NOW, "湖滨店"), ("2", "5", NOW, "河坊店"), ("3", "5", NOW, "湖滨店")]
    path, text = tmp_path / "sales.csv", lines(("单号", "金额", "时间", name), *rows)
    with pytest.raises(TableError, match=rf"several shops \({name}: 河坊店, 湖滨店\)"):
        text_plan(path, text)
    made = plan(path, ignore=[f"{name}=湖滨店"])
    assert (sent(made).keys(), left_out(made)) == ({"2"}, [2, 4])
    assert len(sent(plan(path, given={name: "store_code"}))) == 3
    assert len(sent(plan(path, ignore=[name]))) == 3
    assert len(sent(text_plan(path, text.replace("河坊店", "湖滨店")))) == 3


def test_a_shop_that_is_said_for_all_rows_is_still_one_shop(tmp_path: Path) -> None:
    path = tmp_path / "sales.csv"
    path.write_text(lines(("单号", "金额", "时间", "门店名称"), ("1", "5", NOW, "a"), ("2", "5", NOW, "b")), "utf-8")
    with pytest.raises(TableError, match="several shops"):
        plan(path)


@pytest.mark.parametrize("name", ["订单金额", "实付金额", "实收", "支付金额", "合计金额", "total"])
def test_the_amount_of_a_whole_receipt_is_not_added_up_for_each_of_its_lines(tmp_path: Path, name: str) -> None:
    rows = [("1", "30", NOW, "茶"), ("1", "30", NOW, "面"), ("2", "8", NOW, "糖")]
    made = text_plan(tmp_path / "sales.csv", lines(("单号", name, "时间", "商品名称"), *rows), is_summing=True)
    assert (sent(made), [number for number, _ in refused(made)]) == ({"2": 800}, [2, 3])
    assert name in refused(made)[0][1]
    made = text_plan(tmp_path / "sales.csv", lines(("单号", "金额", "时间", "商品名称"), *rows), is_summing=True)
    assert sent(made) == {"1": 6000, "2": 800}


def test_a_bill_asked_for_is_looked_for_below_prose_and_its_lack_is_told(tmp_path: Path) -> None:
    text = "门店月报\n制表：小王\n" + lines(("单号", "金额", "时间"), ("1", "5", NOW))
    assert sent(text_plan(tmp_path / "sales.csv", text)) == {"1": 500}
    with pytest.raises(TableError, match="no pospal bill: it lacks the columns"):
        plan(tmp_path / "sales.csv", profile="pospal")


def test_of_two_sheets_that_fit_alike_one_is_asked_for(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    for name in ("九月", "十月"):
        sheet = book.create_sheet(name)
        for row in (("单号", "金额", "时间"), (name, 5, NOW)):
            sheet.append(row)
    del book["Sheet"]
    book.save(tmp_path / "sales.xlsx")
    with pytest.raises(TableError, match="--sheet"):
        plan(tmp_path / "sales.xlsx")
    assert sent(plan(tmp_path / "sales.xlsx", sheet="十月")) == {"十月": 500}
