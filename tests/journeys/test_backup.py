"""Backups by the commands of docs/production.md, as they stand there: what is restored has verified books."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path

import psycopg
import pytest
from flask_migrate import upgrade

from app.config import Settings
from app.factory import create_app
from app.foundation.database.db import db
from app.launcher.postgres import APPLICATION, OWNER, SUPERUSER, EmbeddedPostgres
from app.launcher.valkey import EmbeddedValkey
from tests.conftest import OPERATOR_KEY, ROOT, environment_of, random_key
from tests.factories.api import Api
from tests.factories.checksums import checksums
from tests.factories.clock import now
from tests.factories.districts import District, new_district, new_phone
from tests.factories.processes import wait_until

pytestmark = pytest.mark.xdist_group("backup")
GUIDE = ROOT / "docs" / "production.md"
WAL = "/backup/wal"


def tried(name: str) -> str:
    """A block of the guide that says it is tried."""
    text = GUIDE.read_text(encoding="utf-8")
    [block] = re.findall(rf"<!-- tried: {name} -->\n```\w+\n(.*?)```", text, re.DOTALL)
    return str(block)


@dataclass(frozen=True, slots=True)
class Site:
    """An installation: its server, its settings, folders for backups and for the log."""

    server: EmbeddedPostgres
    settings: Settings
    backups: Path
    wal: Path

    def run(self, name: str, **more: str) -> str:
        """Runs a block of the guide against the server."""
        path = os.pathsep.join((str(self.server.bin_dir), str(Path(sys.executable).parent), os.environ["PATH"]))
        env = {
            **environment_of(self.settings),
            "PGHOST": str(self.server.sockets),
            "BACKUPS": str(self.backups),
            **more,
        }
        script = tried(name).replace(WAL, str(self.wal))
        done = subprocess.run(
            ["sh", "-euc", script], env={**env, "PATH": path}, cwd=self.backups, capture_output=True, text=True
        )
        assert done.returncode == 0, (name, done.stdout[-2000:], done.stderr[-2000:])
        return done.stdout

    def superuser(self, database: str = "quantong") -> psycopg.Connection:
        address = f"host={self.server.sockets} user={SUPERUSER} dbname={database}"
        return psycopg.connect(address, autocommit=True)

    def on(self, server: EmbeddedPostgres, database: str) -> Site:
        """The same product on another database."""
        urls = {"database_url": server.url(APPLICATION, database), "database_owner_url": server.url(OWNER, database)}
        return replace(self, server=server, settings=replace(self.settings, **urls))


@pytest.fixture(scope="module")
def ground() -> Iterator[Path]:
    """A folder that the servers' user can reach, too."""
    with tempfile.TemporaryDirectory(prefix="quantong-backup-") as name:
        Path(name).chmod(0o755)
        yield Path(name)


@pytest.fixture(scope="module")
def site(ground: Path, valkey: EmbeddedValkey) -> Iterator[Site]:
    """A server with the settings, the roles and the database of the guide, migrated."""
    for name in ("wal", "backups"):
        (ground / name).mkdir()
        (ground / name).chmod(0o777)
    options = dict(line.split(" = ", 1) for line in tried("settings").splitlines())
    archive = {name: value.strip("'").replace(WAL, str(ground / "wal")) for name, value in options.items()}
    with EmbeddedPostgres(ground / "first", archive) as server:
        settings = Settings(
            database_url=server.url(APPLICATION, "quantong"),
            database_owner_url=server.url(OWNER, "quantong"),
            redis_url=valkey.url,
            operator_key=OPERATOR_KEY,
            encryption_keys=random_key(),
            index_keys=random_key(),
            signing_keys=random_key(),
        )
        site = Site(server, settings, ground / "backups", ground / "wal")
        with site.superuser("postgres") as connection:
            for role in (OWNER, APPLICATION):
                connection.execute(f"DROP ROLE {role}")  # the guide makes them
            for statement in tried("roles").split(";"):
                connection.execute(statement)
        app = create_app(settings)
        with app.app_context():
            upgrade(directory=str(ROOT / "migrations"))
            db.engine.dispose()
        yield site


