from __future__ import annotations

import pytest

from merchant_sdk._tables.kinds import Kind, Tell, is_telling, kind_of
from merchant_sdk._tables.tellers import teller_of


@pytest.mark.parametrize(
    "name",
    [
        "类型",
        "单据类型",
        "交易状态",
        "订单状态",
        "收/支",
        "收支类型",
        "是否作废",
        "是否有效",
        "退款金额",
        "已退金额",
        "退款单号",
        "退货数量",
        "type",
        "Order Status",
        "payment_status",
        "state",
        "refunded",
        "is_void",
        "交易类型",
        "业务类型",
        "方向",
    ],
)
def test_columns_that_may_change_what_a_row_means(name: str) -> None:
    assert is_telling(name)


@pytest.mark.parametrize(
    "name",
    [
        "会员类型",
        "商品类别",
        "支付方式",
        "支付类型",
        "开票状态",
        "配送状态",
        "备注",
        "收银员",
        "数量",
        "门店类型",
        "card_type",
        "渠道",
    ],
)
def test_columns_that_do_not(name: str) -> None:
    assert not is_telling(name)


def test_in_a_table_of_refunds_all_is_given_back() -> None:
    assert not is_telling("退款方式", of_refunds=True)
    assert is_telling("退款状态", of_refunds=True)


@pytest.mark.parametrize(
    ("name", "text", "kind"),
    [
        ("状态", "交易成功", Kind.ANY),
        ("状态", "", Kind.ANY),
        ("状态", "已完成", Kind.ANY),
        ("类型", "销售", Kind.SALE),
        ("类型", "退货", Kind.REFUND),
        ("交易状态", "REFUND", Kind.REFUND),
        ("状态", "Cancelled", Kind.VOID),
        ("状态", "待支付", Kind.VOID),
        ("收/支", "支出", Kind.VOID),
        ("收/支", "收入", Kind.SALE),
        ("状态", "部分退款", Kind.PART),
        ("状态", "某种状态", Kind.UNKNOWN),
        ("是否作废", "否", Kind.ANY),
        ("是否作废", "是", Kind.VOID),
        ("是否退款", "Y", Kind.REFUND),
        ("是否有效", "是", Kind.ANY),
        ("是否有效", "否", Kind.VOID),
        ("退款金额", "0.00", Kind.ANY),
        ("退款金额", "￥0.000", Kind.ANY),
        ("退款金额", "-", Kind.ANY),
        ("退款金额", "12.80", Kind.PART),
        ("退款单号", "R-1", Kind.PART),
        ("退款状态", "未退款", Kind.ANY),
        ("类型", "1", Kind.UNKNOWN),
        ("状态", "0", Kind.UNKNOWN),
        ("作废标志", "0", Kind.ANY),
        ("作废标志", "1", Kind.VOID),
        ("正负", "-", Kind.REFUND),
        ("正负", "+", Kind.ANY),
        ("借/贷", "借", Kind.UNKNOWN),
        ("是否测试", "是", Kind.VOID),
        ("退款状态", "处理中", Kind.UNKNOWN),
    ],
)
def test_what_the_words_mean(name: str, text: str, kind: Kind) -> None:
    assert kind_of(name, text) is kind


def test_words_of_a_bill_mean_what_its_maker_says_and_others_nothing_known() -> None:
    tell = Tell({"已结账": Kind.SALE, "": Kind.ANY})
    assert [tell(word) for word in ("已结账", "", "挂账")] == [Kind.SALE, Kind.ANY, Kind.UNKNOWN]
    within = Tell({"整单退": Kind.VOID}, otherwise=Kind.ANY, is_within=True)
    assert [within(word) for word in ("改价,整单退", "改价", "")] == [Kind.VOID, Kind.ANY, Kind.ANY]


@pytest.mark.parametrize(
    ("name", "amount", "is_asked"),
    [
        ("优惠金额", "金额", True),
        ("优惠金额", "订单金额", True),
        ("优惠金额", "实收金额", False),
        ("优惠金额", "应付金额", False),
        ("优惠金额", None, False),
        ("优惠方式", "金额", False),
        ("优惠券", "金额", False),
        ("折扣", "金额", False),
    ],
)
def test_a_discount_matters_beside_an_amount_that_may_be_before_it(
    name: str, amount: str | None, *, is_asked: bool
) -> None:
    teller = teller_of(name, amount, is_nameless=False, of_refunds=False)
    assert (teller is not None and teller("5")) == (Kind.DISCOUNTED if is_asked else False)
    assert teller_of(name, amount, is_nameless=False, of_refunds=True) is None
