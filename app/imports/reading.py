"""A file as lines: what each of its rows would be recorded as, or why it is refused or left out. Reads no database."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import time
from functools import partial
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from marshmallow import Schema

from app.foundation.http.validation import load
from app.foundation.i18n import words as _l
from app.foundation.problems import DomainError, ValidationFailed
from app.imports import people
from app.imports.rules import MOST_UNPACKED
from app.transactions import schemas
from merchant_sdk.tables import (
    REFUNDS,
    SALES,
    Layout,
    Options,
    Refusal,
    Row,
    SetAside,
    TableError,
    Verdict,
    encode,
    header_of,
    plan_of,
    text_of,
)

_DESKS: Mapping[str, tuple[Layout, Schema]] = {
    "sales": (SALES, schemas.SALE),
    "refunds": (REFUNDS, schemas.REFUND),
}
_OPTION = re.compile(r"--([a-z-]+)")
_SETTINGS = {
    "map": ("columns", "列的对应"),
    "set": ("constants", "各行相同的值"),
    "at": ("at", "时刻"),
    "now": ("now", "现在发生"),
    "ignore": ("ignore", "不看的列"),
    "sheet": ("sheet", "工作表"),
    "unit": ("unit", "金额单位"),
    "time-zone": ("time_zone", "时区"),
    "profile": ("profile", "账单格式"),
    "sum-lines": ("sum_lines", "同号合并为一单"),
    "negative-are-refunds": ("mixed", "交易与退款在一张表里"),
}
"""What the command calls its options, and what we call them; in Chinese as the console does."""
Reason = dict[str, Any]
"""Why a row isn't recorded: `code`, and its words in both languages; or a problem, to be told again."""


@dataclass(frozen=True, slots=True)
class FileLine:
    """What some rows of a file come to; nearly always one. `item`: as JSON, for who records it."""

    number: int
    rows: int
    status: str
    item: dict[str, Any] | None
    reason: Reason | None
    cells: list[list[str]]


@dataclass(frozen=True, slots=True)
class Reading:
    """What a file holds: the names of its columns, which of them is which field, and its lines."""

    header: list[str]
    fields: dict[str, str]
    lines: Iterator[FileLine]


def read_file(path: Path, kind: str, settings: Mapping[str, Any], zone: ZoneInfo) -> Reading:
    """Reads a file as its settings say. Raises TableError and ValidationFailed, the first also in the midst of the lines."""
    _check_unpacked(path)
    if kind not in _DESKS:
        table = people.open_list(path, kind, settings)
        return Reading(list(table.header), table.fields, map(_line_of_list, table.entries()))
    layout, schema = _DESKS[kind]
    plan = plan_of(path, layout, options_of(settings, zone))
    fields = {name: plan.columns.header[place] for name, place in plan.columns.places.items()}
    lines = (_line(verdict, schema) for verdict in plan.judge.verdicts())
    return Reading(list(plan.columns.header), fields, lines)


def names_in(path: Path) -> list[str]:
    """What may be the names of the columns of a file that can't be read as it was said; none where it is no table."""
    try:
        return [name for name in header_of(path) if name]
    except TableError:
        return []


def options_of(settings: Mapping[str, Any], zone: ZoneInfo) -> Options:
    """What is said of a table, as the reader wants it."""
    at = settings.get("at")
    return Options(
        columns={column: field for field, column in settings.get("columns", {}).items()},
        constants=settings.get("constants", {}),
        time_zone=ZoneInfo(settings["time_zone"]) if settings.get("time_zone") else zone,
        unit=settings.get("unit"),
        at=time.fromisoformat(at) if at else None,
        ignore=settings.get("ignore", ()),
        profile=settings.get("profile"),
        sheet=settings.get("sheet"),
        is_now=settings.get("now", False),
        is_summing=settings.get("sum_lines", False),
        is_mixed=settings.get("mixed", False),
    )


def told(refusal: Refusal) -> Reason:
    """A refusal of the reader's, as it is kept: without the file's path, and with our names for what may be said of a table."""
    inner = refusal.values.get("why")
    if refusal.code == "file" and isinstance(inner, Refusal):
        refusal = inner
    said = {language: _OPTION.sub(partial(_setting, language), refusal.say(language)) for language in ("zh", "en")}
    return {"code": refusal.code, **said}


def _setting(language: str, found: re.Match[str]) -> str:
    english, chinese = _SETTINGS.get(found[1], (found[1], found[1]))
    return f"“{chinese}”" if language == "zh" else f"`{english}`"


def _line(verdict: Verdict, schema: Schema) -> FileLine:
    if verdict.reason is not None:
        status = "left-out" if isinstance(verdict.reason, SetAside) else "refused"
        return line_of(verdict.rows, status, reason=told(verdict.reason))
    item = encode(verdict.item)
    return _checked(verdict.rows, item, schema)


def _line_of_list(entry: people.ListEntry) -> FileLine:
    if entry.reason is not None:
        return line_of((entry.row,), "refused", reason=told(entry.reason))
    return _checked((entry.row,), entry.item or {}, entry.schema)


def _checked(rows: tuple[Row, ...], item: dict[str, Any], schema: Schema) -> FileLine:
    """A line whose item the product takes, or that is refused as a call with it would be."""
    try:
        load(schema, item)
    except DomainError as error:
        return line_of(rows, "refused", reason={"problem": error.as_kept()})
    return line_of(rows, "waiting", item=item)


def line_of(
    rows: tuple[Row, ...], status: str, *, item: dict[str, Any] | None = None, reason: Reason | None = None
) -> FileLine:
    """A line of some rows."""
    cells = [[text_of(cell) for cell in row.cells] for row in rows]
    return FileLine(rows[0].number, len(rows), status, item, reason, cells)


def _check_unpacked(path: Path) -> None:
    """Raises ValidationFailed for a packed file that would be too large; what isn't packed is no larger than it came."""
    if not zipfile.is_zipfile(path):
        return
    try:
        with zipfile.ZipFile(path) as archive:
            unpacked = sum(one.file_size for one in archive.infolist())
    except (zipfile.BadZipFile, OSError) as error:
        raise TableError("no-book", why=error) from error
    if unpacked > MOST_UNPACKED:
        raise ValidationFailed.at("/file", "too-large", _l("Unpacked this file is too large: divide it."))
