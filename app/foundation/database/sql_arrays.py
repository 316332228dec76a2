"""Arrays as PostgreSQL reads them, made quickly: what a set-based statement unnests.

psycopg can dump lists itself, element by element with type look-ups; for the sets of sales that cost more than the
database's own work. Ids, bytes and JSON go in the binary format (`array_recv`): reading the text of an id costs PostgreSQL
ten times as much, and a sale has twenty; JSON in quotes costs it twice as much. The rest are literals (documentation, 8.15.6): a JSON list of numbers, instants or
texts is nearly the same, and made in no time. Statements cast each array (`%(ids)s::uuid[]`, see `rows_of`). A column of
nothing but None becomes NULL, which `unnest` pads with nulls.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from struct import Struct
from typing import Any

import orjson
from psycopg.adapt import Dumper
from psycopg.pq import Format

_HEAD = Struct(">iiiii")
"""Dimensions, whether there are nulls, the elements' type, how many there are, the first one's number."""
_BYTEA, _UUID, _JSONB = 17, 2950, 3802
_JSONB_VERSION = b"\x01"
_ID = "00000010"
"""The length of an id, before each."""
_NULL = b"\xff\xff\xff\xff"
_BYTES_OF_ID = 20


class Packed(bytes):
    """An array in PostgreSQL's binary format."""

    __slots__ = ()


class PackedDumper(Dumper):
    """Lets psycopg send `Packed` as it is; its type follows from the statement's cast."""

    format = Format.BINARY

    def dump(self, obj: Packed) -> Packed:
        """The same."""
        return obj


def rows_of(**types: str) -> str:
    """The rows of array parameters, to stand in FROM: a column for each, named and ordered as given.

    `unnest(a, b)` in FROM would keep every array in a tuple store of its own; in a SELECT list it costs a fifth of that.
    """
    return f"(SELECT {', '.join(f'unnest(%({name})s::{type_}[]) AS {name}' for name, type_ in types.items())})"


def unnested(**types: str) -> str:
    """Array parameters as the VALUES of an INSERT: a column for each, as given, and a row for each of their places.

    Nothing may stand around them. Where districts are spread over servers such an INSERT goes to the district's own as it
    is; one from a SELECT would be copied row by row, past row-level security, which refuses that (docs/scaling.md).
    """
    return ", ".join(f"unnest(%({name})s::{type_}[])" for name, type_ in types.items())


def id_array(ids: Sequence[str | None]) -> Packed | None:
    """Public ids, or bare hexadecimal ones, for uuid[]."""
    try:
        elements = bytes.fromhex(_ID + _ID.join([one[-32:] for one in ids])) if ids else b""  # type: ignore[index]
    except TypeError:
        if _is_nothing(ids):
            return None
        return _packed(_UUID, [None if one is None else bytes.fromhex(one[-32:]) for one in ids])
    if len(elements) != len(ids) * _BYTES_OF_ID:
        raise ValueError("an id has 32 hexadecimal digits")
    return Packed(_HEAD.pack(1, 0, _UUID, len(ids), 1) + elements)


def number_array(numbers: Sequence[int | None]) -> str | None:
    """Integers of up to 64 bits as a literal."""
    return None if _is_nothing(numbers) else _braced(orjson.dumps(numbers))


def instant_array(instants: Sequence[datetime | None]) -> str | None:
    """Aware instants as a literal for timestamptz[]."""
    return None if _is_nothing(instants) else _braced(orjson.dumps(instants))


def bytes_array(values: Sequence[bytes | None]) -> Packed | None:
    """Byte strings for bytea[]."""
    return None if _is_nothing(values) else _packed(_BYTEA, values)


def text_array(texts: Sequence[str | None]) -> str | None:
    """Any texts as a literal for text[]: JSON's quotes are PostgreSQL's, but for escapes of control characters."""
    if _is_nothing(texts):
        return None
    literal = _braced(orjson.dumps(texts))
    if "\\" in literal and "\\" in literal.replace("\\\\", "").replace('\\"', ""):
        return "{" + ",".join(["null" if one is None else f'"{_escaped(one)}"' for one in texts]) + "}"
    return literal


def json_array(values: Sequence[Any]) -> Packed | None:
    """Values for jsonb[]; None is no value."""
    if _is_nothing(values):
        return None
    return _packed(_JSONB, [None if one is None else _JSONB_VERSION + orjson.dumps(one) for one in values])


def _packed(type_: int, elements: Sequence[bytes | None]) -> Packed:
    parts = [_NULL if one is None else len(one).to_bytes(4, "big") + one for one in elements]
    return Packed(_HEAD.pack(1, None in elements, type_, len(parts), 1) + b"".join(parts))


def _is_nothing(values: Sequence[Any]) -> bool:
    return bool(values) and values[0] is None and values.count(None) == len(values)


def _braced(listed: bytes) -> str:
    """A JSON list as an array: `null` means the same in both."""
    return "{" + listed[1:-1].decode() + "}"


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"')
