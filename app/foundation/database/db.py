"""The database: models' base, the id column, engine options. Sessions are made by `unit_of_work` alone."""

from __future__ import annotations

from typing import Any

import orjson
import psycopg
import sqlalchemy.exc
from flask_sqlalchemy import SQLAlchemy
from psycopg.adapt import Loader
from sqlalchemy import BigInteger, Dialect, MetaData, event
from sqlalchemy.engine import Engine
from sqlalchemy.orm import DeclarativeBase, registry
from sqlalchemy.types import UserDefinedType

from app.foundation.database.sql_arrays import Packed, PackedDumper

UNAVAILABLE = (psycopg.OperationalError, sqlalchemy.exc.OperationalError, sqlalchemy.exc.TimeoutError)
"""What is raised while the database is away, or has no connection left."""


class Base(DeclarativeBase):
    """Base of every table; the names of constraints are stable, so that errors can be told apart."""

    registry = registry(
        type_annotation_map={int: BigInteger}
    )  # a narrower type would be cast to before the column's own
    metadata = MetaData(
        naming_convention={
            "pk": "pk_%(table_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        }
    )


db = SQLAlchemy(model_class=Base)


class PublicId(UserDefinedType[str]):
    """A uuid column that Python sees as a prefixed public id (`mem_…`)."""

    cache_ok = True

    def __init__(self, prefix: str) -> None:
        self.prefix = prefix

    def get_col_spec(self, **_: Any) -> str:
        return "UUID"

    def bind_processor(self, dialect: Dialect) -> Any:
        return lambda value: None if value is None else value[-32:]

    def result_processor(self, dialect: Dialect, coltype: Any) -> Any:
        head = self.prefix + "_"
        return lambda value: None if value is None else head + value


class _HexLoader(Loader):
    """Reads a uuid as 32 hexadecimal digits: cheaper than UUID objects, and what public ids are made of."""

    def load(self, data: Any) -> str:
        return bytes(data).decode().replace("-", "")


def engine_options(*, role: str, lock_timeout_ms: int, pool_size: int, is_spread: bool = False) -> dict[str, Any]:
    """Options for SQLALCHEMY_ENGINE_OPTIONS: every connection takes the role that row-level security binds."""
    settings = {
        "role": role,
        "timezone": "UTC",
        "lock_timeout": str(lock_timeout_ms),
        "idle_in_transaction_session_timeout": "60000",
        "jit": "off",
        # Sets are small or large: index scans either way, planned once; but where plans hang on the district's server.
        "plan_cache_mode": "auto" if is_spread else "force_generic_plan",
        "citus.propagate_set_commands": "local" if is_spread else "",
    }
    patience = {"connect_timeout": 2, "tcp_user_timeout": 10_000} if is_spread else {}
    return {
        "json_deserializer": orjson.loads,
        "pool_size": pool_size,
        "max_overflow": 0,
        "pool_use_lifo": True,  # few connections stay busy, with their plans and pages at hand
        "pool_timeout": 2 if is_spread else 10,  # who waits for one server has a turn that others need
        "pool_pre_ping": False,
        "connect_args": {
            "options": " ".join(f"-c {name}={value}" for name, value in settings.items() if value),
            "application_name": "quantong",
            **patience,
        },
    }


@event.listens_for(Engine, "connect")
def _teach(connection: Any, _record: Any) -> None:
    if isinstance(connection, psycopg.Connection):
        connection.adapters.register_loader("uuid", _HexLoader)
        connection.adapters.register_dumper(Packed, PackedDumper)
