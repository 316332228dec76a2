"""The stage of a measurement: servers of its own, a district with shops and members, the product as `make run` runs it."""

from __future__ import annotations

import base64
import http.client
import json
import os
import secrets
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import psycopg

from app.launcher.postgres import APPLICATION, OWNER, SUPERUSER, EmbeddedPostgres
from app.launcher.programs import stop
from app.launcher.supervisor import read_procfile
from app.launcher.valkey import EmbeddedValkey
from app.ledger.rules import account_id
from benchmarks import limits

ROOT = Path(__file__).parents[1]
PORT = 18_600
DATABASE = "bench"
MEMBERS = 100_000
MERCHANTS = 40
OPERATOR_KEY = f"ok_live_{secrets.token_urlsafe(32)}"


@dataclass(slots=True)
class Stage:
    """Where to knock, and whom the district knows."""

    postgres: EmbeddedPostgres
    district_id: str
    key: str
    store_ids: list[str]
    member_ids: list[str]
    env: dict[str, str]
    folder: Path

    @property
    def address(self) -> tuple[str, int]:
        """Host and port of the product."""
        return "127.0.0.1", PORT

    @property
    def district(self) -> str:
        """The district's id as the database has it."""
        return self.district_id[-32:]

    def limit(self, seconds: float) -> float:
        """The SQL limit for single sales, per second."""
        stores, members = len(self.store_ids), len(self.member_ids)
        return limits.single(
            self.postgres.bin_dir, self.postgres.sockets, DATABASE, self.district, members, stores, seconds
        )

    def bulk_limit(self, seconds: float) -> float:
        """The SQL limit for sets of 1,000, in sales per second."""
        return limits.bulk(
            self.postgres.bin_dir, self.postgres.sockets, DATABASE, self.district, len(self.member_ids), seconds
        )

    def add_endpoint(self, url: str) -> str:
        """Adds a webhook endpoint of the district; gives its id."""
        return str(call("POST", "/v1/webhook-endpoints", self.key, {"url": url})["id"])

    def merchant_ids(self) -> list[str]:
        """The merchants, as the API lists them."""
        return [one["id"] for one in call("GET", "/v1/merchants?limit=100", self.key)["data"]]

    def add_tier(self, name: str, rank: int, threshold: int) -> str:
        """Adds a tier by points earned in a year; gives its id."""
        terms = {"qualifies_by": "points_earned", "threshold": threshold, "period_days": 365}
        return str(call("POST", "/v1/tiers", self.key, {"name": name, "rank": rank, **terms})["id"])

    def publish(self, rules: list[dict[str, Any]]) -> None:
        """Makes rules the district's version from now on."""
        draft = call("POST", "/v1/rule-sets", self.key, {"name": "bench", "rules": rules})
        call("POST", f"/v1/rule-sets/{draft['id']}/publish", self.key, {})

    def superuser(self) -> psycopg.Connection:
        """A connection that sees everything; commits each statement."""
        url = f"host={self.postgres.sockets} user={SUPERUSER} dbname={DATABASE}"
        return psycopg.connect(url, autocommit=True)

    def fill(self, sales: int) -> None:
        """Stores sales until there are this many."""
        with self.superuser() as connection:
            [[stored]] = connection.execute("SELECT count(*) FROM transactions").fetchall()
            for number in range(max(0, -(-(sales - stored) // 1000))):
                first = number * 1000 % len(self.member_ids)
                connection.execute("SELECT bench_sales(%s, %s, 1000)", (self.district, first))
        self.rest()

    def rest(self) -> None:
        """Does at once what the server would do by and by, so that no measurement pays for the one before it."""
        with self.superuser() as connection:
            connection.execute("VACUUM (ANALYZE)")
            connection.execute("CHECKPOINT")


@contextmanager
def stage(*also: str) -> Iterator[Stage]:
    """Sets the stage, and clears it away afterwards. `also`: lines of the Procfile that run beside the web server."""
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        Path(folder).chmod(0o755)
        with (
            EmbeddedPostgres(Path(folder) / "postgres", {"shared_buffers": "1GB", "max_wal_size": "8GB"}) as postgres,
            EmbeddedValkey(Path(folder) / "valkey") as valkey,
        ):
            postgres.create_database(DATABASE)
            env = _environment(postgres, valkey, Path(folder))
            subprocess.run([sys.executable, "-m", "app.cli", "migrate"], env=env, cwd=ROOT, check=True)
            with (Path(folder) / "log").open("ab") as log, _running(env, log, "web", *also):
                yield _furnish(postgres, env, Path(folder))


def _environment(postgres: EmbeddedPostgres, valkey: EmbeddedValkey, folder: Path) -> dict[str, str]:
    return {
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "PORT": str(PORT),
        "DATABASE_URL": postgres.url(APPLICATION, DATABASE),
        "DATABASE_OWNER_URL": postgres.url(OWNER, DATABASE),
        "REDIS_URL": valkey.url,
        "OPERATOR_KEY": OPERATOR_KEY,
        "RATE_LIMIT_PER_SECOND": os.environ.get("RATE_LIMIT_PER_SECOND", "1000000"),
        "SMS_SENDER": "inbox",
        "SMS_INBOX_FILE": str(folder / "sms.jsonl"),
        "WRONG_PASSWORDS_PER_ADDRESS": "100000000 per hour",
        "WEBHOOK_ALLOW_HTTP": "1",
        "WEBHOOK_ALLOW_PRIVATE": "1",
        **{name: _random_key() for name in ("ENCRYPTION_KEYS", "INDEX_KEYS", "SIGNING_KEYS")},
    }


def _random_key() -> str:
    return "1:" + base64.urlsafe_b64encode(os.urandom(32)).decode().rstrip("=")


@contextmanager
def _running(env: dict[str, str], log: IO[bytes], *names: str) -> Iterator[None]:
    """Runs lines of the Procfile, once the web server answers."""
    programs = [program for program in read_procfile(ROOT / "Procfile", env) if program.name in names]
    running = [(program, program.start(log)) for program in programs]
    try:
        while not _answers():
            if any(process.poll() is not None for _, process in running):
                raise RuntimeError("the web server, or what runs beside it, has ended")
            time.sleep(0.1)
        yield
    finally:
        stop(running, patience_seconds=10)


def _answers() -> bool:
    try:
        return bool(call("GET", "/readyz", "")["status"] == "ok")
    except (OSError, Refused):
        return False


class Refused(Exception):
    """The product refused a call on which the measurement depends."""


def call(
    method: str, path: str, key: str, body: dict[str, Any] | None = None, *, patience_seconds: float = 30
) -> dict[str, Any]:
    """The answer to a call of the product on the stage."""
    connection = http.client.HTTPConnection("127.0.0.1", PORT, timeout=patience_seconds)
    headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
    connection.request(method, path, body and json.dumps(body), headers)
    reply = connection.getresponse()
    text = reply.read().decode()
    connection.close()
    if reply.status >= 400:
        raise Refused(f"{method} {path} was refused with {reply.status}: {text}")
    answer: dict[str, Any] = json.loads(text)
    return answer


def _furnish(postgres: EmbeddedPostgres, env: dict[str, str], folder: Path) -> Stage:
    """Shops through the API; members straight into the tables, for their enrolment isn't what is measured."""
    district = call("POST", "/v1/districts", OPERATOR_KEY, {"name": "Bench", "slug": "bench"})
    key = district["api_key"]["secret"]
    stores = []
    for number in range(MERCHANTS):
        merchant = call("POST", "/v1/merchants", key, {"name": f"M{number}", "code": f"M{number}"})
        store = {"merchant_id": merchant["id"], "name": "S", "code": f"M{number}-1"}
        stores.append(call("POST", "/v1/stores", key, store))
    stage = Stage(postgres, district["id"], key, [store["id"] for store in stores], [], env, folder)
    with stage.superuser() as connection:
        limits.install(connection)
        stage.member_ids = _add_members(connection, stage.district)
        with connection.cursor() as cursor:
            cursor.executemany(
                "INSERT INTO bench_stores VALUES (%s, %s, %s, %s)",
                [
                    (n, one["id"][-32:], one["merchant_id"][-32:], _account("issued", one["merchant_id"]))
                    for n, one in enumerate(stores)
                ],
            )
        connection.execute("VACUUM (ANALYZE)")
    return stage


def _add_members(connection: psycopg.Connection, district: str) -> list[str]:
    connection.execute(
        """
        INSERT INTO members (district_id, id, number, created_at)
        SELECT %s, bench_id(), lpad(n::text, 10, '0'), now() FROM generate_series(1, %s) AS n
        """,
        (district, MEMBERS),
    )
    connection.execute(
        "INSERT INTO point_balances (district_id, member_id) SELECT district_id, id FROM members WHERE district_id = %s",
        (district,),
    )
    rows = connection.execute("SELECT id::text FROM members WHERE district_id = %s", (district,)).fetchall()
    ids = [f"mem_{member.replace('-', '')}" for (member,) in rows]
    with connection.cursor() as cursor, cursor.copy("COPY bench_members FROM STDIN") as copy:
        for number, member in enumerate(ids):
            copy.write_row((number, member[-32:], _account("member", member)))
    connection.execute(
        """
        INSERT INTO merchant_memberships (district_id, member_id, merchant_id, since, way)
        SELECT m.district_id, m.id, r.id, now(), 'purchase' FROM members m
        JOIN merchants r ON r.district_id = m.district_id WHERE m.district_id = %s
        """,
        (district,),
    )
    return ids


def _account(kind: str, owner: str) -> str:
    return account_id("points", kind, owner)[-32:]
