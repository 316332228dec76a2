"""Ready is who has its database, its queue and nothing that holds it back."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest
from flask import Flask

from app.config import Settings, SettingUnfit
from app.factory import create_app
from app.foundation.database.db import db
from app.foundation.running.health import newest_migration, refuse_powerful_role
from tests.factories.api import Api
from tests.factories.clock import now


@pytest.fixture
def at_migration(superuser: psycopg.Connection) -> Iterator[psycopg.Connection]:
    """For changing the number of the database's migration; it is put back afterwards."""
    yield superuser
    superuser.execute("UPDATE alembic_version SET version_num = %s", (newest_migration(),))


def test_a_process_that_answers_is_alive(api: Api) -> None:
    assert api.get("/healthz", None).ok() == {"status": "ok"}


def test_who_has_everything_is_ready(api: Api) -> None:
    body = api.get("/readyz", None).ok()
    assert body == {"status": "ok", "checks": dict.fromkeys(("database", "role", "clock", "queue", "held"), "ok")}


@pytest.mark.parametrize(("number", "status"), [("0001", 503), ("9999", 200)])
def test_a_database_may_be_ahead_of_the_code_and_not_behind(
    api: Api, at_migration: psycopg.Connection, number: str, status: int
) -> None:
    at_migration.execute("UPDATE alembic_version SET version_num = %s", (number,))
    reply = api.get("/readyz", None)
    assert reply.status == status
    assert (reply.body["checks"]["database"] == "ok") == (status == 200)


@pytest.mark.parametrize(
    ("part", "changes"),
    [
        ("database", {"database_url": "postgresql+psycopg://nobody@/x?host=/nowhere"}),
        ("queue", {"redis_url": "unix:///nowhere"}),
        ("held", {}),
    ],
)
def test_what_is_missing_is_named(settings: Settings, tmp_path: Path, part: str, changes: dict[str, str]) -> None:
    if part == "held":
        (tmp_path / "hold").touch()
        changes = {"hold_ready_file": str(tmp_path / "hold")}
    app = create_app(replace(settings, **changes))
    reply = Api.inside(app, settings.operator_key).get("/readyz", None)
    assert reply.status == 503
    assert [name for name, state in reply.body["checks"].items() if state != "ok"] == [part]
    assert "nobody" not in str(reply.body)
    with app.app_context():
        db.engine.dispose()


@pytest.mark.parametrize(
    ("days", "said"), [(200, "17280000 s ahead of the database's"), (-200, "17280000 s behind the database's")]
)
def test_a_clock_that_is_not_the_database_s_is_not_ready(settings: Settings, days: int, said: str) -> None:
    app = create_app(settings, clock=lambda: now() + timedelta(days=days))
    reply = Api.inside(app, settings.operator_key).get("/readyz", None)
    assert reply.status == 503
    assert {name: state for name, state in reply.body["checks"].items() if state != "ok"} == {"clock": said}


def test_a_clock_is_a_few_seconds_off_at_most(settings: Settings) -> None:
    for seconds, status in ((4, 200), (-4, 200), (7, 503), (-7, 503)):
        app = create_app(settings, clock=lambda seconds=seconds: now() + timedelta(seconds=seconds))
        assert Api.inside(app, settings.operator_key).get("/readyz", None).status == status


POWERS = {
    "superuser": "ALTER ROLE too_much SUPERUSER",
    "bypass": "ALTER ROLE too_much BYPASSRLS",
    "owner": "GRANT quantong_owner TO too_much",
}


@pytest.fixture
def powerful(request: pytest.FixtureRequest, superuser: psycopg.Connection, settings: Settings) -> Iterator[Settings]:
    """Settings with a role that row-level security doesn't bind."""
    superuser.execute("CREATE ROLE too_much LOGIN IN ROLE quantong_app")
    superuser.execute(POWERS[request.param])
    url = settings.database_url.replace("quantong_app@", "too_much@")
    yield replace(settings, database_url=url, database_role="")
    superuser.execute("DROP ROLE too_much")


@pytest.mark.parametrize("powerful", POWERS, indirect=True)
def test_a_role_that_sees_every_district_neither_starts_nor_is_ready(powerful: Settings) -> None:
    app = create_app(powerful)
    try:
        reply = Api.inside(app, powerful.operator_key).get("/readyz", None)
        assert reply.status == 503
        assert reply.body["checks"]["role"] == "bypasses row-level security"
        with app.app_context(), pytest.raises(SettingUnfit, match="set DATABASE_ROLE"):
            refuse_powerful_role()
    finally:
        with app.app_context():
            db.engine.dispose()


def test_the_usual_role_starts_and_so_does_who_finds_no_database(app: Flask, settings: Settings) -> None:
    away = create_app(replace(settings, database_url="postgresql+psycopg://nobody@/x?host=/nowhere"))
    for one in (app, away):
        with one.app_context():
            refuse_powerful_role()
