"""A cluster of Citus that somebody has: CITUS_URL is its coordinator's address, of an empty database, for its owner.

Its login makes tables, may take the role of the application, and reads Citus's own tables (docs/scaling.md).
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

import psycopg
import pytest
from click.testing import CliRunner
from flask import Flask
from flask_migrate import upgrade

from app.cli import main
from app.config import Settings
from app.factory import create_app
from app.launcher.valkey import EmbeddedValkey
from tests.conftest import OPERATOR_KEY, ROOT, environment_of
from tests.factories.api import Api


@dataclass(frozen=True, slots=True)
class Citus:
    """The product on the cluster."""

    app: Flask
    settings: Settings

    @property
    def api(self) -> Api:
        """Calls inside this process."""
        return Api.inside(self.app, OPERATOR_KEY)

    @contextmanager
    def owner(self) -> Iterator[psycopg.Connection]:
        """A connection to the coordinator that commits each statement."""
        address = self.settings.owner_url.replace("postgresql+psycopg://", "postgresql://")
        with psycopg.connect(address, autocommit=True) as connection:
            yield connection

    def distribute(self, *options: str) -> str:
        """Runs `quantong distribute`; gives what it says."""
        result = CliRunner().invoke(main, ["distribute", *options], env=environment_of(self.settings))
        assert result.exit_code == 0, result.output
        return result.output


@pytest.fixture(scope="session")
def citus(settings: Settings, valkey: EmbeddedValkey) -> Citus:
    """The cluster, migrated and spread; what it holds stays there. Without an address these tests are skipped."""
    url = os.environ.get("CITUS_URL")
    if not url:
        pytest.skip("no cluster here: name its coordinator in CITUS_URL (docs/scaling.md)")
    spread = replace(settings, database_url=url, database_owner_url=url, database_spread=1)
    app = create_app(spread)
    with app.app_context():
        upgrade(directory=str(ROOT / "migrations"))
    made = Citus(app, spread)
    made.distribute("--run", "--shards", "8")
    return made