@pytest.fixture
def street(site: Site) -> Iterator[District]:
    """A district of the installation, with sales."""
    app = create_app(site.settings)
    district = new_district(Api.inside(app, OPERATOR_KEY))
    sell(district, 20)
    yield district
    with app.app_context():
        db.engine.dispose()


def sell(street: District, number: int, reference: str = "") -> None:
    """Sales to members, to phones and to nobody, alone and in a batch."""
    member = street.member()
    batch = [street.sale(member_id=member, amount=100 * n) for n in range(number)]
    street.api.post("/v1/transactions/batch", {"transactions": batch}, street.key).ok(200)
    street.report(phone=new_phone()).ok(201)
    street.report(member_id=member, **({"reference": reference} if reference else {})).ok(201)


def figures(site: Site, database: str = "quantong") -> dict[str, tuple[int, Decimal]]:
    """Rows of every table, and a sum over what they hold."""
    with site.superuser(database) as connection:
        return checksums(connection)


def references(site: Site, street: District) -> set[str]:
    with site.superuser() as connection:
        rows = connection.execute("SELECT reference FROM transactions WHERE district_id = %s", (street.id[4:],))
        return {reference for (reference,) in rows.fetchall()}


def check_books(site: Site) -> None:
    said = site.run("verify")
    assert re.search(r"[1-9]\d* districts, 0 checks broken", said), said


def check_wall(site: Site, database: str) -> None:
    """The application sees nothing without a district, and can't change what is only added."""
    with psycopg.connect(f"host={site.server.sockets} user={APPLICATION} dbname={database}") as connection:
        assert connection.execute("SELECT count(*) FROM transactions").fetchone() == (0,)
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("DELETE FROM transfers")


def test_a_dump_is_restored_into_a_new_database(site: Site, street: District) -> None:
    site.run("dump")
    site.run("restore")
    restored = site.on(site.server, "quantong_restored")
    check_books(restored)
    assert figures(site, "quantong_restored") == figures(site)
    check_wall(site, "quantong_restored")
    app = create_app(restored.settings)
    there = replace(street, api=Api.inside(app, OPERATOR_KEY))
    assert there.api.get("/readyz", None).status == 200
    sell(there, 3)
    check_books(restored)
    with app.app_context():
        db.engine.dispose()


def recovered(site: Site, ground: Path, name: str, moment: str = "") -> EmbeddedPostgres:
    """A new server on the base and the log; not started yet."""
    folder = ground / name
    server = EmbeddedPostgres(folder)
    folder.mkdir()
    site.run("recover", NEW_DATA=str(folder / "cluster"))
    if moment:
        site.run("moment", NEW_DATA=str(folder / "cluster"), MOMENT=moment)
    if os.geteuid() == 0:
        for path in (folder, *folder.rglob("*")):
            shutil.chown(path, "nobody")
    return server


def is_ready(site: Site) -> bool:
    with site.superuser("postgres") as connection:
        return connection.execute("SELECT pg_is_in_recovery()").fetchone() == (False,)


def test_a_base_backup_and_the_log_lead_to_the_end_or_to_a_moment(site: Site, street: District, ground: Path) -> None:
    site.run("base")
    sell(street, 15, "after the base")
    moment = now().isoformat()
    sell(street, 10, "after the moment")
    before = figures(site)
    site.server.stop()
    for name, target in (("whole", ""), ("moment", moment)):
        with recovered(site, ground, name, target) as server:
            there = site.on(server, "quantong")
            assert wait_until(lambda there=there: is_ready(there)), server.log.read_text()[-3000:]
            check_books(there)
            found = references(there, street)
            assert "after the base" in found
            assert ("after the moment" in found) == (name == "whole")
            if name == "whole":
                assert figures(there) == before
            check_wall(there, "quantong")
