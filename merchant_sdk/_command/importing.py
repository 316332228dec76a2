"""A table's rows as sales or refunds, to the server: bad rows never stop good ones, and a run goes on where the last one ended."""

from __future__ import annotations

import csv
import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from merchant_sdk._answers.refunds import RefundResult
from merchant_sdk._answers.sales import BatchResult
from merchant_sdk._calls import batches
from merchant_sdk._command.journal import Journal
from merchant_sdk._command.progress import Progress
from merchant_sdk._http.errors import ApiError
from merchant_sdk._tables.cells import text_of
from merchant_sdk._tables.columns import Columns, SetAside
from merchant_sdk._tables.judging import Judge
from merchant_sdk._tables.tables import Table
from merchant_sdk._tables.texts import Row
from merchant_sdk._tables.words import Refusal

BATCH_SIZE = 200
Result = BatchResult | RefundResult
Reason = Refusal | str
"""Why a row is refused: by this side in either language, or by the server in its own words."""


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
    """Rows: `recorded` now, `known` to the server before, recorded in a run `before`, `rejected` (of them `twice` in the
    file), and left out on purpose (`aside`, by its reason)."""

    recorded: int = 0
    known: int = 0
    before: int = 0
    rejected: int = 0
    twice: int = 0
    aside: Counter[tuple[str, str]] = field(default_factory=Counter)

    @property
    def answered(self) -> int:
        """Rows that are done with."""
        return self.recorded + self.known + self.before + self.rejected + self.aside.total()


@dataclass(slots=True)
class Import:
    """One run."""

    send: Sends
    judge: Judge
    journal: Journal
    progress: Progress
    totals: Totals = field(default_factory=Totals)
    refused: list[tuple[Row, Reason]] = field(default_factory=list)
    set_aside: dict[tuple[str, str], SetAside] = field(default_factory=dict)
    _sent: dict[int, tuple[Row, ...]] = field(default_factory=dict)
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
        for verdict in self.judge.verdicts():
            if all(row.number in self.journal.done for row in verdict.rows):
                continue
            if isinstance(verdict.reason, SetAside):
                self._leave(verdict.rows, verdict.reason)
            elif verdict.reason is not None:
                self._refuse(verdict.rows, verdict.reason)
            elif verdict.item is not None:
                self._sent[index] = verdict.rows
                index += 1
                yield verdict.item

    def _take(self, result: Result) -> None:
        rows = self._sent.pop(result.index)
        if result.error is not None:
            self._refuse(rows, words_of(result.error))
            return
        self._recorded.extend(row.number for row in rows)
        if result.status == 200:
            self.totals.known += len(rows)
        else:
            self.totals.recorded += len(rows)
        self.progress.advance(len(rows))

    def _refuse(self, rows: tuple[Row, ...], reason: Reason) -> None:
        self.refused.extend((row, reason) for row in rows)
        self.totals.rejected += len(rows)
        self.totals.twice += isinstance(reason, Refusal) and reason.code == "twice"
        self.progress.advance(len(rows))

    def _leave(self, rows: tuple[Row, ...], reason: SetAside) -> None:
        kind = (reason.code, str(reason))
        self.set_aside.setdefault(kind, reason)
        self.totals.aside[kind] += len(rows)
        self.progress.advance(len(rows))

    def _note(self) -> None:
        self.journal.add(self._recorded)
        self._recorded.clear()


def journal_key(table: Table, columns: Columns, base_url: str, api_key: str, *, is_summing: bool) -> str:
    """What a journal is of: a content, how it is read, and where it goes."""
    parts: list[object] = [table.digest, sorted(columns.places.items()), sorted(columns.constants.items())]
    parts += [
        table.sheet.name if table.sheet else None,
        sorted(columns.scales.items()),
        sorted({**columns.telling, **columns.words}),
    ]
    parts += [columns.left_out, columns.is_mixed, columns.profile, is_summing, str(columns.at)]
    parts += [str(columns.time_zone), base_url, api_key]
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


def write_rejected(path: Path, table: Table, why: str, refused: list[tuple[Row, Reason]], language: str) -> None:
    """The refused rows as they were, with the reason (column `why`); if there are none, an earlier run's file goes."""
    if not refused:
        path.unlink(missing_ok=True)
        return
    width = len(table.header)
    with path.open("w", encoding="utf-8-sig", errors="replace", newline="") as file:
        writer = csv.writer(file)
        writer.writerow([*table.header, why])
        for row, reason in sorted(refused, key=lambda one: one[0].number):
            cells = [text_of(cell) for cell in row.cells]
            told = reason.say(language) if isinstance(reason, Refusal) else reason
            writer.writerow([*cells[:width], *[""] * (width - len(cells)), told, *cells[width:]])


def words_of(error: ApiError) -> str:
    """A refusal in words for who keeps the table."""
    flaws = "; ".join(f"{flaw.pointer.lstrip('/')}: {flaw.detail or flaw.code}" for flaw in error.errors)
    return f"{error.status} {error.code}: {flaws or error.detail}"
