"""Columns that change what a row means: kind, state, in or out, given back, a discount, a member by name. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum

from merchant_sdk._tables.cells import NOBODY


class Kind(Enum):
    """What a row is, as far as one of its cells tells."""

    ANY = "any"
    SALE = "sale"
    REFUND = "refund"
    VOID = "void"
    OTHER = "not the shop's"
    PART = "partly refunded"
    DISCOUNTED = "its amount may be before a discount"
    NAMELESS = "a member's, whose number isn't in the table"
    UNKNOWN = "unknown"


Teller = Callable[[str], Kind]
"""What the text of a cell makes of its row."""


@dataclass(frozen=True, slots=True)
class Tell:
    """What the words of a bill's column mean; `is_within`: they may stand among others."""

    words: Mapping[str, Kind]
    otherwise: Kind = Kind.UNKNOWN
    is_within: bool = False

    def __call__(self, text: str) -> Kind:
        """What a row is by this text."""
        if self.is_within:
            return next((kind for word, kind in self.words.items() if word in text), self.otherwise)
        return self.words.get(text, self.otherwise)


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_TELLING = re.compile(
    "类型|种类|类别|性质|状态|方向|收/支|收支|借/?贷|正负|符号|冲正|红冲|作废|撤销|撤单|取消|是否有效|时区|测试"
    "|^(order|sale|trade|transaction|payment|pay|refund|record|bill|entry)?(type|kind|status|state|direction)$"
    "|^(is)?(sign|test|timezone)$|void|cancel"
)
_GIVEN_BACK = re.compile("退|refund|return")
_VOIDED = re.compile("作废|撤|取消|冲|void|cancel")
_FLAG = re.compile("是否|^is|退|refund|return|作废|撤|取消|冲|void|cancel")
_VALID = re.compile("有效|valid")
_SIGN = re.compile("正负|符号|^sign$")
_OF_SOMETHING_ELSE = re.compile(
    "会员|客户|顾客|用户|买家|商品|菜品|品类|券|卡|发票|开票|门店|店铺|商户|设备|终端|配送|物流|打印|结算|同步|支付方式"
    "|支付类型|付款类型|付款方式|渠道|证件|备注|member|customer|product|item|card|store|shipping|invoice|device"
)

_NOTHING = _words("- -- — / 否 无 未 没有 n no false none null 未退款 无退款 未退 不退")
_ZERO = re.compile(r"[¥-]?0+(\.0+)?元?")
_YES = _words("是 有 y yes true 1 √ ✓")
_SIGNS = {"+": Kind.ANY, "正": Kind.ANY, "1": Kind.ANY, "-": Kind.REFUND, "负": Kind.REFUND, "-1": Kind.REFUND}
_SALE = _words("销售 销货 销售单 销售出库 交易 消费 收款 收入 收 进账 付款 买单 sale sales sell payment pay income in")
_REFUND = _words(
    "退款 退货 退单 退 退货单 退款单 销售退货 退菜 反结账 已退款 已退 已退货 全额退款 全部退款 已全额退款 退款成功 转入退款 退款完成 整单退 "
    "仅退款 退货退款 原路退款 原路退回 refund refunds refunded return returned full_refund original"
)
_VOID = _words(
    "作废 已作废 取消 已取消 撤销 已撤销 撤单 已撤单 冲正 已冲正 红冲 关闭 已关闭 交易关闭 订单关闭 失败 支付失败 交易失败 付款失败 未支付 待支付 未付款 待付款 "
    "等待付款 未结账 挂单 无效 支出 支 出 不计收支 拒绝 已拒绝 驳回 已驳回 退款失败 退款关闭 退款取消 "
    "revoked closed cancelled canceled cancel void voided failed fail payerror pay_error notpay unpaid pending rejected expense out"
)
_PART = _words("部分退款 部分退货 已部分退款 部分退 partial_refunded partially_refunded partial_refund")
_FINE = _words(
    "成功 支付成功 交易成功 付款成功 收款成功 已支付 已付款 已收款 已收钱 已结账 已结算 已完成 完成 交易完成 订单完成 正常 有效 已消费 已核销 已使用 已发货 待发货 "
    "已签收 已收货 普通 普通订单 门店订单 堂食 堂食订单 外卖 外卖订单 外带 打包 自提 自提订单 线上 线下 到店 零售 餐饮 商品 批发 扫码 刷卡 现金 微信 支付宝 "
    "二维码收款 success ok paid complete completed finished settled trade_success trade_finished normal valid done "
    "micropay native jsapi app mweb h5 facepay cod"
)


