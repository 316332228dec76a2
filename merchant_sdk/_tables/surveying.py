"""What only a whole table tells: numbers that stand in several rows, zeros that were lost, which sign refunds bear."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time
from typing import Any

from merchant_sdk._tables.cells import MOST_DIGITS, Cell, text_of
from merchant_sdk._tables.columns import IDS, Columns, SetAside
from merchant_sdk._tables.texts import Row
from merchant_sdk._tables.words import Refusal, RowError

OF_NO_LINE = frozenset(("is-void", "is-refund", "is-sale", "below-zero", "sums", "other-names", "below-other-names"))
"""Why a row is refused that is no line of the receipt whose number it bears."""
SURE_LENGTH, SURE_ROWS = 18, 3
_PART = re.compile(r"(.{3,})[-_#/]\d{1,2}")


@dataclass(slots=True)
class Survey:
    """What is known of all rows: their `count`, the rows of each number that stands in several, by its hash, and the
    names of shops."""

    count: int = 0
    many: dict[int, list[int]] = field(default_factory=dict)
    flawed: dict[int, tuple[int, RowError]] = field(default_factory=dict)
    shops: set[str] = field(default_factory=set)
    times: int = 0
    midnights: int = 0
    _first: dict[int, tuple[int, int, int]] = field(default_factory=dict)
    _parts: dict[int, tuple[int, int]] = field(default_factory=dict)
    _shapes: set[tuple[int, int]] = field(default_factory=set)
    _ended: int = 0
    _alike: dict[int, bool] = field(default_factory=dict)
    _signs: dict[int, int] = field(default_factory=lambda: {-1: 0, 0: 0, 1: 0})
    _zero_led: dict[str, set[int]] = field(default_factory=dict)
    _long: dict[str, list[int]] = field(default_factory=dict)

    def see(self, row: Row, columns: Columns, told: Mapping[str, Any] | Refusal, reference: str) -> None:
        """Takes a row into account, with what it says by itself and the number that it bears or continues."""
        self.count += 1
        if isinstance(told, SetAside) or (isinstance(told, RowError) and root_of(told).code in OF_NO_LINE):
            return
        if reference:
            self._see_number(number_of(reference), row, told)
        if isinstance(told, Mapping):
            self.shops |= columns.shop_of(row.cells)
            self._see_time(told, columns)
            self._see_parts(told)
            self._see_end(row, columns)
            self._signs[columns.amount_sign(row.cells)] += 1
            self._see_ids(told)

    def rows_of(self, reference: str) -> Sequence[int]:
        """The rows that bear this number, if they are several."""
        return self.many.get(number_of(reference), ())

    def are_alike(self, reference: str) -> bool:
        """Whether the rows that bear this number are the same in every cell."""
        return self._alike.get(number_of(reference), True)

    def flaw_of(self, reference: str) -> tuple[int, RowError] | None:
        """The first row of this number that can't be taken, and why."""
        return self.flawed.get(number_of(reference))

    @property
    def are_days(self) -> bool:
        """Whether the times are days with a clock that stands at 0:00."""
        return self.times >= SURE_ROWS and self.midnights == self.times

    def is_torn(self, row: Row, columns: Columns) -> bool:
        """Whether the last cell of the file says less than all others of its column."""
        is_whole = len(row.cells) >= len(columns.header)
        is_read = len(columns.header) - 1 in columns.places.values()
        if not (row.is_open and is_whole and is_read and self._ended >= SURE_ROWS and len(self._shapes) == 1):
            return False
        [(length, decimals)] = self._shapes
        mine = shape_of(row.cells[len(columns.header) - 1])
        return mine[0] < length or mine[1] < decimals

    def whole_of(self, item: Mapping[str, Any]) -> str:
        """The number of the sale of which this one and others are parts, or which they are parts of: its amount is
        theirs together."""
        reference, amount = str(item.get("reference", "")), item.get("amount")
        base = base_of(reference)
        for whole in (reference, base):
            count, total = self._parts.get(number_of(whole), (0, 0))
            first = self._first.get(number_of(whole))
            if count > 1 and first is not None and first[2] == total and amount and not self.rows_of(whole):
                return whole
        return ""

    def check(self, item: Mapping[str, Any], sign: int, *, has_one_sign: bool, shown: str) -> None:
        """Raises RowError for what looks right alone, and wrong among the others."""
        for name in IDS & item.keys():
            text = item[name]
            if not isinstance(text, str) or not text.isdecimal():
                continue
            widths = self._zero_led.get(name, set())
            if len(widths) == 1 and not text.startswith("0") and len(text) < max(widths):
                raise RowError("field", field=name, column=name, why=RowError("zeros-lost", cell=text))
            long, shortened = self._long.get(name, [0, 0])
            is_sure = len(text) >= SURE_LENGTH or long >= SURE_ROWS
            if is_shortened(text) and long == shortened and is_sure:
                raise RowError("field", field=name, column=name, why=RowError("shortened", cell=text))
        if has_one_sign and sign and self._signs[-sign] >= self._signs[sign]:
            raise RowError("other-sign", cell=shown)

    def _see_number(self, number: int, row: Row, told: Mapping[str, Any] | Refusal) -> None:
        whole = fingerprint_of(row.cells)
        if isinstance(told, RowError):
            self.flawed.setdefault(number, (row.number, told))
        if number in self._first:
            first, print_of_first, _ = self._first[number]
            self.many.setdefault(number, [first]).append(row.number)
            self._alike[number] = self._alike.get(number, True) and whole == print_of_first
        else:
            amount = told.get("amount", 0) if isinstance(told, Mapping) else 0
            self._first[number] = (row.number, whole, amount)

    def _see_time(self, item: Mapping[str, Any], columns: Columns) -> None:
        if isinstance(at := item.get("occurred_at"), datetime) and "day" not in columns.places:
            self.times += 1
            self.midnights += at.astimezone(columns.time_zone).time() == time()

    def _see_parts(self, item: Mapping[str, Any]) -> None:
        if base := base_of(str(item.get("reference", ""))):
            count, total = self._parts.get(number_of(base), (0, 0))
            self._parts[number_of(base)] = count + 1, total + item.get("amount", 0)

    def _see_end(self, row: Row, columns: Columns) -> None:
        if not row.is_open and len(row.cells) >= len(columns.header):
            self._ended += 1
            if len(self._shapes) < 2:
                self._shapes.add(shape_of(row.cells[len(columns.header) - 1]))

    def _see_ids(self, item: Mapping[str, Any]) -> None:
        for name in IDS & item.keys():
            text = item[name]
            if not isinstance(text, str) or not text.isdecimal():
                continue
            if text.startswith("0"):
                self._zero_led.setdefault(name, set()).add(len(text))
            if len(text) > MOST_DIGITS:
                seen = self._long.setdefault(name, [0, 0])
                seen[0] += 1
                seen[1] += is_shortened(text)


