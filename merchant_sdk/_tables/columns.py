"""Which column is which field of a sale or refund, and a row as one. Pure."""

from __future__ import annotations

import re
import string
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time, tzinfo
from typing import Any

from merchant_sdk._tables import cells
from merchant_sdk._tables.cells import Cell, Lost, content_of, id_of, text_of
from merchant_sdk._tables.headers import MONEY, TIME
from merchant_sdk._tables.kinds import Kind, Teller
from merchant_sdk._tables.layouts import SALES, Layout
from merchant_sdk._tables.words import Refusal, RowError

IDS = frozenset(
    (
        "reference",
        "transaction_reference",
        "transaction_id",
        "payment_reference",
        "member_id",
        "merchant_id",
        "store_code",
        "store_id",
    )
)
BLANK = f"{string.whitespace}\u3000\xa0\ufeff\x1a"
"""What an empty cell may hold; DOS programs end a file with \\x1a."""
PAYMENT_METHODS = {
    "微信": "wechat",
    "微信支付": "wechat",
    "支付宝": "alipay",
    "现金": "cash",
    "银行卡": "card",
    "刷卡": "card",
}
_SUM = r"(合\s*计|总\s*计|小\s*计|共\s*计|累\s*计|平\s*均|汇\s*总|总\s*额|总\s*金\s*额|(grand|sub)?\s*-?\s*totals?|sums?|average)"
_ANY_SUMS = re.compile(_SUM, re.IGNORECASE)
"""A cell that says of its row that it is one of sums, wherever it stands."""
_SUMS = re.compile(
    rf"{_SUM}\s*(金额|数量|笔数|值)?\s*([:(].*|\d+\s*[笔单条].*)?|(本|当|每)[页日月周年].{{0,12}}|共?\s*\d+\s*[笔单条].*"
    r"|.{0,12}(合计|总计|小计|汇总|结转|余额|营业额|销售额)|(日结|班结|交班|结班|交接班).{0,6}",
    re.IGNORECASE,
)
"""The first cell or the number of a row of sums."""
_SUMS_OF_SOMEBODY = re.compile(r".{1,12}(合计|总计|小计)")
"""A cell beside a row of sums, where it is neither goods nor a remark."""
_SEVERAL = re.compile("[,、;~]")
OPENING_HOUR = 6
"""Before it, a business day may have begun the day before."""
_ONE_NUMBER = ("reference", "transaction_reference", "phone", "member_id")
_OF_A_WHOLE = re.compile(
    "订单|账单|整单|小票|总|合计|实收|实付|应收|应付|支付|付款|收款|total|order|paid", re.IGNORECASE
)
_NO_SALE = {
    Kind.OF_ANOTHER: "of-another",
    Kind.SEVERAL: "several-sales",
    Kind.PART: "partly-refunded",
    Kind.DISCOUNTED: "discounted",
    Kind.NAMELESS: "nameless",
}
"""Why a row is no sale as it stands."""


class SetAside(Refusal):
    """A row that is left out on purpose; the words say on which."""