_DISCOUNT = re.compile(
    "(优惠|折扣|折让|抹零|减免|立减|满减)(金额|总额|额|合计)|优惠|抹零|减免|立减|满减|discount(s|amount|total)?"
)
_AFTER_DISCOUNT = re.compile("应收|应付|实收|实付|实际|已付|折后|优惠后|净|paid|payable|due|net")
_BUYER = _words(
    "会员 会员名 会员名称 会员姓名 会员昵称 会员信息 会员账号 会员卡 会员卡号 会员号 是否会员 vip vip卡号 贵宾卡号 member membername"
)


def teller_of(name: str, amount: str | None, *, is_nameless: bool, of_refunds: bool) -> Teller | None:
    """What a column of this name tells of its rows, if anything. `amount` is the name of the column of amounts, where it
    was found by that name; `is_nameless`: no other column says who the member is."""
    text = _plain(name)
    if is_telling(name, of_refunds=of_refunds):
        return lambda cell: kind_of(name, cell)
    if of_refunds:
        return None
    if amount is not None and _DISCOUNT.fullmatch(_bare(text)) and not _AFTER_DISCOUNT.search(_plain(amount)):
        return lambda cell: Kind.ANY if _is_nothing(cell) else Kind.DISCOUNTED
    if is_nameless and _bare(text) in _BUYER:
        return lambda cell: Kind.ANY if _is_nothing(cell) else Kind.NAMELESS
    return None


def is_telling(name: str, *, of_refunds: bool = False) -> bool:
    """Whether a column of this name may change what its row means; in a table of refunds all are given back."""
    text = _plain(name)
    if _OF_SOMETHING_ELSE.search(text):
        return False
    return bool(_TELLING.search(text)) or (not of_refunds and bool(_GIVEN_BACK.search(text)))


def kind_of(name: str, text: str) -> Kind:
    """What a row is by the `text` of a telling column."""
    word, name = unicodedata.normalize("NFKC", text).strip().lower(), _plain(name)
    if not word:
        return Kind.ANY
    if _SIGN.search(name):
        return _SIGNS.get(word, Kind.UNKNOWN)
    if _VALID.search(name) and word in _YES | _NOTHING | {"0"}:
        return Kind.ANY if word in _YES else Kind.VOID
    is_flag = bool(_FLAG.search(name))
    if word in _NOTHING or (is_flag and _ZERO.fullmatch(word)):
        return Kind.ANY
    if is_flag and word in _YES:
        return _asked(name)
    return _meaning(name, word)


def kind_of_refund(text: str) -> Kind:
    """What a sale is by how much of it was given back."""
    return kind_of("退款金额", text)


def _meaning(name: str, word: str) -> Kind:
    meanings = ((_FINE, Kind.ANY), (_SALE, Kind.SALE), (_REFUND, Kind.REFUND), (_VOID, Kind.VOID), (_PART, Kind.PART))
    found = next((kind for words, kind in meanings if word in words), None)
    if found is not None:
        return found
    is_figure = bool(_GIVEN_BACK.search(name)) and not _TELLING.search(name)  # 退款金额, 退款单号
    return Kind.PART if is_figure else Kind.UNKNOWN


def _asked(name: str) -> Kind:
    """What is true of a row whose column asks for it: 是否退款, 是否作废."""
    if _GIVEN_BACK.search(name):
        return Kind.REFUND
    return Kind.VOID if _VOIDED.search(name) else Kind.UNKNOWN


def _is_nothing(cell: str) -> bool:
    word = unicodedata.normalize("NFKC", cell).strip().lower()
    return not word or word in _NOTHING | NOBODY or bool(_ZERO.fullmatch(word))


def _bare(text: str) -> str:
    return re.sub(r"\(.*?\)|\[.*?\]|/(元|分)$", "", text)


def _plain(name: str) -> str:
    return unicodedata.normalize("NFKC", name).lower().replace(" ", "").replace("_", "")
