"""Tables belong to the room that has their model: read from the SQL in the code, as `CONTRIBUTING.md` has it."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

import psycopg

from tests.factories.checksums import tables

ROOT = Path(__file__).parents[2]
NAMED = re.compile(r"\b(?:(INSERT INTO|DELETE FROM|UPDATE)|FROM|JOIN|USING)\s+(?:ONLY\s+)?(\w+)")
USES_OF_OTHERS = {
    ("foundation", "audit_entries"): "written in the commit of the act, which every floor may do; audit shows them",
    ("foundation", "districts"): "a spread database is asked where they are, by functions that `distribute` lays down",
    ("foundation", "outbox"): "written in the commit of what they tell, which every floor may do; messaging shows them",
}
"""Tables that a room may name though another has the model, and why."""


class Use(NamedTuple):
    """A table named in the SQL of a file."""

    path: str
    line: int
    table: str
    is_write: bool

    @property
    def room(self) -> str:
        return self.path.split("/")[1]

    @property
    def is_check(self) -> bool:
        """`verify-books` holds all rooms' rows against each other, and only reads."""
        return "checks" in self.path and not self.is_write


def sources() -> Iterator[tuple[str, str]]:
    for path in sorted((ROOT / "app").rglob("*.py")):
        yield path.relative_to(ROOT).as_posix(), path.read_text(encoding="utf-8")


@cache
def owners() -> dict[str, str]:
    """The room of each table that has a model."""
    return {
        table: name.split("/")[1] for name, text in sources() for table in re.findall(r'__tablename__ = "(\w+)"', text)
    }


@cache
def uses() -> tuple[Use, ...]:
    """Every table in the SQL of the product."""
    return tuple(
        Use(name, node.lineno, table, bool(write))
        for name, text in sources()
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
        for write, table in NAMED.findall(node.value)
        if table in owners()
    )


def test_every_table_has_a_model(superuser: psycopg.Connection) -> None:
    assert set(tables(superuser)) - {"alembic_version"} == owners().keys()


def test_no_room_names_another_rooms_table_in_its_sql() -> None:
    """What others need of it is a verb or a question of that room, or a piece of SQL that stands there."""
    found = [
        use
        for use in uses()
        if use.room != owners()[use.table] and (use.room, use.table) not in USES_OF_OTHERS and not use.is_check
    ]
    assert found == []


def test_the_exceptions_are_still_needed() -> None:
    assert {(use.room, use.table) for use in uses()} >= USES_OF_OTHERS.keys()


def test_the_scan_sees_what_it_should() -> None:
    """Sales are read, written and locked in many ways; none may slip through unseen."""
    seen = {(use.table, use.is_write) for use in uses()}
    assert seen >= {(table, True) for table in ("transactions", "refunds", "lots", "transfers", "idempotency_keys")}
    assert seen >= {(table, False) for table in ("transactions", "refunds", "lots", "transfers", "idempotency_keys")}
