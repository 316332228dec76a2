"""Districts can be spread over servers (docs/scaling.md): what Citus asks of statements, kept without one.

Read from the SQL in the code. A statement is looked at scope by scope: what stands between a pair of brackets, without
the brackets within it.
"""

from __future__ import annotations

import ast
import importlib
import re
from collections.abc import Iterator
from functools import cache
from typing import Any, NamedTuple
from unittest import mock

import psycopg
import pytest
from flask import Flask
from sqlalchemy import event
from sqlalchemy.engine import Engine

from app.books import verify
from app.config import Settings
from app.foundation.database.unit_of_work import UnitOfWork
from app.foundation.tenant_tables import wall_of_spread
from app.keys import refresh
from app.wiring import TIMETABLE
from tests.factories.api import Api
from tests.factories.specs import SPECS
from tests.factories.worlds import new_world
from tests.house.test_migrations import FOLDER
from tests.house.test_sql import owners, sources

WHOLE = re.compile(r"\s*(SELECT|INSERT INTO|UPDATE|DELETE FROM|WITH|DECLARE)\b")
TABLE = re.compile(
    r"\b(?:INSERT INTO|DELETE FROM|UPDATE|FROM|JOIN|USING)\s+(\w+)(?:\s+(?:AS\s+)?(?!WHERE|SET|ON\b|ORDER|LEFT|JOIN)(\w+))?"
)
LISTED = re.compile(r",\s*(\w+)\s+AS\s+(\w+)")
"""A further table of a FROM list."""
UNNESTED = re.compile(r"unnest\(%s:\w+::\w+\[\]\)")
VOLATILE = re.compile(r"\b(random|clock_timestamp|gen_random_uuid|nextval|pg_(?:try_)?advisory\w*)\(")
UNFINISHED = {("app/transactions/replays/queries.py", "replays"): "its WHERE follows where it is sent"}
"""Beginnings of statements, by file and table."""


class Statement(NamedTuple):
    """A piece of SQL, as it is sent, and where it stands."""

    path: str
    line: int
    text: str

    @property
    def place(self) -> str:
        return f"{self.path}:{self.line}"


def _resolved(node: ast.AST, names: dict[str, object]) -> str | None:
    """The text of a literal; what an f-string takes from its function stays open."""
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, str) else None
    if not isinstance(node, ast.JoinedStr):
        return None
    parts = []
    for part in node.values:
        if isinstance(part, ast.FormattedValue):
            try:
                parts.append(str(eval(compile(ast.Expression(part.value), "", "eval"), names)))
            except Exception:  # it isn't there before the function runs
                parts.append("…")
        else:
            parts.append(str(part.value) if isinstance(part, ast.Constant) else "")
    return "".join(parts)


def _texts(tree: ast.AST, names: dict[str, object]) -> Iterator[tuple[int, str]]:
    waiting = [tree]
    while waiting:
        node = waiting.pop()
        text = _resolved(node, names)
        if text is not None:
            yield node.lineno, text  # type: ignore[attr-defined]
        else:
            waiting += ast.iter_child_nodes(node)