def number_of(reference: str) -> int:
    """What tells numbers apart: Ａ1 and a1 are A1."""
    return hash(unicodedata.normalize("NFKC", reference).casefold())


def base_of(reference: str) -> str:
    """A7 of A7-1, or nothing."""
    found = _PART.fullmatch(reference)
    return found[1] if found else ""


def shape_of(cell: Cell) -> tuple[int, int]:
    """How long a cell is, or how many decimals an amount has."""
    text = text_of(cell)
    whole, point, decimals = text.partition(".")
    return (0, len(decimals)) if point and (whole + decimals).isdecimal() else (len(text), 0)


def survey_of(told: Iterable[tuple[Row, Mapping[str, Any] | Refusal, str]], columns: Columns) -> Survey:
    """The survey of all rows, each with what it says and the number that it bears."""
    survey = Survey()
    for row, what, reference in told:
        survey.see(row, columns, what, reference)
    return survey


def is_shortened(text: str) -> bool:
    """Whether a number looks as if a spreadsheet had kept fifteen digits of it."""
    return len(text) > MOST_DIGITS and not text[MOST_DIGITS:].strip("0")


def fingerprint_of(row: Sequence[Cell]) -> int:
    """What tells the rows of a run apart."""
    texts = [text_of(cell) for cell in row]
    while texts and not texts[-1]:
        texts.pop()
    return hash(tuple(texts))


def root_of(error: Refusal) -> Refusal:
    """The refusal of a cell in that of its row."""
    inner = error.values.get("why")
    return root_of(inner) if isinstance(inner, Refusal) else error
