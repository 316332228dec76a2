"""A member whose balance somebody holds keeps nobody else waiting."""

from __future__ import annotations

from dataclasses import replace

import psycopg
import pytest
from flask import Flask

from app.config import Settings
from app.factory import create_app
from app.foundation.http.turns import take_turns
from app.launcher.postgres import SUPERUSER, EmbeddedPostgres
from tests.factories.api import Api
from tests.factories.books import broken
from tests.factories.districts import District, new_district
from tests.factories.locks import is_waiting
from tests.factories.processes import wait_until
from tests.factories.running import Meanwhile


@pytest.fixture(scope="module")
def patient_app(app: Flask, settings: Settings) -> Flask:
    """The same product, which waits for a lock for as long as this test takes."""
    return create_app(replace(settings, lock_timeout_ms=60_000))


@pytest.fixture
def street(patient_app: Flask, settings: Settings) -> District:
    """A district in that product, in this process."""
    return new_district(Api.inside(patient_app, settings.operator_key))


def test_strangers_sales_go_on_beside_a_member_who_is_held(
    patient_app: Flask, street: District, postgres: EmbeddedPostgres
) -> None:
    """Twenty sales to a member who is held, and among them strangers' at the same tills: these are answered at once."""
    busy, strangers = street.member(), [street.member() for _ in range(20)]

    def sell(member: str) -> Meanwhile:
        return Meanwhile(lambda: street.report(member_id=member, amount=100))

    with psycopg.connect(f"host={postgres.sockets} user={SUPERUSER} dbname=quantong") as neighbour:
        neighbour.execute("SELECT FROM point_balances WHERE member_id = %s FOR UPDATE", (busy[-32:],))
        pairs = [(sell(busy), sell(stranger)) for stranger in strangers]
        assert [sale.wait().status for _, sale in pairs] == [201] * 20
        assert all(sale.is_alive() for sale, _ in pairs)
        assert street.balance(busy)["available"] == 0
        assert street.report(member_id=strangers[0], amount=100).status == 201
    assert [sale.wait().status for sale, _ in pairs] == [201] * 20
    assert street.balance(busy)["available"] == 20
    with patient_app.app_context():
        assert broken(street.id) == {}


def test_who_is_known_by_a_reference_is_answered_when_the_member_is_free(
    street: District, postgres: EmbeddedPostgres
) -> None:
    """A report sent again while the member is held waits, and is the same sale."""
    busy = street.member()
    sale = street.sale(member_id=busy, amount=100)
    with psycopg.connect(f"host={postgres.sockets} user={SUPERUSER} dbname=quantong") as neighbour:
        neighbour.execute("SELECT FROM point_balances WHERE member_id = %s FOR UPDATE", (busy[-32:],))
        both = [Meanwhile(lambda: street.report(**sale)) for _ in range(2)]
        waiting = "SELECT count(*) = 2 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = 'quantong'"
        assert wait_until(lambda: neighbour.execute(waiting).fetchone() == (True,))
    replies = [one.wait() for one in both]
    assert sorted(reply.status for reply in replies) == [200, 201]
    assert len({reply.body["id"] for reply in replies}) == 1
    assert street.balance(busy)["available"] == 1


def test_batches_go_ahead_of_one_that_waits_for_a_member(street: District, postgres: EmbeddedPostgres) -> None:
    """Where members are busy batches take turns in a process; one of them whose member is held steps aside."""
    busy, stranger = street.member(), street.member()

    def batch(member: str) -> list[int]:
        sales = [street.sale(member_id=member, amount=100) for _ in range(10)]
        reply = street.api.post("/v1/transactions/batch", {"transactions": sales}, street.key)
        return [result["status"] for result in reply.ok(200)["results"]]

    take_turns(street.id)
    with psycopg.connect(f"host={postgres.sockets} user={SUPERUSER} dbname=quantong", autocommit=True) as looking:
        with psycopg.connect(f"host={postgres.sockets} user={SUPERUSER} dbname=quantong") as neighbour:
            neighbour.execute("SELECT FROM point_balances WHERE member_id = %s FOR UPDATE", (busy[-32:],))
            waits = Meanwhile(lambda: batch(busy))
            assert wait_until(lambda: is_waiting(looking, "point_balances"))
            replies = [Meanwhile(lambda: batch(stranger)) for _ in range(3)]
            assert [one.wait() for one in replies] == [[201] * 10] * 3
            assert waits.is_alive()
        assert waits.wait() == [201] * 10
    assert (street.balance(busy)["available"], street.balance(stranger)["available"]) == (10, 30)
