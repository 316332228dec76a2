"""Columns and words that change what a row means, wherever tills put them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from merchant_sdk._tables.kinds import Kind
from merchant_sdk._tables.layouts import REFUNDS
from merchant_sdk._tables.tellers import teller_of, word_teller_of
from tests.factories.tables import left_out, lines, plan, refused, sent, text_plan

NOW = "2026-11-20 12:00:00"


def rows_of(path: Path, name: str, cells: list[str], **more: Any) -> set[str]:
    """The cells of this column whose rows would be sent."""
    rows = [(str(place), "5", NOW, cell) for place, cell in enumerate(cells, start=1)]
    return {
        cells[int(number) - 1] for number in sent(text_plan(path, lines(("单号", "金额", "时间", name), *rows), **more))
    }


@pytest.mark.parametrize(
    ("name", "fine", "others"),
    [
        ("是否删除", ["否", "", "0"], ["是", "1", "true"]),
        ("deleted", ["false", ""], ["true", "1"]),
        ("是否挂账", ["否", ""], ["是", "1"]),
        ("挂账金额", ["0.00", "-"], ["5"]),
        ("未收金额", ["0", ""], ["5"]),
        ("欠款", ["0"], ["5.00"]),
        ("免单金额", ["0"], ["5"]),
        ("招待", ["否"], ["是"]),
        ("充值金额", ["0.00"], ["100"]),
        ("培训模式", ["否"], ["是"]),
        ("反结账", ["否"], ["是"]),
        ("红蓝标识", ["蓝", "蓝字"], ["红", "红字"]),
        ("支付结果", ["成功", "SUCCESS"], ["失败", "FAIL", "x"]),
        ("汇率", ["1", "1.0000"], ["7.1"]),
        ("倍率", ["1"], ["100"]),
        ("D/C", [], ["D", "C"]),
        ("是否支付", ["是"], ["否"]),
        ("单据状态", ["已审核", "已过账", "已完成"], ["未审核", "草稿", "暂存", "挂起"]),
        ("业务类型", ["消费", "销售"], ["充值", "押金", "定金", "办卡", "调拨"]),
        ("单据类型", ["销售单", "销货单", "零售单"], ["销售退货单", "零售退货单", "采购入库单", "付款单", "换货"]),
        ("订单状态", ["已买单", "结清", "已评价", "待提货"], ["用餐中", "待确认", "异常", "退款中", "售后中"]),
        ("原单号", ["", "-"], ["A7"]),
        ("原小票号", [""], ["A7"]),
        ("主订单号", ["", "无"], ["A7"]),
        ("父单号", [""], ["A7"]),
        ("笔数", ["1", "", "1.0"], ["2", "12"]),
        ("订单数量", ["1"], ["3"]),
        ("积分抵扣", ["0"], ["5"]),
        ("会员优惠金额", ["0.00"], ["5"]),
        ("优惠券抵扣金额", ["0"], ["5"]),
    ],
)
def test_a_column_that_changes_what_a_row_means_is_heeded(
    tmp_path: Path, name: str, fine: list[str], others: list[str]
) -> None:
    path = tmp_path / "sales.csv"
    assert rows_of(path, name, [*fine, *others]) == set(fine)
    assert rows_of(path, name, [*fine, *others], ignore=[name]) == {*fine, *others}


@pytest.mark.parametrize("name", ["备注", "摘要", "交易名称", "订单来源", "项目", "remark", "标签"])
def test_a_word_that_means_the_same_anywhere_is_heeded_under_any_name(tmp_path: Path, name: str) -> None:
    path, fine = tmp_path / "sales.csv", ["", "少冰", "退款请联系店长", "测试路12号送达", "消费", "1"]
    others = ["退款", "已作废", "测试单", "充值", "refund", "挂账", "部分退款", "Cancelled"]
    assert rows_of(path, name, [*fine, *others]) == set(fine)
    assert len(refused(plan(path))) == len(others)
    assert list(plan(path).notes("en")) == [f"columns that are not sent: {name}"]
    assert rows_of(path, name, others, ignore=[name]) == set(others)
    assert left_out(text_plan(path, f"单号,金额,时间,{name}\n1,5,{NOW},退款\n", ignore=[f"{name}=退款"])) == [2]


@pytest.mark.parametrize("name", ["配送状态", "会员状态", "开票状态", "打印结果", "设备状态"])
def test_words_about_something_else_say_nothing_of_the_sale(tmp_path: Path, name: str) -> None:
    assert rows_of(tmp_path / "sales.csv", name, ["已取消", "失败", "作废"]) == {"已取消", "失败", "作废"}


def test_money_that_is_paid_in_is_no_goods(tmp_path: Path) -> None:
    fine = ["退热贴", "充值卡套", "茶", ""]
    assert rows_of(tmp_path / "sales.csv", "商品名称", [*fine, "会员充值", "充值", "押金", "办卡"]) == set(fine)


def test_what_has_not_been_paid_is_told_by_how_it_was_paid(tmp_path: Path) -> None:
    fine = ["微信", "储值", "会员卡", "现金+微信"]
    assert rows_of(tmp_path / "sales.csv", "支付方式", [*fine, "挂账", "免单", "未支付", "退款"]) == set(fine)


def test_a_sale_that_is_its_own_whole_is_a_sale(tmp_path: Path) -> None:
    text = lines(("单号", "主单号", "金额", "时间"), ("A1", "A1", "5", NOW), ("A2", "A1", "5", NOW))
    made = text_plan(tmp_path / "sales.csv", text)
    assert (sent(made), [number for number, _ in refused(made)]) == ({"A1": 500}, [3])


def test_words_of_refunds_are_what_a_table_of_refunds_is_made_of(tmp_path: Path) -> None:
    rows = [("R1", "A1", "5", NOW, "退款"), ("R2", "A2", "5", NOW, "已作废"), ("R3", "A3", "5", NOW, "部分退款")]
    made = text_plan(tmp_path / "refunds.csv", lines(("退款单号", "原单号", "金额", "时间", "备注"), *rows), REFUNDS)
    assert sent(made) == {"R1": 500, "R3": 500}


def test_a_refund_in_a_mixed_table_is_a_refund_before_it_belongs_to_another(tmp_path: Path) -> None:
    rows = [("A1", "5", NOW, ""), ("A2", "-5", NOW, "A1"), ("A3", "5", NOW, "A1")]
    made = text_plan(tmp_path / "sales.csv", lines(("单号", "金额", "时间", "原单号"), *rows), is_mixed=True)
    assert (sent(made), left_out(made), [number for number, _ in refused(made)]) == ({"A1": 500}, [3], [4])


def test_names_that_tell_nothing() -> None:
    for name in ("客数", "人数", "桌号", "原价", "原价金额", "单价", "数量", "审核人", "审核日期", "收银员"):
        assert teller_of(name, "金额", is_nameless=True, of_refunds=False) is None, name
    assert word_teller_of("收银员", is_goods=False, of_refunds=False, is_nameless=False)("王") is Kind.ANY  # type: ignore[misc]
    assert word_teller_of("会员等级", is_goods=False, of_refunds=False, is_nameless=False) is None


@pytest.mark.parametrize("name", ["币种", "货币种类", "currency"])
def test_refunds_are_of_yuan(tmp_path: Path, name: str) -> None:
    cells = ["CNY", "人民币", "", "USD", "港币"]
    rows = [(f"R{place}", f"A{place}", "5", NOW, cell) for place, cell in enumerate(cells)]
    made = text_plan(tmp_path / "refunds.csv", lines(("退款单号", "原单号", "金额", "时间", name), *rows), REFUNDS)
    assert sent(made).keys() == {"R0", "R1", "R2"}


@pytest.mark.parametrize("name", ["联系电话", "客户", "收货人手机号", "会员信息", "联系方式", "买家账号"])
def test_a_mobile_number_is_somebody_s_where_nobody_else_is_named(tmp_path: Path, name: str) -> None:
    path, fine = tmp_path / "sales.csv", ["", "散客", "-"]
    assert rows_of(path, name, [*fine, "13800138000", "+86 13800138000"]) == set(fine)
    assert f"--map '{name}=phone'" in refused(plan(path))[0][1]
    assert len(sent(plan(path, given={name: "phone"}))) == 5
    assert len(sent(plan(path, ignore=[name]))) == 5
    text = lines(("单号", "金额", "时间", name, "手机号"), ("1", "5", NOW, "13900139000", "13800138000"))
    assert len(sent(text_plan(path, text))) == 1


@pytest.mark.parametrize("name", ["门店电话", "收银员", "导购员手机", "骑手电话"])
def test_a_mobile_number_of_the_shop_s_own_people_is_no_member_s(tmp_path: Path, name: str) -> None:
    assert rows_of(tmp_path / "sales.csv", name, ["13800138000"]) == {"13800138000"}
