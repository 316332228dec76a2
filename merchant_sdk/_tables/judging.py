"""Rows as sales or refunds, or the reasons why they are none: every row of a table ends in one verdict. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from merchant_sdk._http.wire import encode
from merchant_sdk._tables.cells import Cell
from merchant_sdk._tables.columns import Columns, SetAside, content_or_text
from merchant_sdk._tables.headers import MONEY, known_names, plain
from merchant_sdk._tables.layouts import SALES
from merchant_sdk._tables.surveying import Survey, fingerprint_of, number_of, survey_of
from merchant_sdk._tables.texts import Row
from merchant_sdk._tables.words import Refusal, RowError

MOST_BYTES = 16 << 10
"""Of one sale or refund; 200 of them are well below what the server takes."""
MOST_NUMBERS = 8
MOST_LINES = 500
_MARK = re.compile(r"\s*[-–—·•*>└├│+]")
"""What stands before the names of a set's parts."""
SUMS_OF_A_BILL = "总交易单数"
"""Where the sums of a WeChat Pay bill begin: these names, and a row of figures below."""

Told = Mapping[str, Any] | Refusal


@dataclass(frozen=True, slots=True)
class Verdict:
    """What becomes of rows: an `item` to be sent, or a `reason` (a SetAside where they are left out on purpose)."""

    rows: tuple[Row, ...]
    item: dict[str, Any] | None = None
    reason: Refusal | None = None


