"""Columns that change what a row means: kind, state, in or out, given back, a discount, a member by name. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache

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
    OF_ANOTHER = "belongs to another sale"
    SEVERAL = "several sales"
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
    "|结果|删除|红字|红蓝|反结账|反结算|挂账|赊|欠款|未收|未付|免单|招待|赠送|充值|押金|定金|订金|培训|练习|演示|汇率|倍率|倍数"
    "|是否(支付|付款|收款|结账|审核)|审核标|拆单|合单|并单|拼单|响应码|返回码|^d/c$|^(order|sale|trade|transaction|payment|pay|refund|record|bill|entry)?(type|kind|status|state|direction)$"
    "|^(is)?(sign|test|timezone|training|result|paid)$|void|cancel|deleted|exchangerate"
)
_GIVEN_BACK = re.compile("退|refund|return")
_VOIDED = re.compile("作废|撤|取消|冲|void|cancel")
_FLAG = re.compile(
    "是否|^is|退|refund|return|作废|撤|取消|冲|void|cancel|删除|deleted|红字|反结|挂账|赊|欠款|未收|未付|免单|招待|赠送|充值|押金|定金|订金|培训|练习"
    "|演示|测试|拆单|合单|并单|拼单|test|training"
)
_DELETED = re.compile("删除|deleted|测试|test|培训|training|练习|演示")
_RATE = re.compile("汇率|倍率|倍数|exchangerate")
_ONE = re.compile(r"1(\.0+)?")
_SOUND = re.compile("有效|valid|^(is)?paid$|是否(支付|付款|收款|结账|审核)")
_SIGN = re.compile("正负|符号|^sign$")
_OF_SOMETHING_ELSE = re.compile(
    "会员|客户|顾客|用户|买家|商品|菜品|品类|券|卡|发票|开票|门店|店铺|商户|设备|终端|配送|物流|打印|结算|同步|支付方式"
    "|支付类型|付款类型|付款方式|渠道|证件|备注|member|customer|product|item|card|store|shipping|invoice|device"
)

_NOTHING = _words("- -- — / 否 无 未 没有 n no false none null 未退款 无退款 未退 不退")
_ZERO = re.compile(r"[¥-]?0+(\.0+)?元?")
_YES = _words("是 有 y yes true 1 √ ✓")
_SIGNS = {"+": Kind.ANY, "正": Kind.ANY, "1": Kind.ANY, "-": Kind.REFUND, "负": Kind.REFUND, "-1": Kind.REFUND}
_SALE = _words(
    "销售 销货 销售单 销货单 零售单 收银单 销售出库 销售出库单 交易 消费 收款 收入 收 进账 付款 买单 sale sales sell payment pay income in"
)
_REFUND = _words(
    "退款 退货 退单 退 退货单 退款单 销售退货 退菜 反结账 已退款 已退 已退货 全额退款 全部退款 已全额退款 退款成功 转入退款 退款完成 整单退 "
    "仅退款 退货退款 原路退款 原路退回 红字 红单 红票 退押金 销售退货单 零售退货单 销货退货单 refund refunds refunded return returned full_refund original"
)
_VOID = _words(
    "作废 已作废 取消 已取消 撤销 已撤销 撤单 已撤单 冲正 已冲正 红冲 关闭 已关闭 交易关闭 订单关闭 失败 支付失败 交易失败 付款失败 未支付 待支付 未付款 待付款 "
    "等待付款 未结账 挂单 无效 支出 支 出 不计收支 拒绝 已拒绝 驳回 已驳回 退款失败 退款关闭 退款取消 未收款 待收款 未审核 待审核 "
    "审核不通过 草稿 暂存 删除 已删除 测试 测试单 测试订单 培训 练习 充值 会员充值 储值充值 卡充值 开卡 办卡 售卡 会员办卡 押金 收押金 "
    "revoked closed cancelled canceled cancel void voided failed fail payerror pay_error notpay unpaid pending rejected expense out test topup top_up recharge deposit"
)
_PART = _words("部分退款 部分退货 已部分退款 部分退 partial_refunded partially_refunded partial_refund")
_OF_NO_SHOP = _words("挂账 赊账 免单 招待 定金 订金 预付款 员工餐 内部消费 报损 盘点 调拨 还款")
_SHORTEST = 2
_ANYWHERE = (
    (_REFUND - _words("return original"), Kind.REFUND),
    (_VOID - _words("out"), Kind.VOID),
    (_PART, Kind.PART),
    (_OF_NO_SHOP, Kind.UNKNOWN),
)
"""Words of one letter mean something in columns made for them alone."""
_FINE = _words(
    "成功 支付成功 交易成功 付款成功 收款成功 已支付 已付款 已收款 已收钱 已结账 已结算 已完成 完成 交易完成 订单完成 正常 有效 已消费 已核销 已使用 已发货 待发货 "
    "已签收 已收货 普通 普通订单 门店订单 堂食 堂食订单 外卖 外卖订单 外带 打包 自提 自提订单 线上 线下 到店 零售 餐饮 商品 批发 扫码 刷卡 现金 微信 支付宝 "
    "二维码收款 已买单 已结 已结清 结清 已收银 收银完成 已评价 交易结束 已提货 待提货 已送达 已到账 已入账 已审核 审核通过 已过账 已记账 蓝 蓝字 蓝单 蓝票 success ok paid complete completed finished settled trade_success trade_finished normal valid done "
    "micropay native jsapi app mweb h5 facepay cod"
)


def is_telling(name: str, *, of_refunds: bool = False) -> bool:
    """Whether a column of this name may change what its row means; in a table of refunds all are given back."""
    text = plainer(name)
    if is_of_something_else(name):
        return False
    return bool(_TELLING.search(text)) or (not of_refunds and bool(_GIVEN_BACK.search(text)))


def is_of_something_else(name: str) -> bool:
    """Whether a column of this name tells of goods, members, devices and such, and not of the sale."""
    return bool(_OF_SOMETHING_ELSE.search(plainer(name)))


def kind_of(name: str, text: str) -> Kind:
    """What a row is by the `text` of a telling column."""
    word, name = _word(text), plainer(name)
    if not word:
        return Kind.ANY
    if _SIGN.search(name):
        return _SIGNS.get(word, Kind.UNKNOWN)
    if _SOUND.search(name) and word in _YES | _NOTHING | {"0"}:
        return Kind.ANY if word in _YES else Kind.VOID
    if _RATE.search(name) and _ONE.fullmatch(word):
        return Kind.ANY
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
    return Kind.VOID if _VOIDED.search(name) or _DELETED.search(name) else Kind.UNKNOWN


def is_nothing(cell: str) -> bool:
    """Whether a cell says that there is nothing, or nobody."""
    word = _word(cell)
    return not word or word in _NOTHING | NOBODY or bool(_ZERO.fullmatch(word))


@lru_cache(maxsize=4096)
def kind_of_word(text: str) -> Kind:
    """What a row is by a word that means the same under any name."""
    word = _word(text)
    if len(word) < _SHORTEST:
        return Kind.ANY
    return next((kind for words, kind in _ANYWHERE if word in words), Kind.ANY)


def _word(text: str) -> str:
    return unicodedata.normalize("NFKC", text).strip().lower()


def plainer(name: str) -> str:
    """A name in small letters, without spaces and underscores."""
    return unicodedata.normalize("NFKC", name).lower().replace(" ", "").replace("_", "")
