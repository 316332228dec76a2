"""What only a whole table tells: numbers that stand in several rows, zeros that were lost, which sign refunds bear."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from merchant_sdk._tables.cells import MOST_DIGITS, Cell, text_of
from merchant_sdk._tables.columns import IDS, Columns, SetAside
from merchant_sdk._tables.texts import Row
from merchant_sdk._tables.words import Refusal, RowError

OF_NO_LINE = frozenset(("is-void", "is-refund", "is-sale", "below-zero", "sums", "other-names", "below-other-names"))
"""Why a row is refused that is no line of the receipt whose number it bears."""
SURE_LENGTH, SURE_ROWS = 18, 3


@dataclass(slots=True)
class Survey:
    """What is known of all rows: their `count`, the rows of each number that stands in several, by its hash, and the
    names of shops."""

    count: int = 0
    many: dict[int, list[int]] = field(default_factory=dict)
    flawed: dict[int, tuple[int, RowError]] = field(default_factory=dict)
    shops: set[str] = field(default_factory=set)
    _first: dict[int, tuple[int, int]] = field(default_factory=dict)
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
            self._see_number(hash(reference), row, told)
        if isinstance(told, Mapping):
            self.shops |= columns.shop_of(row.cells)
            self._signs[columns.amount_sign(row.cells)] += 1
            self._see_ids(told)

    def rows_of(self, reference: str) -> Sequence[int]:
        """The rows that bear this number, if they are several."""
        return self.many.get(hash(reference), ())

    def are_alike(self, reference: str) -> bool:
        """Whether the rows that bear this number are the same in every cell."""
        return self._alike.get(hash(reference), True)

    def flaw_of(self, reference: str) -> tuple[int, RowError] | None:
        """The first row of this number that can't be taken, and why."""
        return self.flawed.get(hash(reference))

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
            first, print_of_first = self._first[number]
            self.many.setdefault(number, [first]).append(row.number)
            self._alike[number] = self._alike.get(number, True) and whole == print_of_first
        else:
            self._first[number] = (row.number, whole)

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
