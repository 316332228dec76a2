"""Districts on servers of their own (docs/scaling.md), played by plain servers: who goes where, and what one that is away stops."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from unittest import mock

import pytest
from click.testing import CliRunner
from flask import Flask
from psycopg import errors as pg

from app.books import verify
from app.cli import main
from app.config import Settings
from app.districts.tasks import forget_old_answers
from app.factory import create_app
from app.foundation.database import servers
from app.foundation.database.db import UNAVAILABLE
from app.foundation.database.pipeline import Pipeline
from app.foundation.database.unit_of_work import unit_of_work
from app.foundation.jobs import relay
from app.foundation.jobs.relay import Relay
from app.foundation.running.exporter import registry_of
from app.foundation.runtime import runtime
from app.foundation.tasks import take_events
from app.foundation.tenancy import system_principal
from app.foundation.tenant_tables import behind_the_wall
from app.launcher.valkey import EmbeddedValkey
from app.messaging.queries import due_endpoints
from tests.conftest import OPERATOR_KEY, QUICK, environment_of
from tests.factories.api import Api
from tests.factories.checksums import tables
from tests.factories.districts import District, new_district
from tests.factories.foundation import keep
from tests.factories.processes import wait_until
from tests.factories.spread import PORT, Cluster, Node, cluster_in, distribute
from tests.factories.webhooks import new_endpoint, untaken

pytestmark = pytest.mark.xdist_group("spread")


@dataclass(frozen=True, slots=True)
class Street:
    """A district, its member, and the server that it is on."""

    district: District
    member_id: str
    node: Node

    def sell(self, **more: object) -> int:
        """Reports a sale; gives the status."""
        return self.district.report(member_id=self.member_id, **more).status


@pytest.fixture(scope="module")
def cluster(folder: Path, settings: Settings) -> Iterator[Cluster]:
    """Three servers, and a queue of their own."""
    with (
        EmbeddedValkey(folder / "spread-valkey") as valkey,
        cluster_in(folder, replace(settings, redis_url=valkey.url, key_cache_seconds=0), QUICK) as made,
    ):
        yield made


@pytest.fixture(scope="module")
def product(cluster: Cluster) -> Flask:
    """The product on them."""
    return create_app(cluster.settings)


@pytest.fixture
def streets(cluster: Cluster, product: Flask) -> tuple[Street, Street]:
    """Two districts, each on a server of its own."""
    return _street(cluster, product, cluster.nodes[1]), _street(cluster, product, cluster.nodes[2])


@pytest.fixture(autouse=True)
def _patience(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(servers, "ASK_AGAIN_SECONDS", 0.05)
    monkeypatch.setattr(servers, "LIST_SECONDS", 0.0)


def _street(cluster: Cluster, product: Flask, node: Node, **more: str) -> Street:
    district = new_district(Api.inside(product, OPERATOR_KEY), **more)
    member_id = district.member()
    cluster.place(district.id, node)
    return Street(district, member_id, node)


def test_a_district_s_rows_go_to_its_own_server(cluster: Cluster, streets: tuple[Street, Street]) -> None:
    for street in streets:
        assert [street.sell() for _ in range(3)] == [201] * 3
        assert street.district.balance(street.member_id)["available"] == 3 * 128
        counts = [node.count("transactions", street.district.id) for node in cluster.nodes]
        assert counts == [3 if node is street.node else 0 for node in cluster.nodes]


def test_a_sandbox_has_its_time_and_its_batches_there_too(cluster: Cluster, product: Flask) -> None:
    street = _street(cluster, product, cluster.nodes[2], mode="sandbox")
    batch = {"transactions": [street.district.sale(member_id=street.member_id) for _ in range(5)]}
    assert street.district.api.post("/v1/transactions/batch", batch, street.district.key).status == 200
    assert street.sell() == 201
    assert [node.count("transactions", street.district.id) for node in cluster.nodes] == [0, 0, 6]


def test_a_key_of_no_district_opens_nothing(streets: tuple[Street, Street], product: Flask) -> None:
    api = Api.inside(product, OPERATOR_KEY)
    forged = streets[0].district.key[:8] + "a" * (len(streets[0].district.key) - 8)
    assert api.get("/v1/merchants", forged).status == 401


def test_a_server_that_is_away_stops_its_districts_and_no_others(
    streets: tuple[Street, Street], product: Flask
) -> None:
    resting, going = streets
    assert (resting.sell(), going.sell()) == (201, 201)
    with resting.node.away():
        for _ in range(3):
            refused = resting.district.report(member_id=resting.member_id)
            assert (refused.status, refused.code, refused.headers["Retry-After"]) == (503, "busy", "1")
            assert going.sell() == 201
    assert wait_until(lambda: resting.sell() == 201)
    assert resting.node.count("transactions", resting.district.id) == 2


def test_a_district_that_has_moved_is_found_again_by_who_works_in_it(
    cluster: Cluster, product: Flask, streets: tuple[Street, Street]
) -> None:
    """The process had its place in mind: the work is done again where the district is now, and nothing stays behind."""
    street = streets[0]
    assert street.sell() == 201
    cluster.place(street.district.id, cluster.nodes[2])
    assert street.sell() == 201
    assert [node.count("transactions", street.district.id) for node in cluster.nodes] == [0, 1, 2]
    assert street.district.balance(street.member_id)["available"] == 2 * 128


def test_writes_leave_one_by_one(product: Flask, streets: tuple[Street, Street]) -> None:
    """Several in one statement belong to no one server."""
    principal = system_principal(streets[0].district.id)
    with (
        product.app_context(),
        mock.patch.object(Pipeline, "send", autospec=True, side_effect=Pipeline.send) as sent,
        unit_of_work(principal, pipelined=True) as uow,
    ):
        keep(uow, "a")
        keep(uow, "b")
    texts = [call.args[1].split()[0] for call in sent.call_args_list]
    assert texts.count(b"INSERT") == 2
    assert b"WITH" not in texts
    assert texts[-2:] == [b"SELECT", b"COMMIT"]


def test_who_finds_at_the_end_that_the_district_has_moved_has_written_nothing(
    cluster: Cluster, product: Flask, streets: tuple[Street, Street]
) -> None:
    street = streets[0]
    principal = system_principal(street.district.id)
    for pipelined in (False, True):
        with (
            product.app_context(),
            pytest.raises(pg.SerializationFailure),
            unit_of_work(principal, pipelined=pipelined) as uow,
        ):
            keep(uow, "a")
            cluster.place(street.district.id, cluster.nodes[2 if pipelined is False else 1])
    assert [node.count("idempotency_keys", street.district.id) for node in cluster.nodes] == [0, 0, 0]


def test_a_new_district_waits_for_nobody_s_list(cluster: Cluster, product: Flask) -> None:
    """What isn't known to be placed is asked for at once."""
    street = _street(cluster, product, cluster.nodes[1])
    with product.app_context():
        found = runtime().spread.server_of(street.district.id)  # type: ignore[union-attr]
        assert found is not None
        assert str(street.node.server.sockets) in found.name


