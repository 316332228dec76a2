"""Layouts of files of payments that banks' pages for companies take. Pure.

The columns are those of public descriptions of the banks' templates (docs/settlement.en.md names them); account numbers are texts,
amounts yuan with two decimals, and no cell is a formula.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple

from app.foundation.files.tables import harmless
from app.foundation.files.workbooks import XLSX, as_xlsx

CSV = "text/csv"


class FileRow(NamedTuple):
    """One payment as a bank is told of it. `amount` in minor units; `mark` is what we know it by when it comes back."""

    number: int
    holder: str
    account_number: str
    bank: str
    bank_code: str
    amount: int
    mark: str

    @property
    def yuan(self) -> str:
        """The amount with two decimals."""
        return f"{Decimal(self.amount) / 100:.2f}"


Column = tuple[str, Callable[[FileRow], str]]


@dataclass(frozen=True, slots=True)
class BankProfile:
    """A layout: its columns in order, how it is written, how many rows it takes."""

    columns: Sequence[Column]
    most_rows: int
    encoding: str | None = None
    """Of a CSV; None for a workbook."""

    @property
    def media_type(self) -> str:
        """What the file is called."""
        return XLSX if self.encoding is None else CSV

    @property
    def suffix(self) -> str:
        """How its name ends."""
        return "xlsx" if self.encoding is None else "csv"


_HOLDER: Column = ("收款户名", lambda row: row.holder)
_ACCOUNT: Column = ("收款账号", lambda row: row.account_number)
_AMOUNT: Column = ("金额", lambda row: row.yuan)
_PURPOSE: Column = ("用途", lambda row: row.mark)
PROFILES: dict[str, BankProfile] = {
    "icbc": BankProfile(
        (
            ("收款账号开户行", lambda row: row.bank),
            ("收款账号", lambda row: row.account_number),
            ("收款账号名称", lambda row: row.holder),
            _AMOUNT,
            ("汇款用途", lambda row: row.mark),
            ("备注", lambda row: row.mark),
        ),
        1_000,
    ),
    "ccb": BankProfile(
        (
            ("序号", lambda row: str(row.number)),
            _ACCOUNT,
            _HOLDER,
            ("收款方开户行", lambda row: row.bank),
            _AMOUNT,
            _PURPOSE,
        ),
        1_000,
        "utf-8-sig",
    ),
    "cmb": BankProfile((_ACCOUNT, _HOLDER, _AMOUNT, _PURPOSE), 500, "gb18030"),
}
"""By the name that a batch is ordered by."""


def written(profile: BankProfile, rows: Sequence[FileRow]) -> bytes:
    """The file of some payments; the same rows give the same bytes."""
    names = [name for name, _ in profile.columns]
    cells = [[value(row) for _, value in profile.columns] for row in rows]
    if profile.encoding is None:  # whose texts no program takes for formulas
        return b"".join(as_xlsx([names, *cells]))
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(names)
    writer.writerows([harmless(cell) for cell in row] for row in cells)
    return out.getvalue().encode(profile.encoding)
