"""Which columns tell that a row may be no sale, or not as it stands, by what they are called and by their words. Pure."""

from __future__ import annotations

import re
from functools import partial

from merchant_sdk._tables.cells import YUAN_NAMES
from merchant_sdk._tables.kinds import (
    Kind,
    Teller,
    is_nothing,
    is_of_something_else,
    is_telling,
    kind_of,
    kind_of_word,
    plainer,
)

_DISCOUNT = re.compile(
    "(.{0,4}(优惠|折扣|折让|抹零|减免|立减|满减|抵扣|抵用|代金券|优惠券))(金额|总额|额|合计)|.{0,2}(优惠|抹零|减免|立减|满减|积分抵扣)"
    "|(discount|coupon)(s|amount|total)?"
)
_AFTER_DISCOUNT = re.compile("应收|应付|实收|实付|实际|已付|折后|优惠后|净|paid|payable|due|net")
_BUYER = frozenset(
    [
        "会员",
        "会员名",
        "会员名称",
        "会员姓名",
        "会员昵称",
        "会员信息",
        "会员账号",
        "会员卡",
        "会员卡号",
        "会员号",
        "是否会员",
        "vip",
        "vip卡号",
        "贵宾卡号",
        "member",
        "membername",
    ]
)
_OF_ANOTHER = re.compile(
    "原.{0,6}(单|票|水|易|据)(编)?号|(父|主|母|上级|合并).{0,2}单(据)?(编)?号|parentorder(no|id|number)?|original(order|receipt)(no|id|number)?"
)
_COUNT = re.compile(
    "(订单|交易|小票|单据|消费|支付)?(笔数|单数)|(订单|交易|小票|单据)数量?|(order|transaction|receipt|bill)(s|count|scount)"
)
_ONE = re.compile(r"[01](\.0+)?[笔单张]?")
_CURRENCY = re.compile("币种|币别|货币|货币种类|currency")
_MOBILE = re.compile(r"(\+?86)?[- ]?1[3-9]\d{9}")
_STAFF = re.compile(
    "门店|店铺|商户|商家|网点|机构|设备|终端|配送员|骑手|收银|操作|店员|店长|导购|员工|司机|staff|cashier|store|shop"
)
_REMARK = re.compile("备注|说明|摘要|remark|note|memo")
_TOP_UPS = re.compile("(会员|储值|余额|卡|储值卡|会员卡)?(充值|储值|押金)|(开|办|售)卡")


def teller_of(name: str, amount: str | None, *, is_nameless: bool, of_refunds: bool) -> Teller | None:
    """What a column of this name tells of its rows, if anything. `amount` is the name of the column of amounts, where it
    was found by that name; `is_nameless`: no other column says who the member is."""
    text = _bare(plainer(name))
    if _COUNT.fullmatch(text):
        return _several
    if of_refunds and _CURRENCY.fullmatch(text):
        return _in_yuan
    if not of_refunds and _OF_ANOTHER.fullmatch(text):
        return partial(_unless_nothing, Kind.OF_ANOTHER)
    if not of_refunds and amount is not None and _DISCOUNT.fullmatch(text):
        return None if _AFTER_DISCOUNT.search(plainer(amount)) else partial(_unless_nothing, Kind.DISCOUNTED)
    if is_telling(name, of_refunds=of_refunds):
        return partial(kind_of, name)
    if not of_refunds and is_nameless and text in _BUYER:
        return partial(_unless_nothing, Kind.NAMELESS)
    return None


def word_teller_of(name: str, *, is_goods: bool, of_refunds: bool, is_nameless: bool) -> Teller | None:
    """What the words of a column tell whose name tells nothing: 退款 means the same under 备注 or 摘要, and a mobile
    number is somebody's, where no other column says who the member is."""
    if is_goods:
        return _of_goods
    if of_refunds:
        return None if _is_of_something_else(name) else _of_refunds
    is_somebody = is_nameless and not _STAFF.search(plainer(name))
    if _is_of_something_else(name):
        return partial(_somebody, None) if is_somebody else None
    return partial(_somebody, kind_of_word) if is_somebody else kind_of_word


def _is_of_something_else(name: str) -> bool:
    return is_of_something_else(name) and not _REMARK.search(plainer(name))


def _somebody(words: Teller | None, cell: str) -> Kind:
    if _MOBILE.fullmatch(cell):
        return Kind.NAMELESS
    return words(cell) if words else Kind.ANY


def _in_yuan(cell: str) -> Kind:
    return Kind.ANY if is_nothing(cell) or cell.lower() in YUAN_NAMES else Kind.UNKNOWN


def _several(cell: str) -> Kind:
    return Kind.ANY if is_nothing(cell) or _ONE.fullmatch(cell) else Kind.SEVERAL


def _unless_nothing(kind: Kind, cell: str) -> Kind:
    return Kind.ANY if is_nothing(cell) else kind


def _of_goods(cell: str) -> Kind:
    return Kind.VOID if _TOP_UPS.fullmatch(cell) else Kind.ANY


def _of_refunds(cell: str) -> Kind:
    kind = kind_of_word(cell)
    return Kind.ANY if kind in (Kind.REFUND, Kind.PART) else kind


def _bare(text: str) -> str:
    return re.sub(r"\(.*?\)|\[.*?\]|/(元|分)$", "", text)