@cache
def statements() -> tuple[Statement, ...]:
    """Every piece of SQL of the product that names a table with districts in it."""
    found = []
    for path, source in sources():
        names = vars(importlib.import_module(path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")))
        for line, text in _texts(ast.parse(source), names):
            if WHOLE.match(text) and any(table in owners() for table, _ in TABLE.findall(text)):
                found.append(Statement(path, line, text))
    return tuple(found)


def scopes(text: str) -> Iterator[str]:
    """What stands between each pair of brackets, and outside of all; brackets within are left out."""
    open_ = [""]
    for character in text:
        if character == "(":
            open_.append("")
        elif character == ")" and len(open_) > 1:
            yield open_.pop()
            open_[-1] += "()"
        else:
            open_[-1] += character
    yield from open_


def parts(scope: str) -> list[str]:
    """The questions of a UNION, each apart."""
    return re.split(r"\bUNION(?: ALL)?\b", scope)


def tables(scope: str) -> list[tuple[str, str]]:
    """Tables with districts in them, with the names by which the scope calls them."""
    named = [(table, alias or table) for table, alias in [*TABLE.findall(scope), *LISTED.findall(scope)]]
    return [(table, alias) for table, alias in named if table in owners() and table != "districts"]


def nameless(text: str) -> list[str]:
    """Tables of which a scope doesn't say in which district."""
    found = []
    for scope in scopes(text):
        for part in parts(scope):
            if "INSERT INTO" in part:
                part = part[part.find("SELECT") :] if "SELECT" in part else ""
            for table, alias in tables(part):
                own = rf"\b{alias}\.district_id\s*=|=\s*{alias}\.district_id\b"
                bare = len(tables(part)) == 1 and re.search(r"(?<![.\w])district_id\s*=\s*%s", part)
                if not (re.search(own, part) or bare):
                    found.append(table)
            if tables(part) and not re.search(r"\bdistrict_id\s*=\s*%s", part):
                found.append(tables(part)[0][0])
    return found


def values_of(text: str) -> list[str]:
    """What an INSERT gives for each column, in order; nothing for one from a SELECT."""
    given = re.search(r"\bVALUES\s*\((.*)", text, re.DOTALL)
    items, depth = [""], 0
    for character in given[1] if given else "":
        depth += (character == "(") - (character == ")")
        if depth < 0:
            break
        if character == "," and not depth:
            items.append("")
        else:
            items[-1] += character
    return [item.strip() for item in items if item.strip()]


def flaws(text: str) -> list[str]:
    """What a server of a spread database would refuse of a statement, or send to all of them."""
    text = re.sub(r"%\((\w+)\)s", r"%s:\1", text)  # named parameters are no brackets
    found = [f"{table} in no district" for table in nameless(text)]
    if match := re.search(r"\bINSERT INTO\b.*", text, re.DOTALL):
        rows = match[0]
        values = values_of(rows)
        if "unnest(" in rows and not values and not any(tables(part) for part in scopes(rows.partition("SELECT")[2])):
            found.append("rows that are unnested go in by VALUES")
        found += [f"nothing stands around {one}" for one in values if "unnest(" in one and not UNNESTED.fullmatch(one)]
    for scope in scopes(text):
        for part in parts(scope):
            if re.match(r"\s*SELECT\s+%s:district\b", part[max(part.find("SELECT"), 0) :]) and tables(part):
                found.append("the column district_id is chosen, not the parameter")
    if re.match(r"\s*UPDATE\b", text) and VOLATILE.search(text):
        found.append("a volatile function in an UPDATE")
    return found


@pytest.mark.parametrize("statement", statements(), ids=lambda one: one.place)
def test_a_statement_can_be_sent_to_the_server_of_its_district(statement: Statement) -> None:
    """Also questions within others say in which district: else a planner looks through all, or asks all servers."""
    if not any((statement.path, table) in UNFINISHED for table, _ in tables(statement.text)):
        assert flaws(statement.text.replace("WHERE …", "WHERE r.district_id = %s AND t.district_id = %s")) == []


@pytest.mark.parametrize(
    "text",
    [
        "SELECT id FROM members",
        "DELETE FROM idempotency_keys WHERE recorded_at < %s",
        "SELECT id FROM members AS m WHERE m.district_id = %s AND EXISTS "
        "(SELECT FROM lots AS l WHERE l.district_id = m.district_id AND l.member_id = m.id)",
        "SELECT m.id FROM members AS m JOIN lots AS l ON l.member_id = m.id WHERE m.district_id = %s",
        "SELECT id FROM members WHERE district_id = %s UNION ALL SELECT id FROM lots",
        "UPDATE lots AS l SET remaining = 0 FROM unnest(%(ids)s::uuid[]) AS n (id) WHERE l.id = n.id",
        "INSERT INTO outbox (district_id, id) SELECT %(district)s::uuid, unnest(%(ids)s::uuid[])",
        "INSERT INTO outbox (district_id, id) SELECT %(district)s::uuid, n FROM unnest(%(ids)s::uuid[]) AS n",
        "INSERT INTO outbox (district_id, id) VALUES (%(district)s::uuid, lower(unnest(%(ids)s::text[])))",
        "INSERT INTO member_days (district_id, day) SELECT %(district)s, day FROM member_days WHERE district_id = %(district)s",
        "UPDATE lots SET points = random() WHERE district_id = %s",
    ],
)
def test_the_rules_see_what_breaks_them(text: str) -> None:
    assert flaws(text)


@pytest.fixture(scope="module")
def sent(app: Flask, settings: Settings) -> set[str]:
    """The statements by which a world is made, read and turned, also those that no file has as they are sent."""
    found: set[str] = set()
    execute = UnitOfWork.execute

    def note(uow: UnitOfWork, query: str, parameters: Any = None) -> Any:
        found.add(query)
        return execute(uow, query, parameters)

    def note_of_session(_c: object, _cursor: object, statement: str, *_: object) -> None:
        found.add(statement)

    event.listen(Engine, "before_cursor_execute", note_of_session)
    try:
        with mock.patch.object(UnitOfWork, "execute", note):
            world = new_world(Api.inside(app, settings.operator_key))
            for spec in SPECS:
                if spec.method == "GET":
                    path = re.sub(r"<(\w+):\w+>", lambda match: world.ids.get(match[1], ""), spec.rule)
                    world.district.api.get(path, world.key_of(spec))
            with app.app_context():
                list(verify(world.district.id))
                list(refresh())
                for job, _ in TIMETABLE:
                    job()
    finally:
        event.remove(Engine, "before_cursor_execute", note_of_session)
    return {one for one in found if any(table in owners() for table, _ in TABLE.findall(one))}


def test_statements_keep_to_it_as_they_are_sent(sent: set[str]) -> None:
    assert len(sent) > 200
    assert {one: flaws(one) for one in sent if flaws(one)} == {}


def test_policies_are_answered_once_a_statement_but_where_districts_are_spread(superuser: psycopg.Connection) -> None:
    """There they hold no question; here a question of its own is cheaper than one for each row that is written."""
    rows = superuser.execute("""
        SELECT polrelid::regclass::text, pg_get_expr(polqual, polrelid), pg_get_expr(polwithcheck, polrelid) FROM pg_policy
    """).fetchall()
    assert len(rows) > 30
    for table, shown, checked in rows:
        assert "SELECT" in shown, table
        assert shown == checked, table
        assert "SELECT" not in wall_of_spread(table)


def test_narrow_ways_that_are_told_something_are_planned_with_it(superuser: psycopg.Connection) -> None:
    """The body of a function in SQL is planned before its parameters are known; then no server is the right one."""
    rows = superuser.execute("""
        SELECT p.proname, l.lanname FROM pg_proc AS p JOIN pg_language AS l ON l.oid = p.prolang
        WHERE p.pronamespace = 'public'::regnamespace AND p.prosecdef AND p.pronargs > 0
    """).fetchall()
    assert len(rows) >= 8
    assert {language for _, language in rows} == {"plpgsql"}


def test_a_district_is_shown_by_set_and_by_nothing_else() -> None:
    """What a function sets isn't handed on to another server."""
    assert [path for path, source in sources() if "set_config(" in source] == []


SINCE = "0031"
"""Migrations up to here have run before a database is spread; those that follow run on spread ones too."""
CONSTRAINT = re.compile(r"ADD (?:CONSTRAINT|CHECK|FOREIGN KEY|UNIQUE|PRIMARY KEY)\b")
BRACKETS = re.compile(r"\([^()]*(?:\([^()]*\)[^()]*)*\)")


def flaws_of_migration(text: str) -> list[str]:
    """What a spread database would refuse of a migration."""
    found = ["statistics of a spread table"] if "SET STATISTICS" in text else []
    for statement in re.findall(r"ALTER TABLE\b[^;]*", text):
        if CONSTRAINT.search(statement) and "," in BRACKETS.sub("", statement):
            found.append(f"a constraint with something else: {' '.join(statement.split())}")
    for statement in re.findall(r"CREATE TABLE\b[^;]*", text):
        found += [
            f"a key to {table} before there is a place"
            for table in re.findall(r"REFERENCES (\w+)", statement)
            if table != "districts"
        ]
    return found


def test_migrations_run_where_districts_are_spread() -> None:
    """A key to another table follows `behind_the_wall`, in an ALTER TABLE of its own."""
    for path in FOLDER.glob("*.py"):
        if path.name[:4] > SINCE:
            assert flaws_of_migration(path.read_text(encoding="utf-8")) == [], path.name


@pytest.mark.parametrize(
    "text",
    [
        "ALTER TABLE lots ALTER COLUMN points SET STATISTICS 0",
        "ALTER TABLE lots ADD COLUMN a bigint, ADD CHECK (a > 0)",
        "ALTER TABLE lots DROP CONSTRAINT c, ADD CONSTRAINT d CHECK (a IN (1, 2))",
        "CREATE TABLE t (district_id uuid, id uuid, FOREIGN KEY (district_id, id) REFERENCES members)",
    ],
)
def test_the_rules_see_migrations_that_break_them(text: str) -> None:
    assert flaws_of_migration(text)


@pytest.mark.parametrize(
    "text",
    [
        "ALTER TABLE lots ADD COLUMN a bigint, ADD COLUMN b bigint",
        "ALTER TABLE lots ADD CHECK (a IN (1, 2) AND (b > 0 OR c))",
        "CREATE TABLE t (district_id uuid REFERENCES districts); ALTER TABLE t ADD FOREIGN KEY (district_id, id) REFERENCES members",
    ],
)
def test_the_rules_let_migrations_be_that_keep_them(text: str) -> None:
    assert flaws_of_migration(text) == []
