"""What tables of sales and of refunds hold: their fields, and what tills and back offices call the columns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

_TIMES = ("时间", "日期时间", "time", "datetime")
_DAYS = ("日期", "交易日期", "销售日期", "消费日期", "营业日期", "单据日期", "支付日期", "下单日期", "date")
_UNITS = ("单位", "金额单位", "货币单位", "unit")


@dataclass(frozen=True, slots=True)
class Layout:
    """The fields that a row may have with what their columns are called (`aliases`), and those that it must have.

    Of each group in `needed` one is enough. `sample` is what one might say of all rows; `why` the column that tells why
    a row was refused, and no field's name. `may_be_negative`: tills write amounts with a minus, and mean them without.
    `parts` are columns that say a part of a field: the day of a time, the unit of an amount. `lines` are those of a
    receipt's lines, which are read where lines are added up.
    """

    title: str
    sample: str
    aliases: Mapping[str, tuple[str, ...]]
    needed: tuple[tuple[str, ...], ...]
    why: str
    may_be_negative: bool = False
    parts: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    lines: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


SALES = Layout(
    title="sales",
    sample="store_code=A101-1",
    aliases={
        "reference": (
            "流水号",
            "单号",
            "订单号",
            "小票号",
            "交易号",
            "交易流水号",
            "订单编号",
            "receipt",
            "receipt_no",
            "order_no",
        ),
        "amount": ("金额", "应付金额", "应收金额", "消费金额", "交易金额", "总金额", "total"),
        "eligible_amount": ("可积分金额", "积分金额"),
        "occurred_at": ("交易时间", "消费时间", "支付时间", "下单时间", *_TIMES),
        "phone": ("手机号", "手机", "手机号码", "会员手机号", "电话", "mobile"),
        "member_id": ("会员编号", "会员id"),
        "store_code": ("门店", "门店编码", "门店编号", "门店代码", "店铺", "store"),
        "store_id": ("门店id",),
        "payment_method": ("支付方式", "付款方式", "支付渠道"),
        "payment_reference": ("支付单号", "支付流水号", "交易单号", "微信支付单号"),
        "channel": ("渠道", "销售渠道"),
        "currency": ("币种", "货币"),
    },
    needed=(("reference",), ("amount",), ("occurred_at",)),
    why="reason",
    parts={"day": _DAYS, "unit": _UNITS},
    lines={
        "name": ("商品名称", "品名", "商品", "菜品", "菜品名称", "product", "product_name", "item", "item_name"),
        "sku": ("商品编码", "商品编号", "商品条码", "条码", "货号", "sku", "barcode"),
        "category": ("商品类别", "商品分类", "类别", "分类", "品类", "category"),
        "quantity": ("数量", "销售数量", "商品数量", "quantity", "qty"),
    },
)
REFUNDS = Layout(
    title="refunds",
    sample="reason=…",
    aliases={
        "reference": ("退款单号", "退款流水号", "退款编号", "退货单号", "退单号", "退款小票号", "refund_no"),
        # 单号 or 流水号 alone may be either number, so they have to be mapped.
        "transaction_reference": (
            "原单号",
            "原流水号",
            "原小票号",
            "原订单号",
            "原交易号",
            "原交易流水号",
            "订单号",
            "订单编号",
            "receipt_no",
            "order_no",
        ),
        "transaction_id": ("原交易id",),
        "merchant_id": ("商户id",),
        "amount": ("退款金额", "退货金额", "应退金额", "实退金额", "金额", "refund_amount"),
        "eligible_amount": ("可积分金额", "退可积分金额"),
        "occurred_at": ("退款时间", "退货时间", *_TIMES),
        "reason": ("退款原因", "退货原因", "原因"),
    },
    needed=(("reference",), ("transaction_reference", "transaction_id"), ("amount",), ("occurred_at",)),
    why="refused_because",
    may_be_negative=True,
    parts={"day": ("退款日期", "退货日期", *_DAYS), "unit": _UNITS},
)