def _untaken(street: Street) -> list[str]:
    with street.node.superuser() as connection:
        return untaken(connection, street.district.id)


def test_the_relay_passes_on_what_is_on_servers_that_answer(
    cluster: Cluster, product: Flask, streets: tuple[Street, Street], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(relay, "GATHERED_SECONDS", 0)
    resting, going = streets
    with product.app_context():
        office = Relay(cluster.settings.redis_url)
        office.pass_on()
        assert (resting.sell(), going.sell()) == (201, 201)
        some = len(_untaken(going))
        with resting.node.away():
            assert resting.sell() == 503
            assert office.pass_on() > 0
            assert take_events(going.district.id, _untaken(going)) == some
            assert office.pass_on() == 0
        assert wait_until(lambda: office.pass_on() > 0)
        assert take_events(resting.district.id, _untaken(resting)) > 0


def test_couriers_hear_of_what_is_due_on_servers_that_answer(product: Flask, streets: tuple[Street, Street]) -> None:
    made = {}
    for street in streets:
        url = f"https://{street.district.id[4:]}.shops.cn/hooks"
        made[street.district.id] = new_endpoint(street.district, url, events=["transaction.*"])["id"]
        assert street.sell() == 201
        with product.app_context():
            take_events(street.district.id, _untaken(street))
    resting, going = streets
    with product.app_context():
        assert made.items() <= dict(due_endpoints()).items()
        with resting.node.away():
            assert resting.sell() == 503
            due = dict(due_endpoints())
            assert going.district.id in due
            assert resting.district.id not in due
        assert wait_until(lambda: resting.district.id in dict(due_endpoints()))


def test_a_job_is_done_in_the_districts_of_servers_that_answer(product: Flask, streets: tuple[Street, Street]) -> None:
    """It has failed all the same, and is repeated at its next time."""
    resting, going = streets
    for street in streets:
        assert street.sell(idempotency_key="old") == 201
        with street.node.superuser() as connection:
            connection.execute("UPDATE idempotency_keys SET recorded_at = now() - interval '25 hours'")
    with product.app_context():
        with resting.node.away():
            assert resting.sell() == 503
            with pytest.raises(UNAVAILABLE):
                forget_old_answers()
            assert going.node.count("idempotency_keys", going.district.id) == 0
        assert wait_until(lambda: resting.sell() == 201)
        assert resting.node.count("idempotency_keys", resting.district.id) == 1
        forget_old_answers()
        assert resting.node.count("idempotency_keys", resting.district.id) == 0


def test_books_are_verified_where_servers_answer(product: Flask, streets: tuple[Street, Street]) -> None:
    resting, going = streets
    assert (resting.sell(), going.sell()) == (201, 201)
    with product.app_context():
        with resting.node.away():
            assert resting.sell() == 503
            found = {one.district_id: one for one in verify()}
        assert isinstance(found[resting.district.id].failure, UNAVAILABLE)
        assert found[going.district.id].failure is None
        assert not any(finding.broken for finding in found[going.district.id].findings)
        assert any(finding.rows for finding in found[going.district.id].findings)


def test_figures_are_those_of_all_servers(product: Flask, streets: tuple[Street, Street]) -> None:
    with product.app_context():
        before = {gauge.name: gauge.value for gauge in relay.gauges()}
        assert [street.sell() for street in streets] == [201, 201]
        after = {gauge.name: gauge.value for gauge in relay.gauges()}
    assert after["quantong_outbox_waiting"] - before["quantong_outbox_waiting"] >= 2


def test_a_server_that_is_away_is_seen(product: Flask, streets: tuple[Street, Street]) -> None:
    resting = streets[0]
    with product.app_context():
        assert [street.sell() for street in streets] == [201, 201]
        with resting.node.away():
            assert [resting.sell() for _ in range(3)] == [503] * 3
            found = {
                sample.labels["server"]: sample.value
                for family in registry_of(product, []).collect()
                if family.name == "quantong_server_up"
                for sample in family.samples
            }
        assert wait_until(lambda: resting.sell() == 201)
    names = [f"{street.node.server.sockets}:{PORT}" for street in streets]
    assert [found[name] for name in names] == [0, 1]


def test_distributing_again_spreads_only_what_is_new(cluster: Cluster, product: Flask) -> None:
    with cluster.coordinator.superuser() as connection:
        spread = connection.execute("SELECT logicalrelid::text, how FROM pg_dist_partition ORDER BY place").fetchall()
        assert dict(spread[:3]) == {
            "alembic_version": "everywhere",
            "districts": "everywhere",
            "merchants": "district_id 32",
        }
        assert {how for _, how in spread[3:]} == {"district_id merchants"}
        assert {table for table, _ in spread} == {*tables(connection), "alembic_version"}
        order = [table for table, _ in spread]
        assert order.index("members") < order.index("member_identities")
        walls = connection.execute(
            "SELECT pg_get_expr(polqual, polrelid), pg_get_expr(polwithcheck, polrelid) FROM pg_policy"
        )
        assert not any("SELECT" in shown + checked for shown, checked in walls)
        assert "create_" not in distribute(cluster.settings, "--run")
        connection.execute("DELETE FROM pg_dist_partition WHERE logicalrelid = 'lots'::regclass")
        assert distribute(cluster.settings).count("SELECT create_distributed_table('lots'") == 1
        assert distribute(cluster.settings, "--run").count("SELECT create_") == 1
        assert "create_" not in distribute(cluster.settings)


def test_a_new_table_goes_to_the_servers_with_its_migration(cluster: Cluster) -> None:
    with cluster.coordinator.superuser() as connection:
        connection.execute("CREATE TABLE novelties (district_id uuid NOT NULL, id uuid, PRIMARY KEY (district_id, id))")
        connection.execute(behind_the_wall("novelties", grants="SELECT").encode())
        wall = connection.execute(
            "SELECT pg_get_expr(polqual, polrelid) FROM pg_policy WHERE polrelid = 'novelties'::regclass"
        )
        assert "SELECT" not in wall.fetchall()[0][0]
        how = connection.execute("SELECT how FROM pg_dist_partition WHERE logicalrelid = 'novelties'::regclass")
        assert how.fetchall() == [("district_id merchants",)]
        connection.execute("DELETE FROM pg_dist_partition WHERE logicalrelid = 'novelties'::regclass")
        connection.execute("DROP TABLE novelties")


def test_a_setting_that_says_otherwise_than_the_database_is_told(cluster: Cluster, product: Flask, app: Flask) -> None:
    assert product.test_client().get("/readyz").status_code == 200
    unaware = create_app(replace(cluster.settings, database_spread=0)).test_client().get("/readyz")
    assert unaware.status_code == 503
    assert unaware.json["checks"]["database"] == "spread: set DATABASE_SPREAD=1"
    plain: Settings = app.extensions["quantong"].settings
    hopeful = create_app(replace(plain, database_spread=1)).test_client().get("/readyz")
    assert hopeful.json["checks"]["database"] == "not spread: run `quantong distribute`"


def test_a_database_without_citus_is_not_distributed(app: Flask) -> None:
    plain: Settings = app.extensions["quantong"].settings
    result = CliRunner().invoke(main, ["distribute", "--run"], env=environment_of(plain))
    assert result.exit_code == 1
    assert "no Citus" in result.output
