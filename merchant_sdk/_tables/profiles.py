"""Bills whose form is published, with what their columns mean.

`wechat-pay`: https://pay.weixin.qq.com/docs/merchant/products/bill-download/format-trade.html (交易账单, all three kinds and
the older form without 应结订单金额). `alipay`: the 业务明细 of alipay.data.dataservice.bill.downloadurl.query (bill type `trade`). `wechat-personal`: 微信支付账单明细, as
the app sends it (我 > 服务 > 钱包 > 账单 > 下载账单): only what came in by the shop's code is a sale; money sent by hand has to be
looked at. It tells no refunds.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from merchant_sdk._tables.kinds import Kind
from merchant_sdk._tables.words import TableError


@dataclass(frozen=True, slots=True)
class Profile:
    """A bill: the columns by which it is known (`marks`), which column is which field, by the layout's title, and what
    the words of the column that tells a row's kind mean. The other columns don't change what a row means."""

    name: str
    marks: frozenset[str]
    fields: Mapping[str, Mapping[str, tuple[str, ...]]]
    tells: Mapping[str, Mapping[str, Kind]]
    constants: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


WECHAT_PAY = Profile(
    name="wechat-pay",
    marks=frozenset(("交易时间", "公众账号ID", "商户号", "微信订单号", "商户订单号", "交易状态")),
    fields={
        "sales": {
            "reference": ("商户订单号",),
            "payment_reference": ("微信订单号",),
            "occurred_at": ("交易时间",),
            "amount": ("订单金额", "总金额"),
            "currency": ("货币种类",),
        },
        "refunds": {
            "reference": ("商户退款单号",),
            "transaction_reference": ("商户订单号",),
            "occurred_at": ("退款申请时间", "交易时间"),
            "amount": ("申请退款金额", "退款金额"),
        },
    },
    tells={
        "交易状态": {"SUCCESS": Kind.SALE, "REFUND": Kind.REFUND, "REVOKED": Kind.VOID},
    },
    constants={"sales": {"payment_method": "wechat"}},
)
ALIPAY = Profile(
    name="alipay",
    marks=frozenset(("支付宝交易号", "商户订单号", "业务类型", "完成时间", "订单金额（元）")),
    fields={
        "sales": {
            "reference": ("商户订单号",),
            "payment_reference": ("支付宝交易号",),
            "occurred_at": ("完成时间",),
            "amount": ("订单金额（元）",),
        },
        "refunds": {
            "reference": ("退款批次号/请求号",),
            "transaction_reference": ("商户订单号",),
            "occurred_at": ("完成时间",),
            "amount": ("订单金额（元）",),
        },
    },
    tells={"业务类型": {"交易": Kind.SALE, "退款": Kind.REFUND}},
    constants={"sales": {"payment_method": "alipay"}},
)
WECHAT_PERSONAL = Profile(
    name="wechat-personal",
    marks=frozenset(("交易时间", "交易类型", "交易对方", "收/支", "金额(元)", "当前状态", "交易单号")),
    fields={
        "sales": {"reference": ("交易单号",), "occurred_at": ("交易时间",), "amount": ("金额(元)",)},
        "refunds": {},
    },
    tells={
        "收/支": {"收入": Kind.SALE, "支出": Kind.OTHER, "/": Kind.OTHER},
        "交易类型": {"二维码收款": Kind.SALE},
        "当前状态": {"已收钱": Kind.ANY, "已存入零钱": Kind.ANY, "支付成功": Kind.ANY, "已全额退款": Kind.VOID},
    },
    constants={"sales": {"payment_method": "wechat"}},
)
PROFILES = {profile.name: profile for profile in (WECHAT_PAY, ALIPAY, WECHAT_PERSONAL)}
NO_PROFILE = "none"


def profile_of(header: Sequence[str], name: str | None) -> Profile | None:
    """The profile of that name, or the one whose bill this is. Raises TableError where it is no such bill."""
    if name == NO_PROFILE:
        return None
    if name is None:
        return next((profile for profile in PROFILES.values() if profile.marks <= set(header)), None)
    if name not in PROFILES:
        raise TableError("no-profile", name=name, names=", ".join((*PROFILES, NO_PROFILE)))
    if missing := PROFILES[name].marks - set(header):
        raise TableError("not-this-profile", name=name, names=", ".join(sorted(missing)))
    return PROFILES[name]
