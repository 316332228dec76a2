"""Imports as they are answered."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from merchant_sdk._answers.reading import INSTANT, TUPLE, Answer, many, one


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportProgress(Answer):
    """Rows that have met their end, of all."""

    done: int = 0
    total: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportReason(Answer):
    """Why a row isn't recorded, or a file can't be read: a stable code, and words."""

    code: str
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportRow(Answer):
    """Some `rows` of a file, the first of which is `number`: nearly always one. Phones and names in `item` are masked."""

    number: int
    rows: int
    status: str
    item: Mapping[str, Any] | None = field(default=None, hash=False)
    made_id: str | None = None
    reason: ImportReason | None = field(default=None, metadata=one(ImportReason))


@dataclass(frozen=True, slots=True, kw_only=True)
class Import(Answer):
    """A table that is recorded row by row. `columns` are the file's, `fields` which of them is which field.

    Rows are `recorded`, were `known` before, are `refused`, or `left_out` on purpose. `flaw`: why a file can't be read.
    `preview`: the first rows, of an import that is read by itself.
    """

    id: str
    kind: str
    source: str = ""
    file_name: str = ""
    status: str
    settings: Mapping[str, Any] = field(default_factory=dict, hash=False)
    columns: tuple[str, ...] = field(default=(), metadata=TUPLE)
    fields: Mapping[str, str] = field(default_factory=dict, hash=False)
    flaw: ImportReason | None = field(default=None, metadata=one(ImportReason))
    progress: ImportProgress | None = field(default=None, metadata=one(ImportProgress))
    recorded: int = 0
    known: int = 0
    refused: int = 0
    left_out: int = 0
    undone: int = 0
    can_be_undone: bool = False
    preview: tuple[ImportRow, ...] = field(default=(), metadata=many(ImportRow))
    created_at: datetime = field(metadata=INSTANT)
    finished_at: datetime | None = field(default=None, metadata=INSTANT)
    rows_kept_until: datetime = field(metadata=INSTANT)
