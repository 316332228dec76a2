"""Bills and exports whose form is public, with what their columns mean.

`wechat-pay`: https://pay.weixin.qq.com/docs/merchant/products/bill-download/format-trade.html (交易账单, all three kinds and
the older form without 应结订单金额). `alipay`: the 业务明细 of alipay.data.dataservice.bill.downloadurl.query (bill type
`trade`). `wechat-personal`: 微信支付账单明细, as the app sends it (我 > 服务 > 钱包 > 账单 > 下载账单): only what came in by the
shop's code is a sale; money sent by hand has to be looked at.

The others' makers publish no form; these are as programs read them that are public and were made of real exports.
`meituan`: 美团管家 > 报表中心 > 店内订单明细 or 全渠道订单明细, in both forms that https://github.com/ZXCSDFSSD/meituan
(src/storage/parser.js) reads, with the plan of https://github.com/tangculv/pushdata: names in row 3, 合计 at the foot.
`youzan`: 有赞 > 订单 > 报表导出 by orders, https://github.com/srafyhucl-cpu/yunxibakebot (tests/scripts/
test_audit_youzan_customer_migration.py). `pospal`: 银豹 > 销售单据 > 导出, https://github.com/lihao58426-sys/rfm-report
(analysis.py). `tplus`: 用友畅捷通 T+ > 销货单明细表, one row a line of goods, https://github.com/huozao/AliECS
(docs/ops, tplus-price-verify of 2026-06-14).

Those that name no number of the sale that was given back have no refunds.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from merchant_sdk._tables.kinds import Kind, Tell, Teller, kind_of_refund
from merchant_sdk._tables.words import TableError


@dataclass(frozen=True, slots=True)
class Profile:
    """A bill: the columns by which it is known (`marks`), which column is which field, by the layout's title, and what
    the words of the columns that tell a row's kind mean. `silent` are its columns that change nothing, though their
    names might; those that the maker doesn't have are looked at as in any table."""

    name: str
    marks: frozenset[str]
    fields: Mapping[str, Mapping[str, tuple[str, ...]]]
    tells: Mapping[str, Teller]
    constants: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    silent: frozenset[str] = frozenset()


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
        "交易状态": Tell({"SUCCESS": Kind.SALE, "REFUND": Kind.REFUND, "REVOKED": Kind.VOID}),
        "退款状态": Tell({"": Kind.ANY, "SUCCESS": Kind.ANY, "FAIL": Kind.VOID}),
    },
    constants={"sales": {"payment_method": "wechat"}},
    silent=frozenset(
        (
            "交易类型",
            "微信退款单号",
            "商户退款单号",
            "退款金额",
            "充值券退款金额",
            "退款类型",
            "申请退款金额",
            "退款申请时间",
            "退款成功时间",
        )
    ),
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
    tells={"业务类型": Tell({"交易": Kind.SALE, "退款": Kind.REFUND})},
    constants={"sales": {"payment_method": "alipay"}},
    silent=frozenset(("退款批次号/请求号",)),
)
WECHAT_PERSONAL = Profile(
    name="wechat-personal",
    marks=frozenset(("交易时间", "交易类型", "交易对方", "收/支", "金额(元)", "当前状态", "交易单号")),
    fields={
        "sales": {"reference": ("交易单号",), "occurred_at": ("交易时间",), "amount": ("金额(元)",)},
        "refunds": {},
    },
    tells={
        "收/支": Tell({"收入": Kind.SALE, "支出": Kind.OTHER, "/": Kind.OTHER}),
        "交易类型": Tell({"二维码收款": Kind.SALE}),
        "当前状态": Tell({"已收钱": Kind.ANY, "已存入零钱": Kind.ANY, "支付成功": Kind.ANY, "已全额退款": Kind.VOID}),
    },
    constants={"sales": {"payment_method": "wechat"}},
)
MEITUAN = Profile(
    name="meituan",
    marks=frozenset(("营业日期", "订单号", "全渠道流水号", "订单来源", "经营模式", "用餐方式", "订单状态")),
    fields={
        "sales": {
            "reference": ("订单号",),
            "occurred_at": ("结账时间", "完成时间"),
            "amount": ("顾客应付（元）", "顾客实付"),
            "phone": ("会员手机号",),
            "payment_method": ("结账方式",),
        },
        "refunds": {},
    },
    tells={
        "订单状态": Tell({"已结账": Kind.ANY, "已完成": Kind.ANY, "已退单": Kind.VOID, "已取消": Kind.VOID}),
        "退单标识": Tell({"否": Kind.ANY, "是": Kind.VOID, "--": Kind.ANY, "": Kind.ANY}),
        "敏感操作": Tell({"整单退": Kind.VOID}, otherwise=Kind.ANY, is_within=True),
        "外卖订单已退金额": kind_of_refund,
    },
    silent=frozenset(("宴会类型",)),
)
YOUZAN = Profile(
    name="youzan",
    marks=frozenset(("订单号", "订单状态", "买家付款时间", "订单实付金额", "全部商品名称", "商品种类数")),
    fields={
        "sales": {
            "reference": ("订单号",),
            "occurred_at": ("买家付款时间",),
            "amount": ("订单实付金额",),
            "phone": ("买家手机号",),
            "payment_method": ("付款方式",),
        },
        "refunds": {},
    },
    tells={
        "订单状态": Tell(
            {
                **dict.fromkeys(("待发货", "部分发货", "已发货", "待接单", "交易完成", "交易成功"), Kind.ANY),
                **dict.fromkeys(("待付款", "等待买家付款", "交易关闭", "已关闭"), Kind.VOID),
            }
        ),
        "订单退款状态": Tell({"": Kind.ANY, "退款成功（全额退款）": Kind.VOID, "退款成功（部分退款）": Kind.PART}),
        "订单已退款金额": kind_of_refund,
    },
    silent=frozenset(("订单类型",)),
)
POSPAL = Profile(
    name="pospal",
    marks=frozenset(("流水号", "日期", "类型", "会员", "实收金额", "次卡支付", "储值卡支付")),
    fields={
        "sales": {
            "reference": ("流水号",),
            "occurred_at": ("日期",),
            "amount": ("实收金额",),
            "phone": ("会员",),
        },
        "refunds": {},
    },
    tells={"类型": Tell({"销售": Kind.SALE, "退款": Kind.REFUND, "退货": Kind.REFUND})},
    silent=frozenset(("储值赠送支付",)),
)
TPLUS = Profile(
    name="tplus",
    marks=frozenset(("单据日期", "单据编号", "客户", "存货编码", "存货", "数量", "含税金额")),
    fields={
        "sales": {"reference": ("单据编号",), "day": ("单据日期",), "amount": ("含税金额",)},
        "refunds": {},
    },
    tells={},
)
PROFILES = {profile.name: profile for profile in (WECHAT_PAY, ALIPAY, WECHAT_PERSONAL, MEITUAN, YOUZAN, POSPAL, TPLUS)}
NO_PROFILE = "none"


def same(name: str) -> str:
    """A name of a column, so that it is the same with brackets of either width."""
    return unicodedata.normalize("NFKC", name).replace(" ", "")


def marks_lacking(header: Sequence[str], name: str | None) -> list[str]:
    """The columns of the bill of that name that aren't there."""
    profile = PROFILES.get(name or "")
    there = set(map(same, header))
    return sorted(mark for mark in profile.marks if same(mark) not in there) if profile else []


def profile_of(header: Sequence[str], name: str | None) -> Profile | None:
    """The profile of that name, or the one whose bill this is. Raises TableError where it is no such bill."""
    if name == NO_PROFILE:
        return None
    if name is None:
        return next((profile for profile in PROFILES.values() if not marks_lacking(header, profile.name)), None)
    if name not in PROFILES:
        raise TableError("no-profile", name=name, names=", ".join((*PROFILES, NO_PROFILE)))
    if lacking := marks_lacking(header, name):
        raise TableError("not-this-profile", name=name, names=", ".join(lacking))
    return PROFILES[name]
