"""Columns of exported lists: how a value that the API shows stands in a spreadsheet. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import orjson

from app.foundation.clock import parse_instant
from app.foundation.files.tables import Cell
from app.foundation.i18n import Words

Shown = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its name, the path of its value in what is shown (`tier.name`), and how that is written."""

    name: Words
    path: str
    write: Callable[[Any, ZoneInfo], Cell]

    def cell(self, shown: Shown, zone: ZoneInfo) -> Cell:
        """The cell of a row; empty where there is nothing."""
        value: Any = shown
        for step in self.path.split("."):
            value = value.get(step) if isinstance(value, Mapping) else None
        return None if value is None else self.write(value, zone)


def _as_it_is(value: Any, _zone: ZoneInfo) -> Cell:
    return value if isinstance(value, int | float) else str(value)


def _in_yuan(value: Any, _zone: ZoneInfo) -> Cell:
    return Decimal(value).scaleb(-2)


def _local(value: Any, zone: ZoneInfo) -> Cell:
    instant = value if isinstance(value, datetime) else parse_instant(value)
    return f"{instant.astimezone(zone):%Y-%m-%d %H:%M:%S}"


def _listed(value: Any, _zone: ZoneInfo) -> Cell:
    return ", ".join(one if isinstance(one, str) else orjson.dumps(one).decode() for one in value)


def _as_json(value: Any, _zone: ZoneInfo) -> Cell:
    return orjson.dumps(value).decode() if value else None


def plain(name: Words, path: str) -> Column:
    """Texts and whole numbers."""
    return Column(name, path, _as_it_is)


def money(name: Words, path: str) -> Column:
    """Minor units, in units."""
    return Column(name, path, _in_yuan)


def instant(name: Words, path: str) -> Column:
    """Instants as local times of the district."""
    return Column(name, path, _local)


def listed(name: Words, path: str) -> Column:
    """Several values, with commas."""
    return Column(name, path, _listed)


def in_json(name: Words, path: str) -> Column:
    """What has no form of its own."""
    return Column(name, path, _as_json)


def cells(columns: Sequence[Column], shown: Shown, zone: ZoneInfo) -> list[Cell]:
    """A row."""
    return [one.cell(shown, zone) for one in columns]
