"""`/healthz`: the process answers. `/readyz`: it can serve requests, and should.

Database at this code's migration or a later one, a role that row-level security binds, a clock that goes with the
database's, the queue, and nothing that holds it back.
"""

from __future__ import annotations

from pathlib import Path

from alembic.config import Config
from alembic.script import ScriptDirectory
from flask import Blueprint, Response
from redis import RedisError
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from app.config import SettingUnfit
from app.foundation.database.db import db
from app.foundation.http.answers import respond
from app.foundation.runtime import runtime

MIGRATIONS = Path(__file__).parents[3] / "migrations"
health = Blueprint("health", __name__)


@health.get("/healthz")
def healthz() -> Response:
    """Whether the process answers."""
    return respond({"status": "ok"}, 200)


@health.get("/readyz")
def readyz() -> Response:
    """Whether requests can be served: 200, or 503 with the state of each part."""
    checks = state_of_parts()
    ready = set(checks.values()) == {"ok"}
    return respond({"status": "ok" if ready else "unavailable", "checks": checks}, 200 if ready else 503)


def state_of_parts() -> dict[str, str]:
    """What `/readyz` tells of each part: `ok`, or what is wrong with it."""
    return {**_database(), "queue": _queue(), "held": _held()}


MOST_SECONDS_APART = 5.0
"""Between our clock and the database's: by both of them things are recorded, and end."""
_POWERS = """
    SELECT r.rolsuper OR r.rolbypassrls OR pg_has_role(r.oid, c.relowner, 'MEMBER')
    FROM pg_roles AS r LEFT JOIN pg_class AS c ON c.oid = to_regclass('public.districts') WHERE r.rolname = current_user
"""
_STATE = f"""
    SELECT version_num, ({_POWERS}), extract(epoch FROM clock_timestamp())::float8,
           to_regproc('public.district_servers') IS NOT NULL
    FROM alembic_version
"""


def _database() -> dict[str, str]:
    try:
        with db.engine.connect() as connection:
            before = runtime().clock().timestamp()
            found, is_powerful, at, is_spread = connection.execute(text(_STATE)).one()
            after = runtime().clock().timestamp()
    except Exception as error:  # whatever is wrong, the answer is the same: not ready
        return {"database": type(error).__name__}
    newest = newest_migration()  # a newer one is fine: migrations only add what the code before them can live with
    is_current = bool(found and newest and found >= newest)
    if is_spread != bool(runtime().settings.database_spread):
        return {"database": "spread: set DATABASE_SPREAD=1" if is_spread else "not spread: run `quantong distribute`"}
    return {
        "database": "ok" if is_current else f"migration {found}, not {newest}",
        "role": "bypasses row-level security" if is_powerful else "ok",
        "clock": _clock(before - at, after - at),
    }


def _clock(least: float, most: float) -> str:
    """What to say of a clock that is so many seconds ahead of the database's."""
    if least <= MOST_SECONDS_APART and most >= -MOST_SECONDS_APART:
        return "ok"
    return f"{abs(least):.0f} s {'ahead of' if least > 0 else 'behind'} the database's"


def refuse_powerful_role() -> None:
    """Raises SettingUnfit where row-level security wouldn't bind us. While the database is away, `/readyz` has to tell."""
    try:
        with db.engine.connect() as connection:
            is_powerful = connection.scalar(text(_POWERS))
    except SQLAlchemyError:
        return
    finally:
        db.engine.dispose()  # processes that are forked from this one must not share a connection
    if is_powerful:
        raise SettingUnfit(
            "The database role bypasses row-level security (a superuser, BYPASSRLS, or the owner of the tables): "
            "set DATABASE_ROLE, and a DATABASE_URL that may take it (docs/production.md)."
        )


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