@dataclass(frozen=True, slots=True)
class Columns:
    """How rows become sales or refunds: the place of each field, and what holds for all (`constants`).

    `telling` are the columns that change what a row means, each with what its cells make of it; `words` others, of which
    some words do.
    `ignored` are dropped and told, `left_out` are rows with these values in these columns. `is_mixed`: the table holds
    both sales and refunds. `at` is when on a day a sale was that names the day alone; `shop` the column that names the
    shop, where the server isn't told. `is_business_day`: the day may be the one before. `scales` are how many fen the units of amounts have, `lines` the columns of a
    receipt's lines.
    """

    layout: Layout
    header: tuple[str, ...]
    places: Mapping[str, int]
    constants: Mapping[str, str]
    time_zone: tzinfo
    scales: Mapping[str, int]
    ignored: tuple[str, ...]
    telling: Mapping[int, Teller] = field(default_factory=dict)
    words: Mapping[int, Teller] = field(default_factory=dict)
    left_out: tuple[tuple[int, str], ...] = ()
    lines: Mapping[str, int] = field(default_factory=dict)
    is_mixed: bool = False
    is_unit_asked: bool = False
    has_goods: bool = False
    profile: str | None = None
    at: time | None = None
    shop: int | None = None
    is_business_day: bool = False

    def item(self, row: Sequence[Cell], *, is_line: bool = False) -> dict[str, Any]:
        """The sale or refund of a row: amounts in fen, instants aware; a line of one may be below 0.

        Raises RowError and SetAside.
        """
        self._check_row(row)
        self._check_kind(row)
        found: dict[str, Any] = dict(self.constants)
        for name in self.places:
            if name in self.layout.aliases:
                value = self._told(name, row, is_line=is_line)
                found |= {} if value in ("", None) else {name: value}
        if "day" in self.places and (value := self._told("occurred_at", row)) is not None:
            found["occurred_at"] = value
        for group in self.layout.needed:
            is_asked = group != TIME or "occurred_at" in self.places or "day" in self.places
            if is_asked and not any(name in found for name in group):
                raise RowError("empty", fields=" or ".join(group))
        return found

    def line(self, row: Sequence[Cell]) -> dict[str, Any]:
        """What a row says of its own line of a receipt, its amount aside. Raises RowError."""
        found: dict[str, Any] = {name: content_of(self._cell(place, row)) for name, place in self.lines.items()}
        quantity = found.pop("quantity", "")
        if re.fullmatch(r"[1-9][0-9]{0,5}(\.0+)?", quantity):
            found["quantity"] = int(float(quantity))
        return {name: value for name, value in found.items() if value != ""}

    def said(self, name: str, row: Sequence[Cell]) -> str:
        """What the cell of a field says, or nothing where it has none or says nothing that can be believed."""
        try:
            return content_of(self._cell(self.places[name], row)) if name in self.places else ""
        except RowError:
            return ""

    def shop_of(self, row: Sequence[Cell]) -> set[str]:
        """The name of the row's shop, where the server isn't told it."""
        return {name for name in (self._text(self.shop, row),) if name} if self.shop is not None else set()

    def continued(self, row: Sequence[Cell], above: Sequence[Cell] | None) -> Sequence[Cell]:
        """The row with what it leaves to the row above, where it is one more line of the receipt there: its number is
        merged with that one's, or it names goods and neither number nor time. Amounts are its own."""
        if above is None or not self._is_continuation(row):
            return row
        filled = [*row, *[None] * (len(self.header) - len(row))]
        for name, place in self.places.items():
            cell = filled[place]
            is_left = (isinstance(cell, Lost) and cell.why == "merged") or not text_or_lost(cell)
            if is_left and name not in MONEY:
                filled[place] = self._cell(place, above)
        return filled

    def _is_continuation(self, row: Sequence[Cell]) -> bool:
        number = self._cell(self.places["reference"], row) if "reference" in self.places else ""
        if isinstance(number, Lost):
            return number.why == "merged"
        times = [self.places[name] for name in ("occurred_at", "day") if name in self.places]
        goods = [self.lines[name] for name in ("name", "sku") if name in self.lines]
        has_time = any(text_or_lost(self._cell(place, row)) for place in times)
        return not text_of(number) and not has_time and any(self._text(place, row) for place in goods)

    @property
    def amount_of_a_whole(self) -> str | None:
        """The column of amounts, where its name may mean those of whole receipts and not of their lines."""
        name = self.header[self.places["amount"]] if "amount" in self.places else ""
        return name if _OF_A_WHOLE.search(name) else None

    def amount_sign(self, row: Sequence[Cell]) -> int:
        """-1, 0 or 1; 0 where there is no amount."""
        try:
            value = cells.number_of(self._cell(self.places["amount"], row)) if "amount" in self.places else 0
        except RowError:
            return 0
        return (value > 0) - (value < 0)

    def _check_row(self, row: Sequence[Cell]) -> None:
        if not is_empty(row[len(self.header) :]):
            raise RowError("more-cells")
        for place, value in self.left_out:
            if content_or_text(self._cell(place, row)) == value:
                raise SetAside("aside-ignored", column=self.header[place], cell=value)
        texts = [unicodedata.normalize("NFKC", content_or_text(cell)) for cell in row]
        first = next((text for text in texts if text), "")
        number = unicodedata.normalize("NFKC", self.said("reference", row))
        others = (texts[place] for place in self.words if place < len(texts) and place not in self.lines.values())
        if (
            any(map(_ANY_SUMS.fullmatch, texts))
            or any(map(_SUMS_OF_SOMEBODY.fullmatch, others))
            or _SUMS.fullmatch(first)
            or _SUMS.fullmatch(number)
        ):
            raise SetAside("aside-lines") if self.profile else RowError("sums")

    def _check_kind(self, row: Sequence[Cell]) -> None:
        """Raises RowError and SetAside for a row that is no sale (or refund, where refunds are reported)."""
        found = {place: teller(self._text(place, row)) for place, teller in self.words.items()}
        found |= {place: self._kind(place, row) for place in self.telling}
        names = {kind: {"column": self.header[place], "cell": self._text(place, row)} for place, kind in found.items()}
        if Kind.OTHER in names:
            raise SetAside("aside-other", **names[Kind.OTHER])
        if Kind.UNKNOWN in names:
            raise RowError("unknown-kind", **names[Kind.UNKNOWN])
        if Kind.VOID in names:
            raise RowError("is-void", **names[Kind.VOID])
        if self._gives_goods_back(row):
            place = self.lines["quantity"]
            names.setdefault(Kind.REFUND, {"column": self.header[place], "cell": self._text(place, row)})
        is_sales, sign = self.layout is SALES, self.amount_sign(row) if self.is_mixed else 0
        is_refund = Kind.REFUND in names or sign < 0
        if is_sales and is_refund:
            raise SetAside("aside-refund") if self.is_mixed else RowError("is-refund", **names[Kind.REFUND])
        for kind, code in _NO_SALE.items():
            if kind in names and (is_sales or kind is Kind.SEVERAL):
                raise RowError(code, **names[kind])
        if not is_sales and not is_refund and (Kind.SALE in names or sign > 0):
            raise SetAside("aside-sale") if self.is_mixed else RowError("is-sale", **names[Kind.SALE])

    def _gives_goods_back(self, row: Sequence[Cell]) -> bool:
        """Whether goods are counted below 0 whose amount isn't."""
        return (
            "quantity" in self.lines
            and self._text(self.lines["quantity"], row)[:1] == "-"
            and self.amount_sign(row) > 0
        )

    def _kind(self, place: int, row: Sequence[Cell]) -> Kind:
        cell = self._cell(place, row)
        if isinstance(cell, Lost):
            raise RowError("field", field=self.header[place], column=self.header[place], why=RowError(cell.why))
        kind = self.telling[place](content_or_text(cell))
        is_own = kind is Kind.OF_ANOTHER and content_or_text(cell) == self.said("reference", row)
        return Kind.ANY if is_own else kind

    def _told(self, name: str, row: Sequence[Cell], *, is_line: bool = False) -> Any:
        column = self.header[self.places[name]] if name in self.places else name
        try:
            return self._value(name, column, row, is_line=is_line)
        except RowError as error:
            raise RowError("field", field=name, column=column, why=error) from None

    def _value(self, name: str, column: str, row: Sequence[Cell], *, is_line: bool) -> Any:
        if name == "occurred_at" and "day" in self.places:
            return self._instant(row)
        cell = self._cell(self.places[name], row)
        text = content_of(cell)
        if not text:
            return None
        if name in MONEY:
            fen = self._fen(name, cell, row, may_be_negative=is_line or self.layout.may_be_negative)
            return abs(fen) if self.layout.may_be_negative and not is_line else fen
        if name == "occurred_at":
            return cells.instant_of(cell, self.time_zone, self.at)
        if name in _ONE_NUMBER and _SEVERAL.search(unicodedata.normalize("NFKC", text)):
            raise RowError("several-numbers", cell=text)
        if name == "phone":
            return cells.phone_of(cell, column)
        if name == "currency":
            return cells.currency_of(cell)
        if name in IDS:
            number = id_of(cell)
            return None if number.lower() in cells.NOBODY else number
        if text.lower() in cells.NOBODY:
            return None
        return PAYMENT_METHODS.get(text, text) if name == "payment_method" else text

    def _instant(self, row: Sequence[Cell]) -> Any:
        day = self._cell(self.places["day"], row)
        clock = self._cell(self.places["occurred_at"], row) if "occurred_at" in self.places else None
        if not text_or_lost(day) and not text_or_lost(clock):
            return None
        if "occurred_at" not in self.places or (self.at and text_or_lost(day) and not text_or_lost(clock)):
            return cells.instant_of(day, self.time_zone, self.at)
        found = cells.instant_of_two(day, clock, self.time_zone)
        is_clock = found != instant_or_none(clock, self.time_zone)
        if self.is_business_day and is_clock and found.astimezone(self.time_zone).hour < OPENING_HOUR:
            raise RowError(
                "business-day", day=text_of(day), clock=text_of(clock), column=self.header[self.places["day"]]
            )
        return found

    def _fen(self, name: str, cell: Cell, row: Sequence[Cell], *, may_be_negative: bool) -> int:
        scale = self.scales.get(name, 100)
        if "unit" in self.places and not self.is_unit_asked:
            unit = self._cell(self.places["unit"], row)
            if text_or_lost(unit):
                try:
                    scale = cells.unit_of(unit)
                except RowError:
                    if not self.has_goods:  # 件 or 个 beside how many of them
                        raise
        return cells.fen_of(cell, scale, may_be_negative=may_be_negative)

    def _cell(self, place: int, row: Sequence[Cell]) -> Cell:
        return row[place] if place < len(row) else None

    def _text(self, place: int, row: Sequence[Cell]) -> str:
        return content_or_text(self._cell(place, row))


def is_empty(row: Sequence[Cell]) -> bool:
    """Whether a row holds nothing."""
    return all(cell is None or (isinstance(cell, str) and not cell.strip(BLANK)) for cell in row)


def instant_or_none(cell: Cell, time_zone: tzinfo) -> datetime | None:
    """The instant that a cell says by itself."""
    try:
        return cells.instant_of(cell, time_zone)
    except RowError:
        return None


def content_or_text(cell: Cell) -> str:
    """What a cell says, an error of the spreadsheet included."""
    try:
        return content_of(cell)
    except RowError:
        return text_of(cell)


def text_or_lost(cell: Cell) -> bool:
    """Whether a cell holds anything, be it something that can't be read."""
    return isinstance(cell, Lost) or bool(text_of(cell))
