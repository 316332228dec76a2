"""The wall between districts, as PostgreSQL keeps it for the application's role."""

from __future__ import annotations

import psycopg
import pytest
from psycopg import errors as pg
from sqlalchemy import text

from app.foundation.database.db import db
from app.foundation.database.unit_of_work import unit_of_work
from app.foundation.ids import new_id
from app.foundation.tenancy import OPERATOR, system_principal
from tests.factories.districts import District
from tests.factories.foundation import KEEP, kept

pytestmark = pytest.mark.usefixtures("context")
BOTH_WAYS = pytest.mark.parametrize("pipelined", [False, True])


@pytest.fixture
def nowhere() -> str:
    """The id of a district that nobody made."""
    return new_id("dis")


def test_without_a_district_there_are_no_rows(district: District) -> None:
    with db.engine.connect() as connection:
        for table in ("districts", "merchants", "api_keys", "programmes", "accounts", "rule_sets", "idempotency_keys"):
            assert connection.scalar(text(f"SELECT count(*) FROM {table}")) == 0


def test_the_application_is_neither_owner_nor_superuser() -> None:
    with db.engine.connect() as connection:
        row = connection.execute(
            text("SELECT rolsuper, rolbypassrls, rolcreaterole FROM pg_roles WHERE rolname = current_user")
        ).one()
        assert tuple(row) == (False, False, False)
        owned = "SELECT count(*) FROM pg_tables WHERE schemaname = 'public' AND tableowner = current_user"
        assert connection.scalar(text(owned)) == 0


def tables(superuser: psycopg.Connection) -> list[str]:
    rows = superuser.execute(
        "SELECT c.relname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'district_id' "
        "WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition AND c.relnamespace = 'public'::regnamespace"
    ).fetchall()
    return [row[0] for row in rows]


def test_another_district_s_rows_are_not_there(
    district: District, other_district: District, superuser: psycopg.Connection
) -> None:
    other_district.report(member_id=other_district.member(identities=[{"kind": "x", "value": "y"}])).ok(201)
    names = tables(superuser)
    assert {"transactions", "lots", "members", "outbox", "transfers"} <= set(names)
    with unit_of_work(system_principal(district.id)) as uow:
        for table in names:
            seen = uow.rows(f"SELECT DISTINCT district_id FROM {table}")
            assert seen in ([], [(district.id[4:],)]), table


@BOTH_WAYS
def test_another_district_s_rows_can_t_be_written(
    district: District, other_district: District, superuser: psycopg.Connection, pipelined: bool
) -> None:
    foreign = {"district": other_district.id[4:]}
    principal = system_principal(district.id)
    with pytest.raises(pg.InsufficientPrivilege), unit_of_work(principal, pipelined=pipelined) as uow:
        uow.execute(KEEP, {**foreign, "key": "a", "status": 200, "now": uow.now})
    with unit_of_work(principal, pipelined=pipelined) as uow:
        changed = uow.execute("UPDATE merchants SET name = 'x' WHERE district_id = %(district)s", foreign)
        gone = uow.execute("DELETE FROM idempotency_keys WHERE district_id = %(district)s", foreign)
        uow.rows("SELECT 1")
        assert (changed.rowcount, gone.rowcount) == (0, 0)
    with pytest.raises(pg.InsufficientPrivilege), unit_of_work(principal, pipelined=pipelined) as uow:
        uow.execute("UPDATE merchants SET district_id = %(district)s", foreign)
    assert kept(superuser, other_district.id) == []


@BOTH_WAYS
def test_a_connection_forgets_its_district(nowhere: str, pipelined: bool) -> None:
    for work in (system_principal(nowhere), OPERATOR):
        with unit_of_work(work, pipelined=pipelined) as uow:
            uow.rows("SELECT 1")
    with db.engine.connect() as connection:
        for name in ("app.district", "app.operator"):
            assert connection.scalar(text(f"SELECT current_setting('{name}', true)")) in (None, "")


def test_the_operator_sees_districts_and_nothing_in_them(district: District, nowhere: str) -> None:
    with unit_of_work(OPERATOR) as uow:
        assert uow.rows("SELECT count(*) > 0 FROM districts") == [(True,)]
        assert uow.rows("SELECT count(*) FROM merchants") == [(0,)]
        with uow.inside(district.id):
            assert uow.rows("SELECT count(*) FROM merchants") == [(2,)]
            assert uow.rows("SELECT count(*) > 0 FROM districts") == [(True,)]
        assert uow.rows("SELECT count(*) FROM merchants") == [(0,)]
    with unit_of_work(system_principal(nowhere)) as uow:
        assert uow.rows("SELECT count(*) FROM districts") == [(0,)]
        with pytest.raises(RuntimeError), uow.inside(district.id):
            pass
