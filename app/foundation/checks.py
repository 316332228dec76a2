"""Checks of the books: each is one SQL query of what breaks an invariant, and one that counts what was looked at."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from app.foundation.database.unit_of_work import UnitOfWork
from app.foundation.ids import hex_of

MOST_NAMED = 20


@dataclass(frozen=True, slots=True)
class Check:
    """`broken` gives (what, found, wanted) for each row that breaks the invariant; `counted` counts the rows examined."""

    name: str
    counted: str
    broken: str


@dataclass(frozen=True, slots=True)
class Finding:
    """What a check saw in one district."""

    check: str
    rows: int
    broken: list[tuple[str, str, str]]


def run(uow: UnitOfWork, checks: Iterable[Check], more: Mapping[str, Any]) -> list[Finding]:
    """Runs checks on the district of this unit of work, with `more` parameters. `broken` names at most 20 rows a check."""
    values = {"district": hex_of(uow.district_id), "now": uow.now, **more}
    findings = []
    for check in checks:
        [(rows,)] = uow.rows(check.counted, values)
        broken = uow.rows(f"SELECT * FROM ({check.broken}) AS b LIMIT {MOST_NAMED}", values)
        findings.append(Finding(check.name, rows, [(str(a), str(b), str(c)) for a, b, c in broken]))
    return findings
