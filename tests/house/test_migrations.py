"""Migrations: numbered without gaps, run once to the newest, and the models say what the tables are."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import psycopg
import pytest
from flask import Flask
from sqlalchemy import (
    ARRAY,
    BigInteger,
    Boolean,
    Date,
    DateTime,
    Integer,
    LargeBinary,
    Numeric,
    Table,
    Text,
    UniqueConstraint,
)
from sqlalchemy.dialects.postgresql import JSONB

from app.factory import ROOMS
from app.foundation.database.db import Base, PublicId
from app.foundation.running.health import newest_migration

FOLDER = Path(__file__).parents[2] / "migrations" / "versions"
KINDS: dict[type, set[str]] = {
    PublicId: {"uuid"},
    Text: {"text"},
    Boolean: {"boolean"},
    BigInteger: {"smallint", "integer", "bigint"},  # what doesn't fit is refused by the column
    Integer: {"integer"},
    Numeric: {"numeric"},
    Date: {"date"},
    DateTime: {"timestamp with time zone"},
    LargeBinary: {"bytea"},
    JSONB: {"jsonb"},
    ARRAY: {"text[]"},
}
MODELLED = Base.metadata.sorted_tables if ROOMS else []


def test_migrations_are_numbered_without_gaps() -> None:
    names = sorted(path.name for path in FOLDER.glob("*.py"))
    assert names
    for number, name in enumerate(names, start=1):
        assert re.fullmatch(rf"{number:04}(_[a-z0-9]+)+\.py", name), name
        values = {
            node.targets[0].id: ast.literal_eval(node.value)
            for node in ast.parse((FOLDER / name).read_text(encoding="utf-8")).body
            if isinstance(node, ast.Assign)
            and isinstance(node.targets[0], ast.Name)
            and node.targets[0].id[0].islower()
            if isinstance(node.value, ast.Constant)
        }
        before = None if number == 1 else f"{number - 1:04}"
        assert (values["revision"], values["down_revision"]) == (f"{number:04}", before), name


def test_the_database_stands_at_the_newest(app: Flask, superuser: psycopg.Connection) -> None:
    rows = superuser.execute("SELECT version_num FROM alembic_version").fetchall()
    assert rows == [(newest_migration(),)] == [(max(path.name[:4] for path in FOLDER.glob("*.py")),)]


@pytest.mark.parametrize("table", MODELLED, ids=lambda table: str(table.name))
def test_a_model_has_the_columns_of_its_table(superuser: psycopg.Connection, table: Table) -> None:
    rows = superuser.execute(
        "SELECT attname, format_type(atttypid, NULL), NOT attnotnull FROM pg_attribute "
        "WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped",
        (table.name,),
    )
    found = {name: (kind, nullable) for name, kind, nullable in rows}
    assert found.keys() == set(table.columns.keys())
    for column in table.columns:
        kind, nullable = found[column.name]
        assert nullable == column.nullable, column.name
        assert kind in next(kinds for type_, kinds in KINDS.items() if isinstance(column.type, type_)), column.name
        if isinstance(column.type, DateTime):
            assert column.type.timezone, column.name


@pytest.mark.parametrize("table", MODELLED, ids=lambda table: str(table.name))
def test_a_model_has_the_keys_of_its_table(superuser: psycopg.Connection, table: Table) -> None:
    rows = superuser.execute(
        "SELECT contype::text, ARRAY(SELECT attname::text FROM unnest(conkey) WITH ORDINALITY AS k (number, place) "
        "  JOIN pg_attribute ON attrelid = conrelid AND attnum = k.number ORDER BY place) "
        "FROM pg_constraint WHERE conrelid = %s::regclass AND contype IN ('p', 'u')",
        (table.name,),
    ).fetchall()
    primary = [tuple(columns) for kind, columns in rows if kind == "p"]
    unique = {tuple(columns) for kind, columns in rows if kind == "u"}
    assert primary == [tuple(table.primary_key.columns.keys())]
    declared = {tuple(one.columns.keys()) for one in table.constraints if isinstance(one, UniqueConstraint)}
    declared |= {(column.name,) for column in table.columns if column.unique}
    assert declared == unique