@dataclass(slots=True)
class Judge:
    """Judges the rows of one table; `read` gives them anew each time. `is_names` tells whether cells name columns.

    `is_summing`: rows that bear one number are lines of one receipt. `above` are what stands above the names.
    """

    read: Callable[[], Iterable[Row]]
    columns: Columns
    is_names: Callable[[Sequence[str]], bool]
    is_summing: bool = False
    above: Sequence[Row] = ()
    survey: Survey = field(init=False)

    def __post_init__(self) -> None:
        self.survey = survey_of(self._told(), self.columns)

    def verdicts(self) -> Iterator[Verdict]:
        """One verdict for each row, or for the rows of a receipt together; in the order of their last rows."""
        receipts: dict[int, list[tuple[Row, dict[str, Any]]]] = {}
        seen: dict[int, int] = {}
        for row, told, _ in self._told():
            if isinstance(told, Refusal):
                yield Verdict((row,), reason=told)
                continue
            item = self._timed(dict(told))
            rows = self.survey.rows_of(str(item.get("reference", "")))
            if self.is_summing:
                number = number_of(str(item.get("reference", "")))
                lines = receipts.setdefault(number, [])
                lines.append((row, item))
                if self._is_last(row, rows):
                    yield self._receipt(receipts.pop(number))
            else:
                yield self._single(row, item, rows, seen)
        for lines in receipts.values():  # the last row of the receipt was refused by itself
            yield self._receipt(lines)

    def _timed(self, item: dict[str, Any]) -> dict[str, Any]:
        """The item at the time of day that was said, where the table tells days alone."""
        columns = self.columns
        if self.survey.are_days and columns.at is not None and "occurred_at" in item:
            day = item["occurred_at"].astimezone(columns.time_zone).date()
            item["occurred_at"] = datetime.combine(day, columns.at, columns.time_zone).astimezone(UTC)
        return item

    def _is_last(self, row: Row, rows: Sequence[int]) -> bool:
        return not rows or row.number == rows[-1]

    def _single(self, row: Row, item: dict[str, Any], rows: Sequence[int], seen: dict[int, int]) -> Verdict:
        try:
            self._check(row, item)
            if rows and not self.survey.are_alike(item["reference"]):
                raise RowError("many-rows", numbers=_listed(rows))
            if rows:
                first = seen.setdefault(fingerprint_of(row.cells), row.number)
                if first != row.number:
                    raise RowError("twice", number=first)
        except RowError as error:
            return Verdict((row,), reason=error)
        return Verdict((row,), item)

    def _receipt(self, lines: Sequence[tuple[Row, dict[str, Any]]]) -> Verdict:
        rows = tuple(row for row, _ in lines)
        try:
            flaw = self.survey.flaw_of(lines[0][1]["reference"])
            if flaw is not None:
                raise RowError("line-refused", number=flaw[0], why=flaw[1])
            item = self._sum(lines)
            self._check(rows[0], item)
        except RowError as error:
            return Verdict(rows, reason=error)
        return Verdict(rows, item)

    def _sum(self, lines: Sequence[tuple[Row, dict[str, Any]]]) -> dict[str, Any]:
        """The receipt of its lines: amounts added up, the latest time, and nothing else that differs. Raises RowError."""
        self._check_lines(lines)
        whole: dict[str, Any] = {}
        for _, item in lines:
            for name, value in item.items():
                if name in MONEY:
                    whole[name] = whole.get(name, 0) + value
                elif name == "occurred_at":
                    whole[name] = max(value, whole.get(name, value))
                elif whole.setdefault(name, value) != value:
                    raise RowError("lines-differ", numbers=_listed([row.number for row, _ in lines]), field=name)
        of_refunds = self.columns.layout.may_be_negative
        for name in MONEY:
            if name in whole and not all(name in item for _, item in lines):
                raise RowError("lines-differ", numbers=_listed([row.number for row, _ in lines]), field=name)
            if of_refunds and name in whole:
                whole[name] = abs(whole[name])
            elif whole.get(name, 0) < 0:
                raise RowError("below-zero", cell=f"{whole[name] / 100:.2f}")
        items = [{**self.columns.line(row.cells), "amount": item["amount"]} for row, item in lines if "amount" in item]
        is_told = self.columns.lines and len(items) <= MOST_LINES and all(item["amount"] >= 0 for item in items)
        return {**whole, "items": items} if is_told and self.columns.layout is SALES else whole

    def _check_own_amounts(self, lines: Sequence[tuple[Row, dict[str, Any]]]) -> None:
        """Raises RowError where each line may say the amount of the whole receipt."""
        paid = [(row, item["amount"]) for row, item in lines if item.get("amount")]
        column = self.columns.amount_of_a_whole
        if len(paid) > 1 and len({amount for _, amount in paid}) == 1 and column is not None:
            shown, rows = self.columns.said("amount", paid[0][0].cells), [row.number for row, _ in lines]
            raise RowError("whole-repeated", numbers=_listed(rows), column=column, cell=shown)

    def _check_lines(self, lines: Sequence[tuple[Row, dict[str, Any]]]) -> None:
        """Raises RowError where lines may say more than once what was paid once."""
        self._check_own_amounts(lines)
        rows = [row for row, _ in lines]
        amounts = [item.get("amount", 0) for _, item in lines]
        names = [self.columns.line(row.cells).get("name", "") for row in rows]
        for place, amount in enumerate(amounts):
            rest = names[:place] + names[place + 1 :]
            is_above = not names[place] or all(re.match(_MARK, name) for name in rest)
            if amount and 2 * amount == sum(amounts) and rest and all(rest) and is_above:
                raise RowError("whole-among", number=rows[place].number, numbers=_listed([row.number for row in rows]))
        prints = [fingerprint_of(row.cells) for row in rows]
        half, is_odd = divmod(len(rows), 2)
        if not is_odd and prints[:half] == prints[half:] and len(set(prints)) > 1:
            first, second = (_listed([row.number for row in part]) for part in (rows[:half], rows[half:]))
            raise RowError("lines-twice", first=first, second=second)

    def _check(self, row: Row, item: Mapping[str, Any]) -> None:
        if self.survey.is_torn(row, self.columns):
            raise RowError("torn", cell=content_or_text(row.cells[len(self.columns.header) - 1]))
        if self.survey.are_days and self.columns.at is None:
            raise RowError("days-alone")
        if self.columns.layout is SALES and (whole := self.survey.whole_of(item)):
            raise RowError("parted", whole=whole)
        has_one_sign = self.columns.layout.may_be_negative and not self.columns.is_mixed
        sign = self.columns.amount_sign(row.cells)
        self.survey.check(item, sign, has_one_sign=has_one_sign, shown=self.columns.said("amount", row.cells))
        check_size(item)

    def _told(self) -> Iterator[tuple[Row, Told, str]]:
        """Each row with what it says by itself, and the number that it bears or continues."""
        above: Sequence[Cell] | None = None
        for row, reason in self._read():
            if reason is not None:
                above = None if isinstance(reason, SetAside) else row.cells
                yield row, reason, self.columns.said("reference", above or ())
                continue
            cells = above = self.columns.continued(row.cells, above)
            told = self._told_of(cells if self.is_summing else row.cells)
            yield row, told, self.columns.said("reference", cells)

    def _read(self) -> Iterator[tuple[Row, Refusal | None]]:
        """Each row, with the reason why it is none of this table's."""
        names = set(known_names(self.columns.layout))
        yield from ((row, RowError("above-names")) for row in self.above if self._is_item(row))
        below_other, is_below = 0, True
        is_sums = False
        for row in self.read():
            texts = [content_or_text(cell) for cell in row.cells]
            is_figures, is_sums = is_sums, texts[:1] == [SUMS_OF_A_BILL]
            is_first, is_below = is_below, False
            if is_sums or is_figures or self._is_no_row(row, texts) or (is_first and self._names_the_same(texts)):
                yield row, SetAside("aside-lines")
            elif below_other:
                yield row, RowError("below-other-names", number=below_other)
            elif any(plain(text) in names for text in texts) and self.is_names(texts):
                below_other = row.number
                yield row, RowError("other-names")
            else:
                yield row, row.flaw

    def _names_the_same(self, texts: Sequence[str]) -> bool:
        """Whether cells are other names of the same columns, as those in two languages are."""
        known, places = known_names(self.columns.layout), self.columns.places
        named = {name: known.get(plain(texts[place])) for name, place in places.items() if place < len(texts)}
        return len(named) == len(places) and all(name == said for name, said in named.items())

    def _is_item(self, row: Row) -> bool:
        return row.flaw is None and isinstance(self._told_of(row.cells), Mapping)

    def _is_no_row(self, row: Row, texts: Sequence[str]) -> bool:
        """Whether a line is the names again, or one of a bill's remarks."""
        if tuple(" ".join(text.split()) for text in texts) == self.columns.header:
            return True
        filled = [text for text in texts if text]
        return len(filled) == 1 and len(row.cells) == 1 and bool(re.match("#|-{5,}", filled[0])) and row.flaw is None

    def _told_of(self, cells: Sequence[Cell]) -> Told:
        try:
            return self.columns.item(cells, is_line=self.is_summing)
        except (RowError, SetAside) as refusal:
            return refusal


def check_size(item: Mapping[str, Any]) -> None:
    """Raises RowError for what is too long for a call, or is no text."""
    try:
        size = len(json.dumps(encode(item), ensure_ascii=False).encode())
    except UnicodeEncodeError:
        raise RowError("half-a-character") from None
    if size > MOST_BYTES:
        raise RowError("too-long")


def _listed(numbers: Sequence[int]) -> str:
    shown = ", ".join(map(str, numbers[:MOST_NUMBERS]))
    return f"{shown}, …" if len(numbers) > MOST_NUMBERS else shown
