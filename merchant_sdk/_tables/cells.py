"""What a cell says: text, a number of a sale, an amount, an instant. What says less than it held is refused. Pure."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from decimal import Decimal, InvalidOperation
from functools import lru_cache

from merchant_sdk._tables.words import RowError

Cell = object
MOST_FEN = 10_000_000_000
MOST_DIGITS = 15
"""What a spreadsheet keeps of a number."""
FARTHEST_EAST, FARTHEST_WEST = 14, 12
"""Hours from UTC."""
FORMATS = (
    "%Y-%m-%d %H:%M:%S",
    "%Y-%m-%d %H:%M",
    "%Y/%m/%d %H:%M:%S",
    "%Y/%m/%d %H:%M",
    "%Y.%m.%d %H:%M:%S",
    "%Y.%m.%d %H:%M",
    "%Y年%m月%d日 %H:%M:%S",
    "%Y年%m月%d日 %H:%M",
    "%Y年%m月%d日 %H时%M分%S秒",
    "%Y年%m月%d日 %H时%M分",
)
DAYS = ("%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d", "%Y年%m月%d日", "%Y%m%d")
TIMES = ("%H:%M:%S", "%H:%M", "%H时%M分%S秒", "%H时%M分", "%H%M%S")


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


NOBODY = _words(
    "- -- --- — —— – / \\ * 无 空 暂无 没有 未知 不详 未填 未填写 未登记 未登录 未绑定 无会员 路人 路人甲 过客 散客 非会员 匿名 游客 顾客 普通顾客 临时顾客 散客顾客 零售客户 n/a na null none undefined unknown guest 0"
)
"""What tills write where there is no member."""
UNITS = {
    **dict.fromkeys(("分", "fen"), 1),
    **dict.fromkeys(("角",), 10),
    **dict.fromkeys(("元", "圆", "块", "yuan", "cny", "rmb", "人民币", "人民币元", "¥", "￥"), 100),
    **dict.fromkeys(("百元",), 10_000),
    **dict.fromkeys(("千元",), 100_000),
    **dict.fromkeys(("万", "万元"), 1_000_000),
}
"""Fen in each unit."""
FOREIGN = _words(
    "usd hkd eur jpy gbp twd mop krw sgd aud cad thb rub myr vnd inr chf nzd idr php 美元 美金 港元 港币 欧元 "
    "日元 日币 英镑 澳门元 澳门币 台币 新台币 韩元 新加坡元 澳元 加元 泰铢 卢布 $ us$ hk$ € £"
)
"""Words for money that isn't yuan."""
YUAN_NAMES = frozenset(("人民币", "人民币元", "元", "rmb", "cny", "¥", "￥", "yuan"))

_UNSEEN = dict.fromkeys(map(ord, "\x1a\ufeff\u200b\u200c\u200d\u200e\u200f\u2060"))
_ERRORS = re.compile(r"#(REF!|N/A|VALUE!|NAME\?|DIV/0!|NULL!|NUM!|SPILL!|CALC!|GETTING_DATA)|#{3,}", re.IGNORECASE)
_SCIENTIFIC = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?E\+[0-9]+|[+-]?[0-9]\.[0-9]+[eE][0-9]+")
_MONTHS = "Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec"
_DATE = re.compile(
    r"\d{4}[-/.年]\d{1,2}[-/.月]\d{1,2}日?([ T]\d{1,2}:\d\d(:\d\d)?)?|\d{1,2}/\d{1,2}/(\d{4}|\d\d)|\d{4}年\d{1,2}月"
    rf"|\d{{1,2}}月\d{{1,2}}日|\d{{1,2}}-({_MONTHS})(-\d{{2,4}})?|({_MONTHS})-\d{{1,4}}",
    re.IGNORECASE,
)

_CUT_OFF = re.compile(r"(…|\.{3,}|。{3,})$")
_OFFSET = re.compile(r"\d\d:\d\d(?P<seconds>:\d\d(\.\d+)?)?(?P<offset>[+-]\d.*)")
_NAMED_PHONE = re.compile(r".*\((\+?[0-9*]{7,20})\)")
"""A name, and the number in brackets: 张三（13800000000）."""


@dataclass(frozen=True, slots=True)
class Lost:
    """A cell whose content the file doesn't tell: `why` is a code of words."""

    why: str

    def __str__(self) -> str:
        return ""


