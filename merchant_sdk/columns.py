"""Which column is which field of a sale or refund, and a row as one. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, tzinfo
from decimal import Decimal, InvalidOperation
from typing import Any

from merchant_sdk.layouts import SALES, Layout
from merchant_sdk.tables import Row, TableError, is_empty

MOST_FEN = 10_000_000_000
MONEY = ("amount", "eligible_amount")
TIME = ("occurred_at",)
PAYMENT_METHODS = {
    "微信": "wechat",
    "微信支付": "wechat",
    "支付宝": "alipay",
    "现金": "cash",
    "银行卡": "card",
    "刷卡": "card",
}
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


class RowError(ValueError):
    """A row that is no sale or refund; the words say why."""


@dataclass(frozen=True, slots=True)
class Columns:
    """How rows become sales or refunds: the place of each field, and what holds for all (`constants`)."""

    layout: Layout
    places: Mapping[str, int]
    constants: Mapping[str, str]
    time_zone: tzinfo
    is_fen: bool
    width: int
    ignored: tuple[str, ...]

    def item(self, row: Row) -> dict[str, Any]:
        """The sale or refund of a row: amounts in fen, instants aware. Raises RowError."""
        if not is_empty(row[self.width :]):
            raise RowError("more cells than there are columns: is a comma not quoted?")
        cells = {name: row[place] if place < len(row) else None for name, place in self.places.items()}
        given: dict[str, Any] = dict(self.constants)
        given |= {name: cell for name, cell in cells.items() if cell is not None and text_of(cell)}
        for group in self.layout.needed:
            is_asked = group != TIME or "occurred_at" in self.places
            if is_asked and not any(name in given for name in group):
                raise RowError(f"{' or '.join(group)}: empty")
        return {name: self._value(name, cell) for name, cell in given.items()}

    def _value(self, name: str, cell: object) -> Any:
        try:
            if name in MONEY:
                return fen_of(cell, is_fen=self.is_fen, may_be_negative=self.layout.may_be_negative)
            if name == "occurred_at":
                return instant_of(cell, self.time_zone)
        except RowError as error:
            raise RowError(f"{name}: {error}") from None
        text = text_of(cell)
        return PAYMENT_METHODS.get(text, text) if name == "payment_method" else text


def find_columns(
    header: Sequence[str],
    layout: Layout = SALES,
    *,
    given: Mapping[str, str],
    constants: Mapping[str, str],
    time_zone: tzinfo,
    unit: str | None = None,
    is_now: bool = False,
) -> Columns:
    """Finds the columns by their names; `given` names some more (column: field), `unit` is `yuan` or `fen`.

    Without a unit amounts are in yuan, unless the column's name ends in 分 in brackets. Raises TableError.
    """
    _check_fields([*given.values(), *constants], layout)
    known = {plain(alias): field for field, aliases in layout.aliases.items() for alias in (field, *aliases)}
    chosen = {plain(column): field for column, field in given.items()}
    if missing := [column for column in given if plain(column) not in map(plain, header)]:
        raise TableError(f"no column {', '.join(missing)}; there are: {', '.join(header)}")
    places: dict[str, int] = {}
    fields = [chosen.get(plain(column)) or _known(column, known, chosen) for column in header]
    for place, field in enumerate(fields):
        if field is not None and field in places:
            raise TableError(f"two columns for {field}: {header[places[field]]}, {header[place]}; choose with --map")
        if field is not None:
            places[field] = place
    missing_groups = [
        group for group in layout.needed if not any(name in places or name in constants for name in group)
    ]
    if needed := [group for group in missing_groups if not (is_now and group == TIME)]:
        raise TableError(_words_of_missing(needed, header))
    ignored = tuple(column for column, field in zip(header, fields, strict=True) if field is None and column)
    is_fen = unit == "fen" if unit else _says_fen(header[places["amount"]] if "amount" in places else "")
    return Columns(layout, places, constants, time_zone, is_fen, len(header), ignored)


def plain(name: str) -> str:
    """A column's name without case, spaces, underscores, and what is in brackets."""
    text = unicodedata.normalize("NFKC", name).lower()
    return re.sub(r"\(.*?\)|\[.*?\]|【.*?】|[\s_\-*:]", "", text)


