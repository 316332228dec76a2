"""Ready is who has its database, its queue and nothing that holds it back."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest

from app.config import Settings
from app.factory import create_app
from app.foundation.db import db
from app.foundation.health import newest_migration
from tests.factories.api import Api


@pytest.fixture
def at_migration(superuser: psycopg.Connection) -> Iterator[psycopg.Connection]:
    """For changing the number of the database's migration; it is put back afterwards."""
    yield superuser
    superuser.execute("UPDATE alembic_version SET version_num = %s", (newest_migration(),))


def test_a_process_that_answers_is_alive(api: Api) -> None:
    assert api.get("/healthz", None).ok() == {"status": "ok"}


def test_who_has_everything_is_ready(api: Api) -> None:
    body = api.get("/readyz", None).ok()
    assert body == {"status": "ok", "checks": {"database": "ok", "queue": "ok", "held": "ok"}}


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
