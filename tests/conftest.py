"""Real servers for every test run: PostgreSQL and Valkey of their own for each worker, and the product on them.

Tests connect as the application role, which row-level security binds. Each test makes a district of its own.
"""

from __future__ import annotations

import ast
import base64
import os
import secrets
import socket
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict, replace
from pathlib import Path

import psycopg
import pytest
from argon2 import PasswordHasher
from flask import Flask
from flask_migrate import upgrade
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings

from app.config import Settings
from app.factory import create_app
from app.launcher.postgres import APPLICATION, OWNER, SUPERUSER, EmbeddedPostgres
from app.launcher.programs import stop
from app.launcher.supervisor import read_procfile
from app.launcher.valkey import EmbeddedValkey
from app.staff import hashing, hashing_hand
from tests.factories.api import Api
from tests.factories.checksums import Watch, tables
from tests.factories.clock import SetClock, now
from tests.factories.districts import District, new_district
from tests.factories.parsing import parse_undisturbed
from tests.factories.processes import NO_ANSWER, PATIENCE_SECONDS, wait_until

ROOT = Path(__file__).parents[1]
OPERATOR_KEY = f"ok_live_{secrets.token_urlsafe(32)}"
MANY_DISTRICTS = 40
IN_USE = pytest.StashKey[psycopg.Connection]()
"""A connection to the database, once a test has asked for one."""
QUICK = {
    "fsync": "off",
    "full_page_writes": "off",
    "shared_buffers": "128MB",
    "lock_timeout": "0",
    "autovacuum_naptime": "30s",
}

# In tests people sign in by the hundred: what is kept of their passwords costs little, and is made where they come.
hashing_hand.HASHER = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
hashing.PASSWORDS._worker = hashing_hand.Worker()

if sys.version_info < (3, 12):
    ast.parse = parse_undisturbed

