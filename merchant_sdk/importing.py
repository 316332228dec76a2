"""A table's rows as sales or refunds, to the server: bad rows never stop good ones, and a run goes on where the last one ended."""

from __future__ import annotations

import csv
import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from merchant_sdk import batches
from merchant_sdk.columns import Columns, RowError, text_of
from merchant_sdk.errors import ApiError
from merchant_sdk.journal import Journal
from merchant_sdk.progress import Progress
from merchant_sdk.refund_answers import RefundResult
from merchant_sdk.sale_answers import BatchResult
from merchant_sdk.tables import Row, Table
from merchant_sdk.wire import encode

BATCH_SIZE = 200
MOST_BYTES = 16 << 10
"""Of one row; 200 of them are well below what the server takes."""
Result = BatchResult | RefundResult


class Sends(Protocol):
    """`transactions.report_batch` or `.refund_batch`."""

    def __call__(
        self,
        items: Iterable[Mapping[str, object]],
        /,
        *,
        batch_size: int,
        workers: int,
        on_progress: batches.Progress,
    ) -> Iterator[Result]:
        """Sends items in batches, and gives what became of each."""


@dataclass(slots=True)
class Totals:
    """Rows: `recorded` now, `known` to the server before, recorded in a run `before`, and `rejected`."""

    recorded: int = 0
    known: int = 0
    before: int = 0
    rejected: int = 0

    @property
    def answered(self) -> int:
        """Rows that are done with."""
        return self.recorded + self.known + self.before + self.rejected


@dataclass(slots=True)
class Import:
    """One run."""

    send: Sends
    table: Table
    columns: Columns
    journal: Journal
    progress: Progress
    totals: Totals = field(default_factory=Totals)
    refused: list[tuple[int, Row, str]] = field(default_factory=list)
    _sent: dict[int, tuple[int, Row]] = field(default_factory=dict)
    _recorded: list[int] = field(default_factory=list)

    def run(self) -> None:
        """Sends every row that isn't recorded yet. Raises QuantongError; what was answered is noted all the same."""
        self.totals.before = len(self.journal.done)
        self.progress.begin(self.totals.before)
        # One worker: a day's limits count sales in the order of the file.
        results = self.send(self._items(), batch_size=BATCH_SIZE, workers=1, on_progress=lambda _: self._note())
        try:
            for result in results:
                self._take(result)
        finally:
            self._note()
            self.progress.end()

    def _items(self) -> Iterator[dict[str, Any]]:
        index = 0
        for number, row in self.table.rows():
            if number in self.journal.done:
                continue
            try:
                item = self.columns.item(row)
                _check_size(item)
            except RowError as error:
                self._refuse(number, row, str(error))
                continue
            self._sent[index] = (number, row)
            index += 1
            yield item

    def _take(self, result: Result) -> None:
        number, row = self._sent.pop(result.index)
        if result.error is not None:
            self._refuse(number, row, words_of(result.error))
            return
        self._recorded.append(number)
        if result.status == 200:
            self.totals.known += 1
        else:
            self.totals.recorded += 1
        self.progress.advance(1)

    def _refuse(self, number: int, row: Row, reason: str) -> None:
        self.refused.append((number, row, reason))
        self.totals.rejected += 1
        self.progress.advance(1)

    def _note(self) -> None:
        self.journal.add(self._recorded)
        self._recorded.clear()


def journal_key(table: Table, columns: Columns, base_url: str, api_key: str) -> str:
    """What a journal is of: a content, how it is read, and where it goes."""
    parts: list[object] = [table.digest, sorted(columns.places.items()), sorted(columns.constants.items())]
    parts += [str(columns.time_zone), columns.is_fen, base_url, api_key]
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


def write_rejected(path: Path, table: Table, why: str, refused: list[tuple[int, Row, str]]) -> None:
    """The refused rows as they were, with the reason (column `why`); if there are none, an earlier run's file goes."""
    if not refused:
        path.unlink(missing_ok=True)
        return
    width = len(table.header)
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow([*table.header, why])
        for _, row, reason in sorted(refused, key=lambda one: one[0]):
            cells = [text_of(cell) for cell in row]
            writer.writerow([*cells[:width], *[""] * (width - len(cells)), reason, *cells[width:]])


def words_of(error: ApiError) -> str:
    """A refusal in words for who keeps the table."""
    flaws = "; ".join(f"{flaw.pointer.lstrip('/')}: {flaw.detail or flaw.code}" for flaw in error.errors)
    return f"{error.status} {error.code}: {flaws or error.detail}"


def _check_size(item: dict[str, Any]) -> None:
    try:
        size = len(json.dumps(encode(item), ensure_ascii=False).encode())
    except UnicodeEncodeError:
        raise RowError("half a character that can't be sent") from None
    if size > MOST_BYTES:
        raise RowError("its cells are too long")
