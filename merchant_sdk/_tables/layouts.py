"""What tables of sales and of refunds hold: their fields, and what tills and back offices call the columns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


def _names(text: str) -> tuple[str, ...]:
    return tuple(text.split())


_TIMES = _names("时间 日期时间 time datetime")
_DAYS = _names(
    "日期 交易日期 销售日期 消费日期 营业日期 单据日期 支付日期 付款日期 收款日期 收银日期 结账日期 成交日期 下单日期 订单日期 开单日期 制单日期 业务日期 "
    "账单日期 date order_date sale_date business_date transaction_date"
)
BUSINESS_DAYS = _names(
    "营业日期 业务日期 账单日期 下单日期 订单日期 开单日期 制单日期 单据日期 business_date order_date"
)
"""Days that may be the one before a time after midnight."""
_UNITS = _names("单位 金额单位 货币单位 unit")

_LINES = {
    "name": _names(
        "商品名称 品名 商品 商品名 菜品 菜品名称 菜名 品项名称 货品名称 存货 存货名称 物料名称 product product_name item item_name"
    ),
    "sku": _names("商品编码 商品编号 商品条码 条码 货号 菜品编码 货品编码 存货编码 物料编码 sku barcode"),
    "category": _names("商品类别 商品分类 类别 分类 品类 菜品分类 category"),
    "quantity": _names("数量 销售数量 商品数量 quantity qty"),
}


@dataclass(frozen=True, slots=True)
class Layout:
    """The fields that a row may have with what their columns are called (`aliases`), and those that it must have.

    Of each group in `needed` one is enough. `sample` is what one might say of all rows; `why` the column that tells why
    a row was refused, and no field's name. `may_be_negative`: tills write amounts with a minus, and mean them without.
    `parts` are columns that say a part of a field: the day of a time, the unit of an amount. `lines` are those of a
    receipt's lines, which are read where lines are added up. `fallbacks` are names that count only where no other
    column says the same, the first before the next: a sale was when it was paid, not when it was ordered. `shops` name
    a shop in words of the till's own.
    """

    title: str
    sample: str
    aliases: Mapping[str, tuple[str, ...]]
    needed: tuple[tuple[str, ...], ...]
    why: str
    may_be_negative: bool = False
    fallbacks: tuple[str, ...] = ()
    shops: tuple[str, ...] = ()
    parts: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    lines: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


SALES = Layout(
    title="sales",
    sample="store_code=A101-1",
    aliases={
        "reference": _names(
            "流水号 单号 订单号 小票号 交易号 交易流水号 订单编号 订单编码 单据号 单据编号 账单号 账单编号 销售单号 销售单编号 销售流水号 零售单号 结账单号 "
            "收银单号 收银流水号 消费单号 消费流水号 小票流水号 商户订单号 receipt receipt_no receipt_number order_no order_number order_id bill_no "
            "ticket_no sale_no serial_no transaction_no"
        ),
        "amount": _names(
            "金额 应付金额 应收金额 应付 应收 实收金额 实付金额 实收 实付 实付款 实收合计 应收合计 支付金额 付款金额 收款金额 消费金额 交易金额 订单金额 账单金额 "
            "销售金额 成交金额 总金额 合计金额 折后金额 优惠后金额 含税金额 价税合计 订单实付金额 实际支付金额 total grand_total total_amount "
            "amount_paid paid_amount net_amount"
        ),
        "eligible_amount": _names("可积分金额 积分金额"),
        "occurred_at": _names(
            "交易时间 消费时间 支付时间 付款时间 收款时间 收银时间 结账时间 买单时间 成交时间 销售时间 支付完成时间 交易完成时间 完成时间 交易成功时间 下单时间 "
            "开单时间 订单时间 订单创建时间 创建时间 制单时间 paid_at pay_time payment_time checkout_time sale_time transaction_time "
            "order_time created_at"
        )
        + _TIMES,
        "phone": _names(
            "手机号 手机 手机号码 会员手机号 会员手机 会员手机号码 会员电话 顾客手机号 顾客手机 顾客电话 客户手机号 客户手机 客户电话 买家手机号 买家手机 用户手机号 "
            "电话 mobile mobile_phone phone_number member_phone customer_phone"
        ),
        "member_id": _names("会员编号 会员id"),
        "store_code": _names("门店 门店编码 门店编号 门店代码 门店号 店铺 店铺编号 店铺编码 店铺代码 store"),
        "store_id": _names("门店id"),
        "payment_method": _names("支付方式 付款方式 收款方式 收银方式 结账方式 支付渠道"),
        "payment_reference": _names("支付单号 支付流水号 支付订单号 交易单号 微信支付单号 微信订单号 支付宝交易号"),
        "channel": _names("渠道 销售渠道"),
        "currency": _names("币种 币别 货币 货币种类"),
    },
    needed=(("reference",), ("amount",), ("occurred_at",)),
    why="reason",
    fallbacks=_names(
        "完成时间 交易完成时间 交易成功时间 下单时间 开单时间 订单时间 订单创建时间 创建时间 制单时间 order_time created_at 下单日期 订单日期 开单日期 制单日期 "
        "营业日期 业务日期 business_date order_date"
    ),
    shops=_names(
        "门店 门店名称 店铺 店铺名称 店名 分店 分店名称 归属门店 归属店铺 所属门店 所属店铺 下单门店 交易门店 消费门店 收银门店 下单网点 营业网点 网点名称 机构 机构名称 "
        "机构编码 store store_name shop shop_name branch"
    ),
    parts={"day": _DAYS, "unit": _UNITS},
    lines=_LINES,
)
REFUNDS = Layout(
    title="refunds",
    sample="reason=…",
    aliases={
        "reference": _names(
            "退款单号 退款流水号 退款编号 退货单号 退货编号 退货流水号 退单号 退款小票号 商户退款单号 refund_no refund_number"
        ),
        # 单号 or 流水号 alone may be either number, so they have to be mapped.
        "transaction_reference": _names(
            "原单号 原流水号 原小票号 原订单号 原订单编号 原交易号 原交易流水号 原单据号 原单据编号 原销售单号 原商户订单号 订单号 订单编号 商户订单号 "
            "receipt_no order_no"
        ),
        "transaction_id": _names("原交易id"),
        "merchant_id": _names("商户id"),
        "amount": _names("退款金额 退货金额 应退金额 实退金额 实退 应退 金额 refund_amount"),
        "eligible_amount": _names("可积分金额 退可积分金额"),
        "occurred_at": _names(
            "退款时间 退货时间 退款成功时间 退款完成时间 退款申请时间 申请时间 refunded_at refund_time"
        )
        + _TIMES,
        "reason": _names("退款原因 退货原因 原因"),
    },
    needed=(("reference",), ("transaction_reference", "transaction_id"), ("amount",), ("occurred_at",)),
    why="refused_because",
    may_be_negative=True,
    fallbacks=_names("退款申请时间 申请时间 营业日期 业务日期 business_date"),
    parts={"day": _names("退款日期 退货日期") + _DAYS, "unit": _UNITS},
    lines=_LINES,
)
