"""What a bank's file says became of payments: its rows found by the names of its columns, CSV or XLSX. Reads no database.

A row is a payment's by its mark, or else by account, amount and holder where that is one and no other: never by a guess.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from itertools import islice
from pathlib import Path
from typing import Literal, NamedTuple

from app.foundation.i18n import words as _l
from app.foundation.problems import ValidationFailed
from app.payments.bank_file.profiles import FileRow
from merchant_sdk.tables import TableError, open_table, plain, text_of

MOST_ROWS = 5_000
_NAMES = {
    "account": ("收款账号", "收款人账号", "账号", "account"),
    "holder": ("收款户名", "收款账号名称", "收款人名称", "户名", "holder"),
    "amount": ("金额", "交易金额", "amount"),
    "result": ("处理结果", "交易状态", "处理状态", "状态", "结果", "result"),
    "why": ("失败原因", "备注信息", "原因", "reason"),
    "reference": ("交易流水号", "流水号", "回单编号", "reference"),
    "purpose": ("用途", "汇款用途", "备注", "附言", "purpose"),
}
_NEEDED = ("account", "amount", "result")
_SUCCEEDED = ("成功", "已处理", "success")
_RETURNED = ("退票", "退汇", "returned")
_FAILED = ("失败", "拒绝", "作废", "fail")
Result = Literal["succeeded", "failed", "returned", "open"]


class OutcomeRow(NamedTuple):
    """A row of a bank's file. `amount` in minor units; None where it is none."""

    number: int
    account: str
    holder: str
    amount: int | None
    result: Result
    why: str | None
    reference: str | None
    purpose: str


def outcomes_in(content: bytes) -> list[OutcomeRow]:
    """The rows of a file. Raises ValidationFailed for what is no table, or lacks the columns."""
    with tempfile.NamedTemporaryFile(suffix=".table") as file:
        file.write(content)
        file.flush()
        try:
            return list(islice(_rows(Path(file.name)), MOST_ROWS))
        except TableError as error:
            raise _unfit() from error


def _unfit() -> ValidationFailed:
    return ValidationFailed.at(
        "/file", "no-table", _l("The bank's file needs columns for the account, the amount and the result.")
    )


def _rows(path: Path) -> Iterator[OutcomeRow]:
    table = open_table(path, lambda names: len(places_of(names, _NAMES).keys() & set(_NEEDED)), len(_NEEDED))
    places = places_of(table.header, _NAMES)
    if not places.keys() >= set(_NEEDED):
        raise _unfit()
    for row in table.rows():
        cells = [text_of(cell).strip().removeprefix("'") for cell in row.cells]
        said = {field: cells[place] if place < len(cells) else "" for field, place in places.items()}
        yield _row(row.number, said)


def places_of(names: Sequence[str], wanted: Mapping[str, Sequence[str]]) -> dict[str, int]:
    """Where the columns of some fields are, by the first of their names that there is."""
    by_name = {plain(name): place for place, name in reversed(list(enumerate(names)))}
    found = {
        field: next((by_name[plain(one)] for one in aliases if plain(one) in by_name), None)
        for field, aliases in wanted.items()
    }
    return {field: place for field, place in found.items() if place is not None}


def _row(number: int, said: Mapping[str, str]) -> OutcomeRow:
    return OutcomeRow(
        number,
        said["account"].replace(" ", ""),
        said.get("holder", ""),
        fen_of(said["amount"]),
        result_of(said["result"]),
        said.get("why") or None,
        said.get("reference") or None,
        said.get("purpose", ""),
    )


def fen_of(text: str) -> int | None:
    """Yuan as a bank writes them, in minor units; None for what isn't an amount."""
    try:
        amount = Decimal(text.replace(",", "").replace("¥", "").strip()) * 100
    except InvalidOperation:
        return None
    return int(amount) if amount.is_finite() and amount == amount.to_integral_value() else None


def result_of(text: str) -> Result:
    """What a bank's word for a result means; `open` for one that decides nothing."""
    words = text.lower()
    for result, known in (("returned", _RETURNED), ("failed", _FAILED), ("succeeded", _SUCCEEDED)):
        if any(one in words for one in known):
            return result  # type: ignore[return-value]
    return "open"


def matched(rows: Sequence[OutcomeRow], sent: Mapping[str, FileRow]) -> dict[int, str | None]:
    """The payment that each row is of, by the row's number; None for those that are of none, or might be of several."""
    return {row.number: _payment_of(row, sent) for row in rows}


def _payment_of(row: OutcomeRow, sent: Mapping[str, FileRow]) -> str | None:
    same = [
        payment
        for payment, one in sent.items()
        if (one.account_number, one.amount) == (row.account, row.amount) and row.holder in ("", one.holder)
    ]
    marked = [payment for payment in same if sent[payment].mark in row.purpose]
    found = marked or same
    return found[0] if len(found) == 1 else None