# The same examples each time, so that a change is judged by what it changes; `--hypothesis-profile explore` looks for
# new ones. Never a deadline: properties look for wrong answers, not for slow ones, whatever machine they run on.
ANY_SPEED = hypothesis_settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
hypothesis_settings.register_profile("explore", ANY_SPEED)
hypothesis_settings.register_profile("quantong", ANY_SPEED, derandomize=True)
hypothesis_settings.load_profile("quantong")


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--lives 500`: how many lives of districts are reckoned by pencil (tests/machines)."""
    parser.addoption("--lives", type=int, default=30, help="how many lives of districts are reckoned")


def random_key(version: int = 1) -> str:
    """A key as the settings want it."""
    return f"{version}:{base64.urlsafe_b64encode(os.urandom(32)).decode().rstrip('=')}"


@pytest.fixture(scope="session")
def folder() -> Iterator[Path]:
    """A folder for this run that the servers' user can reach."""
    with tempfile.TemporaryDirectory(prefix="quantong-tests-") as name:
        Path(name).chmod(0o755)
        yield Path(name)


@pytest.fixture(scope="session")
def postgres(folder: Path) -> Iterator[EmbeddedPostgres]:
    """A PostgreSQL server."""
    with EmbeddedPostgres(folder / "postgres", QUICK) as server:
        yield server


@pytest.fixture(scope="session")
def valkey(folder: Path) -> Iterator[EmbeddedValkey]:
    """A Valkey server."""
    with EmbeddedValkey(folder / "valkey") as server:
        yield server


@pytest.fixture(scope="session")
def settings(folder: Path, postgres: EmbeddedPostgres, valkey: EmbeddedValkey) -> Settings:
    """Settings of the product on these servers."""
    postgres.create_database("quantong")
    return Settings(
        database_url=postgres.url(APPLICATION, "quantong"),
        database_owner_url=postgres.url(OWNER, "quantong"),
        redis_url=valkey.url,
        operator_key=OPERATOR_KEY,
        encryption_keys=random_key(),
        index_keys=random_key(),
        signing_keys=random_key(),
        key_cache_seconds=0.2,
        access_token_seconds=3600,
        sms_sender="inbox",
        sms_inbox_file=str(folder / "sms.jsonl"),
        codes_per_address="100000 per day",
        wrong_codes_per_address="100000 per day",
        wrong_passwords_per_address="100000 per day",
        rate_limit_per_second=100_000,
        wrong_keys_per_address_per_minute=100_000,
    )


@pytest.fixture(scope="session")
def app(settings: Settings) -> Flask:
    """The application on a migrated database."""
    app = create_app(settings)
    with app.app_context():
        upgrade(directory=str(ROOT / "migrations"))
    return app


@pytest.fixture(scope="session")
def open_app(app: Flask, settings: Settings) -> Flask:
    """The same product, which may send webhooks to this machine."""
    return create_app(replace(settings, webhook_allow_http=1, webhook_allow_private=1, webhook_timeout_seconds=2.0))


@pytest.fixture(scope="session")
def _clockwork(app: Flask, settings: Settings) -> tuple[Flask, SetClock]:
    clock = SetClock()
    return create_app(settings, clock=clock), clock


@pytest.fixture
def clock(_clockwork: tuple[Flask, SetClock]) -> SetClock:
    """The clock of `timed` districts, which stands still until it is moved."""
    _clockwork[1].moment = now()
    return _clockwork[1]


@pytest.fixture
def timed_app(_clockwork: tuple[Flask, SetClock], clock: SetClock) -> Flask:
    """The same product, which records by `clock`."""
    return _clockwork[0]


@pytest.fixture
def timed(timed_app: Flask) -> District:
    """A new district that lives by `clock`."""
    return new_district(Api.inside(timed_app, OPERATOR_KEY))


@pytest.fixture
def context(app: Flask) -> Iterator[None]:
    """Code below the HTTP layer runs inside the application."""
    with app.app_context():
        yield


@pytest.fixture(scope="session")
def _superuser(app: Flask, postgres: EmbeddedPostgres, pytestconfig: pytest.Config) -> Iterator[psycopg.Connection]:
    url = f"host={postgres.sockets} user={SUPERUSER} dbname=quantong"
    with psycopg.connect(url, autocommit=True) as connection:
        pytestconfig.stash[IN_USE] = connection
        yield connection


@pytest.fixture(scope="module", autouse=True)
def _few_districts(pytestconfig: pytest.Config) -> None:
    """No file begins with the many districts of others: jobs walk over all that there are."""
    superuser = pytestconfig.stash.get(IN_USE, None)
    if superuser is not None:
        [(count,)] = superuser.execute("SELECT count(*) FROM districts")
        if count > MANY_DISTRICTS:
            with suppress(psycopg.errors.LockNotAvailable), superuser.transaction():
                superuser.execute("SET LOCAL lock_timeout = '2s'")
                superuser.execute(f"TRUNCATE {', '.join(tables(superuser))}")


@pytest.fixture
def superuser(_superuser: psycopg.Connection) -> Iterator[psycopg.Connection]:
    """A connection that sees everything, for breaking what the application can't; it commits each statement.

    All tests have the same: each new one would read the catalogue of all tables again.
    """
    yield _superuser
    _superuser.rollback()
    _superuser.execute("RESET ALL")


@pytest.fixture(scope="session")
def watch(_superuser: psycopg.Connection) -> Watch:
    """What stands in the database, to show that nothing changed."""
    return Watch(_superuser)


@pytest.fixture
def api(app: Flask) -> Api:
    """Calls of the API inside this process."""
    return Api.inside(app, OPERATOR_KEY)


@pytest.fixture
def district(api: Api) -> District:
    """A new district with two merchants, one store each."""
    return new_district(api)


@pytest.fixture(scope="module")
def untouched(app: Flask) -> District:
    """One for all the tests of a file that are refused: none changes it."""
    return new_district(Api.inside(app, OPERATOR_KEY))


@pytest.fixture
def other_district(api: Api) -> District:
    """Another one."""
    return new_district(api)


@pytest.fixture(scope="session")
def address(app: Flask, settings: Settings) -> Iterator[str]:
    """The base URL of the product as `make run` serves it: several processes of several threads."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    env = environment_of(settings, port)
    [web] = [program for program in read_procfile(ROOT / "Procfile", env) if program.name == "web"]
    process = web.start(subprocess.DEVNULL)
    try:
        _wait_for(f"http://127.0.0.1:{port}/readyz", process)
        yield f"http://127.0.0.1:{port}"
    finally:
        stop([(web, process)], patience_seconds=PATIENCE_SECONDS)


def environment_of(settings: Settings, port: int = 0) -> dict[str, str]:
    """The environment from which another process reads these settings."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    values = {name.upper(): str(value) for name, value in asdict(replace(settings)).items() if value != ""}
    return {**values, "PATH": path, "PORT": str(port), "PYTHONPATH": str(ROOT)}


def _wait_for(url: str, process: subprocess.Popen[bytes]) -> None:
    def is_there() -> bool:
        with suppress(*NO_ANSWER), urllib.request.urlopen(url, timeout=5):
            return True
        return process.poll() is not None

    if not wait_until(is_there) or process.poll() is not None:
        raise RuntimeError(f"{url} doesn't answer")


@pytest.fixture
def live(address: str, api: Api) -> Api:
    """Calls of the API over the network; same districts as `api`."""
    return Api.over_http(address, OPERATOR_KEY)