def text_of(cell: Cell) -> str:
    """A cell as text: whole numbers without a point, others as a spreadsheet shows them (15 digits)."""
    if isinstance(cell, bool) or cell is None:
        return "" if cell is None else str(cell).upper()
    if isinstance(cell, float):
        return format(Decimal(format(cell, ".15g")), "f")
    if isinstance(cell, datetime | date):
        return cell.isoformat(" ") if isinstance(cell, datetime) else cell.isoformat()
    return str(cell).strip()


def content_of(cell: Cell) -> str:
    """What a cell says, without the marks that protect it (`="0012"`, `'0012`, `` `0012 ``). Raises RowError for a
    cell that says nothing more: an error of the spreadsheet, a value that isn't in the file."""
    if isinstance(cell, Lost):
        raise RowError(cell.why)
    text, flaw = _content(cell if isinstance(cell, str) else text_of(cell))
    if flaw:
        raise RowError(flaw, cell=text)
    return text


@lru_cache(maxsize=4096)  # a row's cells are looked at several times
def _content(shown: str) -> tuple[str, str]:
    """What a text says, and the code of what is wrong with it."""
    text = shown.translate(_UNSEEN).strip()
    if protected := re.fullmatch(r'="([^"]*)"', text):
        text = protected[1].strip()
    elif text[:1] in ("'", "`", "‘", "’"):
        text = text[1:].strip()
    if _ERRORS.fullmatch(text):
        return text, "no-value"
    return text, "open-quote" if text.startswith('"') else ""


def id_of(cell: Cell) -> str:
    """A number of a sale, a shop or a person as it was given. Raises RowError where the spreadsheet has changed it."""
    if isinstance(cell, date | datetime | time | timedelta):
        raise RowError("is-a-date", cell=text_of(cell))
    if isinstance(cell, bool):
        raise RowError("no-number", cell=text_of(cell))
    if isinstance(cell, int | float) and (abs(cell) >= 10**MOST_DIGITS or cell != int(cell)):
        raise RowError("shortened", cell=text_of(cell))
    text = content_of(cell)
    if _SCIENTIFIC.fullmatch(text) or re.fullmatch(r"[0-9]+\.0+", text):
        raise RowError("shortened", cell=text)
    if _DATE.fullmatch(text):
        raise RowError("is-a-date", cell=text)
    if text.startswith("="):
        raise RowError("formula")
    if _CUT_OFF.search(text):
        raise RowError("cut-off", cell=text)
    return text


def phone_of(cell: Cell, column: str) -> str:
    """A phone number, or nothing where the till says that there is nobody. Raises RowError."""
    text = id_of(cell)
    if named := _NAMED_PHONE.fullmatch(unicodedata.normalize("NFKC", text)):
        text = named[1]
    if text.lower() in NOBODY:
        return ""
    if "*" in text or "＊" in text:
        raise RowError("masked", cell=text, column=column)
    return text


def fen_of(cell: Cell, scale: int = 100, *, may_be_negative: bool = False) -> int:
    """An amount in fen, exactly, of a unit that has `scale` fen. Raises RowError."""
    value = number_of(cell) * scale
    shown = text_of(cell)
    if value != value.to_integral_value():
        raise RowError("parts-of-fen", cell=shown, hint=RowError("unit-is-yuan") if scale == 100 else "")
    if value < 0 and not may_be_negative:
        raise RowError("below-zero", cell=shown)
    if abs(value) > MOST_FEN:
        raise RowError("too-much", cell=shown)
    return int(value)


def number_of(cell: Cell) -> Decimal:
    """A figure as it is written; 1,234.50 and 1 234.50, too. Raises RowError."""
    text = unicodedata.normalize("NFKC", content_of(cell))
    if _SCIENTIFIC.fullmatch(text) and "E" in text:
        raise RowError("amount-shortened", cell=text)
    sign = "-" if re.match(r"[¥￥]?\s*-|-\s*[¥￥]", text) else ""
    bare = re.sub(r"^[-\s¥￥]*(CNY|RMB)?[\s¥￥]*|\s*(元|CNY|RMB)?$", "", text)
    if re.fullmatch(r"[0-9]{1,3}([, ][0-9]{3})+(\.[0-9]*)?", bare):
        bare = re.sub("[, ]", "", bare)
    try:
        if re.fullmatch(r"[+-]?[0-9]*\.?[0-9]*([eE]-?[0-9]{1,2})?", bare) and not isinstance(cell, bool):
            return Decimal(sign + bare.lstrip("+") if sign else bare)
    except InvalidOperation:
        pass
    raise RowError("no-amount", cell=text_of(cell))


