"""The product on a real cluster: everything it does, with its books verified. `make test-citus`; skipped without one."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from app.foundation.jobs.relay import Relay
from app.foundation.runtime import runtime
from app.foundation.tasks import take_events
from app.messaging.queries import due_endpoints
from app.wiring import SOURCES, TIMETABLE
from tests.citus.conftest import Citus
from tests.factories.books import broken
from tests.factories.checksums import tables
from tests.factories.districts import new_district
from tests.factories.points import base_rule, new_version
from tests.factories.refunds import give_back
from tests.factories.sandboxes import advance, new_sandbox
from tests.factories.webhooks import untaken
from tests.factories.worlds import new_world

pytestmark = pytest.mark.xdist_group("citus")
TILLS = 8


def test_every_table_is_spread_and_again_means_nothing(citus: Citus) -> None:
    with citus.owner() as connection:
        spread = {name for (name,) in connection.execute("SELECT logicalrelid::text FROM pg_dist_partition")}
        assert spread >= {*tables(connection), "alembic_version"}
    assert "create_" not in citus.distribute("--run")


def test_a_world_is_made_and_its_books_are_right(citus: Citus) -> None:
    """One of everything that has an id: each statement of the product is sent somewhere by it."""
    districts = [new_world(citus.api).district for _ in range(4)]
    with citus.app.app_context():
        for district in districts:
            assert runtime().spread.server_of(district.id) is not None  # type: ignore[union-attr]
            assert broken(district.id) == {}


def test_tills_that_meet_at_one_member_give_it_every_point_once(citus: Citus) -> None:
    district = new_district(citus.api)
    new_version(district, base_rule(caps={"per_member_total": 10_000_000, "budget": 10_000_000}))
    member = district.member()

    def ring(number: int) -> None:
        for sale in range(10):
            made = district.report(member_id=member, reference=f"T{number}-{sale}").ok(201)
            if sale % 5 == 0:
                give_back(district, made["id"], 2800)

    at_once(ring)
    assert district.balance(member)["available"] == TILLS * (8 * 128 + 2 * 100)
    with citus.app.app_context():
        assert broken(district.id) == {}


def at_once(work: Callable[[int], Any]) -> None:
    """Lets tills work side by side."""
    with ThreadPoolExecutor(TILLS) as pool:
        list(pool.map(work, range(TILLS)))


def test_batches_of_tills_that_meet_are_recorded_once(citus: Citus) -> None:
    district = new_district(citus.api)
    members = [district.member() for _ in range(20)]
    batch = {"transactions": [district.sale(member_id=members[n % 20]) for n in range(200)]}
    at_once(lambda _: district.api.post("/v1/transactions/batch", batch, district.key).ok(200))
    assert sum(district.balance(one)["available"] for one in members) == 200 * 128
    with citus.app.app_context():
        assert broken(district.id) == {}


def test_a_sandbox_walks_through_a_year(citus: Citus) -> None:
    district = new_sandbox(citus.api)
    district.report(member_id=district.member()).ok(201)
    with citus.app.app_context():
        advance(district, days=400)
        assert broken(district.id) == {}


def test_events_leave_and_jobs_run(citus: Citus) -> None:
    district = new_district(citus.api)
    district.report(member_id=district.member()).ok(201)
    with citus.app.app_context():
        assert Relay(citus.settings.redis_url).pass_on() > 0
        with citus.owner() as connection:
            assert take_events(district.id, untaken(connection, district.id)) > 0
        due_endpoints()
        assert [gauge.name for source in SOURCES for gauge in source()]
        for job, _ in TIMETABLE:
            job()


def test_sales_go_on_while_their_district_moves(citus: Citus) -> None:
    """None is refused, none is lost, and those that follow are recorded at the new place."""
    district = new_district(citus.api)
    member = district.member()
    with citus.owner() as connection:
        here = (
            "SELECT nodename, nodeport FROM pg_dist_node WHERE noderole = 'primary' AND shouldhaveshards ORDER BY 1, 2"
        )
        nodes = connection.execute(here).fetchall()
        if len(nodes) < 2:
            pytest.skip("nowhere to move: the cluster has one server for districts")
        where = "SELECT host, port FROM district_servers(ARRAY[%s]::uuid[])"
        [old] = connection.execute(where, (district.id[-32:],)).fetchall()
        new = next(node for node in nodes if node != old)
        shard = "SELECT get_shard_id_for_distribution_column('merchants', %s::uuid)"
        [(shard_id,)] = connection.execute(shard, (district.id[-32:],)).fetchall()
        move = "SELECT citus_move_shard_placement(%s, %s, %s, %s, %s, shard_transfer_mode := 'block_writes')"
        with ThreadPoolExecutor(1) as pool:
            moving = pool.submit(connection.execute, move, (shard_id, *old, *new))
            statuses = [district.report(member_id=member).status]
            while not moving.done():
                statuses.append(district.report(member_id=member).status)
            moving.result()
        statuses.append(district.report(member_id=member).status)
        assert set(statuses) == {201}
        assert connection.execute(where, (district.id[-32:],)).fetchall() == [new]
    assert district.balance(member)["available"] == len(statuses) * 128
    with citus.app.app_context():
        assert broken(district.id) == {}
