"""PostgreSQL array literals (documentation, 8.15.6), made quickly: what a set-based statement unnests.

psycopg can dump lists itself, element by element with type look-ups; for the sets of sales that cost more than the
database's own work. A JSON list of numbers, instants or texts is nearly the same, and made in no time. Statements cast each literal (`%(ids)s::uuid[]`, see `rows_of`). A column of nothing but None
becomes NULL, which `unnest` pads with nulls.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import orjson


def rows_of(**types: str) -> str:
    """The rows of array parameters, to stand in FROM: a column for each, named and ordered as given.

    `unnest(a, b)` in FROM would keep every array in a tuple store of its own; in a SELECT list it costs a fifth of that.
    """
    return f"(SELECT {', '.join(f'unnest(%({name})s::{type_}[]) AS {name}' for name, type_ in types.items())})"


def id_array(ids: Sequence[str | None]) -> str | None:
    """Public ids, or bare hexadecimal ones, as a literal for uuid[]."""
    try:
        return "{" + ",".join([one[-32:] for one in ids]) + "}"  # type: ignore[index]
    except TypeError:
        if _is_nothing(ids):
            return None
        return "{" + ",".join(["null" if one is None else one[-32:] for one in ids]) + "}"


def number_array(numbers: Sequence[int | None]) -> str | None:
    """Integers of up to 64 bits as a literal."""
    return None if _is_nothing(numbers) else _braced(orjson.dumps(numbers))


def instant_array(instants: Sequence[datetime | None]) -> str | None:
    """Aware instants as a literal for timestamptz[]."""
    return None if _is_nothing(instants) else _braced(orjson.dumps(instants))


def bytes_array(values: Sequence[bytes | None]) -> str | None:
    """Byte strings as a literal for bytea[], in hex format."""
    if _is_nothing(values):
        return None
    return "{" + ",".join(["null" if one is None else f'"\\\\x{one.hex()}"' for one in values]) + "}"


def text_array(texts: Sequence[str | None]) -> str | None:
    """Any texts as a literal for text[]: JSON's quotes are PostgreSQL's, but for escapes of control characters."""
    if _is_nothing(texts):
        return None
    literal = _braced(orjson.dumps(texts))
    if "\\" in literal and "\\" in literal.replace("\\\\", "").replace('\\"', ""):
        return "{" + ",".join(["null" if one is None else f'"{_escaped(one)}"' for one in texts]) + "}"
    return literal


def json_array(values: Sequence[Any]) -> str | None:
    """Values as a literal for jsonb[]; None is no value."""
    if _is_nothing(values):
        return None
    return _braced(orjson.dumps([None if one is None else orjson.dumps(one).decode() for one in values]))


def _is_nothing(values: Sequence[Any]) -> bool:
    return bool(values) and values[0] is None and values.count(None) == len(values)


def _braced(listed: bytes) -> str:
    """A JSON list as an array: `null` means the same in both."""
    return "{" + listed[1:-1].decode() + "}"


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"')