def instant_of(cell: Cell, time_zone: tzinfo, at: time | None = None) -> datetime:
    """An instant in UTC; one without an offset is in `time_zone`, a day alone `at` this time. Raises RowError."""
    found = cell if isinstance(cell, datetime) else _parsed(unicodedata.normalize("NFKC", content_of(cell)))
    if found is None:
        try:
            day = day_of(cell)
        except RowError:
            raise RowError("no-time", cell=text_of(cell)) from None
        if at is None:
            raise RowError("day-alone", cell=text_of(cell))
        found = datetime.combine(day, at)
    return _in_utc(found, time_zone, cell)


def instant_of_two(day: Cell, clock: Cell, time_zone: tzinfo) -> datetime:
    """An instant in UTC of a day and a time of day; where one of the cells says both, it is that one. Raises RowError."""
    for cell in (clock, day):
        if isinstance(cell, datetime) and (cell.time() != time() or cell is clock):
            return _in_utc(cell, time_zone, cell)
        if not isinstance(cell, datetime | date | time | timedelta | int | float):
            found = _parsed(unicodedata.normalize("NFKC", content_of(cell)))
            if found is not None:
                return _in_utc(found, time_zone, cell)
    return _in_utc(datetime.combine(day_of(day), _time(clock)), time_zone, clock)


def unit_of(cell: Cell) -> int:
    """How many fen a unit of money has. Raises RowError."""
    text = unicodedata.normalize("NFKC", content_of(cell)).lower()
    if text not in UNITS:
        raise RowError("no-unit", cell=text_of(cell))
    return UNITS[text]


def currency_of(cell: Cell) -> str:
    """A currency by its code; 人民币 is CNY. Raises RowError."""
    text = content_of(cell)
    if text.lower() in YUAN_NAMES:
        return "CNY"
    if not re.fullmatch("[A-Za-z]{3}", text):
        raise RowError("no-currency", cell=text)
    return text.upper()


def _in_utc(found: datetime, time_zone: tzinfo, cell: Cell) -> datetime:
    try:
        return (found if found.tzinfo else found.replace(tzinfo=time_zone)).astimezone(UTC)
    except OverflowError:
        raise RowError("out-of-range", cell=text_of(cell)) from None


def day_of(cell: Cell) -> date:
    if isinstance(cell, datetime):
        return cell.date()
    if isinstance(cell, date):
        return cell
    found = _first_of(unicodedata.normalize("NFKC", content_of(cell)), DAYS)
    if found is None:
        raise RowError("no-day", cell=text_of(cell))
    return found.date()


def _time(cell: Cell) -> time:
    if isinstance(cell, time):
        return cell
    found = _first_of(unicodedata.normalize("NFKC", content_of(cell)), TIMES)
    if found is None:
        raise RowError("no-time", cell=text_of(cell))
    return found.time()


def _parsed(text: str) -> datetime | None:
    if re.match(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d", text) or re.fullmatch(r"\d{8}[T ]\d{6}", text):
        if _is_range(text):
            return None
        try:
            return datetime.fromisoformat(text)
        except ValueError:
            return None
    if re.fullmatch(r"\d{14}", text):
        return _parsed(f"{text[:8]} {text[8:]}")
    return _first_of(re.sub(r"\s+", " ", text), FORMATS)


def _is_range(text: str) -> bool:
    """Whether what looks like an offset may be the end of a time: 12:00-13:00."""
    found = _OFFSET.search(text)
    if found is None:
        return False
    offset = re.fullmatch(r"([+-])(\d\d)(:?[0-5]\d)?", found["offset"])
    if offset is None or ("T" not in text and not found["seconds"]):
        return True
    return int(offset[2]) > (FARTHEST_EAST if offset[1] == "+" else FARTHEST_WEST)


def _first_of(text: str, forms: tuple[str, ...]) -> datetime | None:
    for form in forms:
        try:
            return datetime.strptime(text, form)  # noqa: DTZ007 - the caller knows the zone
        except ValueError:
            continue
    return None
