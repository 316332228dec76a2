"""What a command makes of a file: its table, what the columns mean, and the judge of its rows."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import time, tzinfo
from itertools import islice
from pathlib import Path

from merchant_sdk._http.wire import encode
from merchant_sdk._tables.columns import Columns, SetAside
from merchant_sdk._tables.finding import find_columns
from merchant_sdk._tables.headers import CHINA, groups_met
from merchant_sdk._tables.judging import Judge
from merchant_sdk._tables.layouts import Layout
from merchant_sdk._tables.sheets import sheet_rows
from merchant_sdk._tables.tables import Table, open_table
from merchant_sdk._tables.words import RowError, TableError, say

SHOWN_ROWS = 10
TRIED_ROWS = 20
MOST_SHOPS = 5


@dataclass(frozen=True, slots=True)
class Options:
    """What is said of a table: `columns` by the field that they are, fields that are the same in all rows (`constants`), the
    zone of times without an offset, the `unit` of amounts (yuan or fen), the time of day of rows that name a day alone (`at`).

    `ignore`: columns that aren't read (`COLUMN`) or rows that are left out (`COLUMN=VALUE`). `is_now`: what has no time
    happened now. `is_summing`: rows that bear one number are lines of one receipt. `is_mixed`: sales and refunds in one.
    """

    columns: Mapping[str, str] = field(default_factory=dict)
    constants: Mapping[str, str] = field(default_factory=dict)
    time_zone: tzinfo = CHINA
    unit: str | None = None
    at: time | None = None
    ignore: Sequence[str] = ()
    profile: str | None = None
    sheet: str | None = None
    is_now: bool = False
    is_summing: bool = False
    is_mixed: bool = False


@dataclass(frozen=True, slots=True)
class Plan:
    """A table that can be reported."""

    table: Table
    columns: Columns
    judge: Judge

    def notes(self, language: str) -> Iterator[str]:
        """What whoever runs the command should know before: the bill, what isn't sent, which sheets aren't read."""
        if self.columns.profile:
            yield say("profile", language, name=self.columns.profile)
        of_lines = (
            {self.columns.header[place] for place in self.columns.lines.values()} if self.judge.is_summing else set()
        )
        if dropped := [name for name in self.columns.ignored if name not in of_lines]:
            yield say("not-sent", language, names=", ".join(dropped))
        if self.table.other_sheets:
            yield say("other-sheets", language, sheets=", ".join(sheet.name for sheet in self.table.other_sheets))

    def preview(self, language: str) -> tuple[list[str], int]:
        """The first rows as they would be sent, how many would be in all, and how many rows would be refused."""
        shown: list[str] = []
        items = rejected = 0
        for verdict in self.judge.verdicts():
            number = verdict.rows[0].number
            if verdict.item is not None:
                items += 1
                item = json.dumps(encode(verdict.item), ensure_ascii=False)
                line = say("would-send", language, number=number, item=item)
            elif isinstance(verdict.reason, SetAside):
                continue
            else:
                rejected += len(verdict.rows)
                line = say("would-refuse", language, number=number, why=verdict.reason)
            if len(shown) < SHOWN_ROWS:
                shown.append(line)
        return [*shown, say("would-count", language, items=items, rejected=rejected)], rejected


def plan_of(path: Path, layout: Layout, options: Options) -> Plan:
    """Reads what a file is. Raises TableError."""
    full = len(layout.needed)

    def fit(names: Sequence[str], profile: str | None = None) -> int:
        said = options.columns, options.constants
        return groups_met(names, layout, *said, is_now=options.is_now, profile=profile)

    table = open_table(path, lambda names: fit(names, options.profile), full, options.sheet)
    columns = find_columns(
        table.header,
        layout,
        given=options.columns,
        constants=options.constants,
        time_zone=options.time_zone,
        unit=options.unit,
        is_now=options.is_now,
        ignore=options.ignore,
        profile=options.profile,
        is_mixed=options.is_mixed,
        at=options.at,
    )
    _check_other_sheets(table, columns)
    judge = Judge(table.rows, columns, lambda names: fit(names) >= full, options.is_summing, table.rows_above())
    _check_shops(judge)
    return Plan(table, columns, judge)


def _check_shops(judge: Judge) -> None:
    """Raises TableError where sales of several shops would be reported for one."""
    columns, shops = judge.columns, sorted(judge.survey.shops)
    if columns.shop is not None and len(shops) > 1:
        column, shown = columns.header[columns.shop], ", ".join(shops[:MOST_SHOPS])
        raise TableError("many-shops", column=column, shops=shown, shop=shops[-1])


def _check_other_sheets(table: Table, columns: Columns) -> None:
    """Raises TableError where another sheet goes on with rows, without names of its own."""
    for sheet in table.other_sheets if table.chosen_sheet is None else ():
        for row in islice(sheet_rows(table.path, sheet), TRIED_ROWS):
            try:
                columns.item(row.cells)
            except (RowError, SetAside):
                continue
            names = ", ".join(one.name for one in (table.sheet, sheet) if one is not None)
            raise TableError("file", path=table.path, why=TableError("many-sheets", sheets=names))
