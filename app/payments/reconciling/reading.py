"""A bank's statement as lines: CSV or XLSX, its columns found by their names. Reads no database."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from itertools import islice
from pathlib import Path

from app.foundation.i18n import words as _l
from app.foundation.problems import ValidationFailed
from app.payments.bank_file.reading import fen_of, places_of
from app.payments.reconciling.rules import BankLine, counted
from merchant_sdk.tables import TableError, open_table, text_of

MOST_ROWS = 20_000
_NAMES = {
    "day": ("交易日期", "记账日期", "入账日期", "日期", "交易时间", "date"),
    "in": ("贷方发生额", "收入金额", "收入", "贷方", "credit"),
    "out": ("借方发生额", "支出金额", "支出", "借方", "debit"),
    "amount": ("交易金额", "发生额", "金额", "amount"),
    "holder": ("对方户名", "对方账户名称", "对方名称", "户名", "counterparty"),
    "purpose": ("摘要", "用途", "附言", "备注", "purpose"),
    "reference": ("交易流水号", "流水号", "凭证号", "reference"),
}
_DAY = re.compile(r"(\d{4})\D?(\d{1,2})\D?(\d{1,2})")


def lines_in(content: bytes) -> tuple[list[BankLine], list[int]]:
    """The lines of a statement, and the numbers of rows that are none. Raises ValidationFailed."""
    with tempfile.NamedTemporaryFile(suffix=".table") as file:
        file.write(content)
        file.flush()
        try:
            rows = list(islice(_rows(Path(file.name)), MOST_ROWS))
        except TableError as error:
            raise _unfit() from error
    return counted(line for _, line in rows if line is not None), [number for number, line in rows if line is None]


def _unfit() -> ValidationFailed:
    words = _l("The statement needs columns for the day, and the amount or what came in and went out.")
    return ValidationFailed.at("/file", "no-table", words)


def _fit(names: Sequence[str]) -> int:
    places = places_of(names, _NAMES)
    return ("day" in places) + ("amount" in places or {"in", "out"} <= places.keys())


def _rows(path: Path) -> Iterator[tuple[int, BankLine | None]]:
    table = open_table(path, _fit, 2)
    if _fit(table.header) < 2:
        raise _unfit()
    places = places_of(table.header, _NAMES)
    for row in table.rows():
        cells = [text_of(cell).strip() for cell in row.cells]
        yield row.number, _line({name: cells[place] if place < len(cells) else "" for name, place in places.items()})


def _line(said: Mapping[str, str]) -> BankLine | None:
    day, amount = _day(said["day"]), _amount(said)
    if day is None or not amount:
        return None
    return BankLine(day, amount, said.get("reference", ""), said.get("holder", ""), said.get("purpose", ""))


def _amount(said: Mapping[str, str]) -> int | None:
    if "in" in said and "out" in said:
        came, went = fen_of(said["in"] or "0"), fen_of(said["out"] or "0")
        return None if came is None or went is None else came - went
    return fen_of(said["amount"])


def _day(text: str) -> date | None:
    found = _DAY.match(text)
    try:
        return date(*map(int, found.groups())) if found else None
    except ValueError:
        return None
