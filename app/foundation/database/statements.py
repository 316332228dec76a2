"""SQL with named parameters (`%(name)s`) as PostgreSQL wants it (`$1`), translated once for each text.

psycopg translates too, but forgets long statements; those that report sales are long.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

_PARAMETER = re.compile(r"%\((\w+)\)s|%s|%%")
_OWN = re.compile(r"%\((?!district\)|now\))(\w+)\)s")


class Statement(NamedTuple):
    """A statement with `$n` for parameters, and their names in order (none for those given by position)."""

    text: bytes
    names: tuple[str, ...]

    def values(self, parameters: Mapping[str, Any] | Sequence[Any] | None) -> Sequence[Any]:
        """The parameters in order."""
        if isinstance(parameters, Mapping):
            return [parameters[name] for name in self.names]
        return parameters or ()


@lru_cache(maxsize=512)
def numbered(query: str) -> Statement:
    """Names as numbers; a name used twice is one parameter. `%s` is numbered as it stands, `%%` is a percent sign."""
    names: dict[str, int] = {}
    positions = itertools.count(1)

    def number(found: re.Match[str]) -> str:
        if found[0] == "%%":
            return "%"
        return f"${names.setdefault(found[1], len(names) + 1) if found[1] else next(positions)}"

    return Statement(_PARAMETER.sub(number, query).encode(), tuple(names))


@lru_cache(maxsize=256)
def together(writes: tuple[str, ...]) -> Statement:
    """One statement of several writes.

    Write n's own parameters are named `w{n}_…`; `district` and `now` mean the same in all of them.
    """
    parts = []
    for number, query in enumerate(writes):
        own = _OWN.sub(rf"%(w{number}_\1)s", query)
        parts.append(f"w{number} AS ({own})")
    return numbered(f"WITH {', '.join(parts)} SELECT")
