"""PostgreSQL array literals (documentation, 8.15.6), made quickly: what a set-based statement unnests.

psycopg can dump lists itself, element by element with type look-ups; for the sets of sales that cost more than the
database's own work. Statements cast each literal (`%(ids)s::uuid[]`, see `rows_of`). A column of nothing but None
becomes NULL, which `unnest` pads with nulls.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime


def rows_of(**types: str) -> str:
    """The rows of array parameters, to stand in FROM: a column for each, named and ordered as given.

    `unnest(a, b)` in FROM would keep every array in a tuple store of its own; in a SELECT list it costs a fifth of that.
    """
    return f"(SELECT {', '.join(f'unnest(%({name})s::{type_}[]) AS {name}' for name, type_ in types.items())})"


def id_array(ids: Sequence[str | None]) -> str | None:
    """Public ids, or bare hexadecimal ones, as a literal for uuid[]."""
    return _joined([None if one is None else one[-32:] for one in ids])


def number_array(numbers: Sequence[int | None]) -> str | None:
    """Integers as a literal."""
    return _joined([None if one is None else str(one) for one in numbers])


def instant_array(instants: Sequence[datetime | None]) -> str | None:
    """Aware instants as a literal for timestamptz[]."""
    texts = {one: f'"{one.isoformat()}"' for one in set(instants) if one is not None}
    return _joined([None if one is None else texts[one] for one in instants])


def bytes_array(values: Sequence[bytes | None]) -> str | None:
    """Byte strings as a literal for bytea[], in hex format."""
    return _joined([None if one is None else f'"\\\\x{one.hex()}"' for one in values])


def text_array(texts: Sequence[str | None]) -> str | None:
    """Any texts as a literal for text[] or jsonb[]: quoted, with backslashes and quotes escaped."""
    return _joined([None if one is None else f'"{_escaped(one)}"' for one in texts])


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"')


def _joined(parts: Sequence[str | None]) -> str | None:
    if None not in parts:
        return "{" + ",".join(parts) + "}"  # type: ignore[arg-type]
    if all(part is None for part in parts):
        return None
    return "{" + ",".join(["NULL" if part is None else part for part in parts]) + "}"
