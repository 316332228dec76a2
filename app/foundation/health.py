"""`/healthz`: the process answers. `/readyz`: database at this code's migration or a later one, queue, and nothing holds it back."""

from __future__ import annotations

from pathlib import Path

from alembic.config import Config
from alembic.script import ScriptDirectory
from flask import Blueprint, Response
from redis import RedisError
from sqlalchemy import text

from app.foundation.db import db
from app.foundation.http.answers import respond
from app.foundation.runtime import runtime

MIGRATIONS = Path(__file__).parents[2] / "migrations"
health = Blueprint("health", __name__)


@health.get("/healthz")
def healthz() -> Response:
    """Whether the process answers."""
    return respond({"status": "ok"}, 200)


@health.get("/readyz")
def readyz() -> Response:
    """Whether requests can be served: 200, or 503 with the state of each part."""
    checks = {"database": _database(), "queue": _queue(), "held": _held()}
    ready = set(checks.values()) == {"ok"}
    return respond({"status": "ok" if ready else "unavailable", "checks": checks}, 200 if ready else 503)


def _database() -> str:
    try:
        with db.engine.connect() as connection:
            found = connection.scalar(text("SELECT version_num FROM alembic_version"))
    except Exception as error:  # whatever is wrong, the answer is the same: not ready
        return type(error).__name__
    newest = newest_migration()  # a newer one is fine: migrations only add what the code before them can live with
    return "ok" if found and newest and found >= newest else f"migration {found}, not {newest}"


def newest_migration() -> str | None:
    """The number of the newest migration in this code."""
    return ScriptDirectory.from_config(_alembic()).get_current_head()


def _alembic() -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    return config


def _queue() -> str:
    try:
        with runtime().valkey.asked() as client:
            client.ping()
    except RedisError as error:
        return type(error).__name__
    return "ok"


def _held() -> str:
    path = runtime().settings.hold_ready_file
    return "loading" if path and Path(path).exists() else "ok"