def fen_of(cell: object, *, is_fen: bool, may_be_negative: bool = False) -> int:
    """An amount in fen, exactly; without its minus, where that may be. Raises RowError."""
    text = unicodedata.normalize("NFKC", text_of(cell)).strip("¥元CNYRMB ").replace(" ", "")
    if re.fullmatch(r"[0-9]{1,3}(,[0-9]{3})+(\.[0-9]*)?", text):
        text = text.replace(",", "")
    try:
        value = Decimal(text) if re.fullmatch(r"[+-]?[0-9]*\.?[0-9]*([eE][+-]?[0-9]{1,2})?", text) else None
    except InvalidOperation:
        value = None
    if value is None:
        raise RowError(f"{text_of(cell)!r} is no amount")
    fen = value if is_fen else value * 100
    if fen != fen.to_integral_value():
        raise RowError(f"{text_of(cell)} has parts of a fen" + ("" if is_fen else " (the unit is yuan)"))
    if may_be_negative:
        fen = abs(fen)
    if fen < 0:
        raise RowError(f"{text_of(cell)} is below 0: a refund is no sale")
    if fen > MOST_FEN:
        raise RowError(f"{text_of(cell)} is more than a sale can be")
    return int(fen)


def instant_of(cell: object, time_zone: tzinfo) -> datetime:
    """An instant in UTC; one without an offset is in `time_zone`. Raises RowError."""
    found = cell if isinstance(cell, datetime) else _parsed(unicodedata.normalize("NFKC", text_of(cell)))
    if found is None:
        raise RowError(f"{text_of(cell)!r} is no time of a day (say 2026-01-01 20:15:00)")
    try:
        return (found if found.tzinfo else found.replace(tzinfo=time_zone)).astimezone(UTC)
    except OverflowError:
        raise RowError(f"{text_of(cell)!r} is out of range") from None


def text_of(cell: object) -> str:
    """A cell as text: whole numbers without a point, others as a spreadsheet shows them (15 digits)."""
    if isinstance(cell, bool) or cell is None:
        return "" if cell is None else str(cell).upper()
    if isinstance(cell, float):
        return format(Decimal(format(cell, ".15g")), "f")
    if isinstance(cell, datetime | date):
        return cell.isoformat(" ") if isinstance(cell, datetime) else cell.isoformat()
    return str(cell).strip()


def _parsed(text: str) -> datetime | None:
    if re.match(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d", text) or re.fullmatch(r"\d{8}[T ]\d{6}", text):
        try:
            return datetime.fromisoformat(text)
        except ValueError:
            return None
    if re.fullmatch(r"\d{14}", text):
        return _parsed(f"{text[:8]} {text[8:]}")
    for form in FORMATS:
        try:
            return datetime.strptime(text, form)  # noqa: DTZ007 - the caller knows the zone
        except ValueError:
            continue
    return None


def _known(column: str, known: Mapping[str, str], chosen: Mapping[str, str]) -> str | None:
    """The field that a column's name says, unless another column was chosen for it."""
    field = known.get(plain(column))
    return None if field in chosen.values() else field


def _check_fields(names: Sequence[str], layout: Layout) -> None:
    if unknown := [name for name in names if name not in layout.aliases]:
        raise TableError(f"no such field: {', '.join(unknown)}; there are: {', '.join(layout.aliases)}")


def _says_fen(column: str) -> bool:
    return bool(re.search(r"[(\[【](单位[::])?(分|fen)[)\]】]", unicodedata.normalize("NFKC", column).lower()))


def _words_of_missing(needed: Sequence[Sequence[str]], header: Sequence[str]) -> str:
    names = ", ".join(" or ".join(group) for group in needed)
    words = f"no column for {names}; there are: {', '.join(header)}. Name it with --map COLUMN=FIELD"
    return words + (", or say --now" if TIME in needed else "")
