"""Who is told what; secrets that overlap; switching off and on."""

from __future__ import annotations

from datetime import timedelta

import psycopg
import pytest
from flask import Flask

from app.foundation.clock import utc_now
from app.foundation.database.unit_of_work import unit_of_work
from app.foundation.ids import new_id
from app.foundation.jobs.relay import TakenEvent
from app.foundation.tenancy import system_principal
from app.messaging import queries, rules, services
from tests.factories.districts import District
from tests.factories.webhooks import (
    DoorClosed,
    DoorOpened,
    deliveries,
    doors,
    emit,
    new_endpoint,
    nowhere,
    shop_key,
    take_all,
    tell,
    untaken,
)

pytestmark = pytest.mark.usefixtures("context")


def told(district: District, endpoint_id: str) -> list[str]:
    """Ids of the events that an endpoint is told, the oldest first."""
    return sorted(one["event_id"] for one in deliveries(district, endpoint_id))


def test_an_endpoint_is_told_what_it_wants(street: District, open_app: Flask, superuser: psycopg.Connection) -> None:
    opened = new_endpoint(street, nowhere(), events=["door.opened"])["id"]
    every_door = new_endpoint(street, nowhere())["id"]
    points = new_endpoint(street, nowhere(), events=["points.*"])["id"]
    [first, second] = tell(open_app, superuser, street.id, DoorOpened(1), DoorClosed(2))[-2:]
    assert told(street, opened) == [first]
    assert told(street, every_door) == [first, second]
    assert told(street, points) == []


def test_a_shop_s_endpoint_is_told_what_names_the_shop(
    street: District, open_app: Flask, superuser: psycopg.Connection
) -> None:
    key, whole = shop_key(street), new_endpoint(street, nowhere())["id"]
    own = new_endpoint(street, nowhere(), key)["id"]
    shops = (street.shop.merchant_id, street.other_shop.merchant_id, None)
    ids = tell(open_app, superuser, street.id, *doors(3, shops))[-3:]
    assert told(street, own) == ids[:1]
    assert told(street, whole) == ids


def test_the_same_events_again_add_nothing(street: District, superuser: psycopg.Connection) -> None:
    endpoint = new_endpoint(street, nowhere())["id"]
    event = TakenEvent(new_id("evt"), "door.opened", {}, utc_now())
    for _ in range(3):
        with unit_of_work(system_principal(street.id)) as uow:
            services.fan_out(uow, [event])
    assert told(street, endpoint) == [event.id]


def test_a_deleted_endpoint_is_told_nothing_and_a_disabled_one_later(
    street: District, open_app: Flask, superuser: psycopg.Connection
) -> None:
    gone, asleep = new_endpoint(street, nowhere())["id"], new_endpoint(street, nowhere())["id"]
    street.api.call("DELETE", f"/v1/webhook-endpoints/{gone}", key=street.key).ok(200)
    street.api.patch(f"/v1/webhook-endpoints/{asleep}", {"status": "disabled"}, street.key).ok(200)
    tell(open_app, superuser, street.id, DoorOpened(1))
    assert len(told(street, asleep)) == 1
    rows = superuser.execute("SELECT FROM webhook_deliveries WHERE endpoint_id = %s", (gone[-32:],)).rowcount
    assert rows == 0


def test_an_endpoint_with_deliveries_under_way_does_not_hold_up_others(
    street: District, open_app: Flask, superuser: psycopg.Connection
) -> None:
    """Its row is locked while outcomes are noted or while it is changed; events leave the outbox all the same."""
    endpoint = new_endpoint(street, nowhere())["id"]
    emit(open_app, street.id, DoorOpened(1))
    superuser.execute("SET lock_timeout = '2s'")
    with unit_of_work(system_principal(street.id)) as uow:
        queries.find_endpoint(uow, endpoint, lock=True)
        assert take_all(open_app, superuser, street.id) >= 1
    assert untaken(superuser, street.id) == []


def test_secrets_overlap_as_long_as_told(street: District, superuser: psycopg.Connection) -> None:
    made = new_endpoint(street, nowhere())
    with unit_of_work(system_principal(street.id)) as uow:
        endpoint = queries.find_endpoint(uow, made["id"], lock=True)
        assert services.secrets_of(endpoint, uow.now) == [made["secret"]]
        second = services.rotate_secret(uow, endpoint, timedelta(minutes=5))
        assert services.secrets_of(endpoint, uow.now) == [second, made["secret"]]
        assert services.secrets_of(endpoint, uow.now + timedelta(minutes=5)) == [second]
        third = services.rotate_secret(uow, endpoint, timedelta(0))
        assert services.secrets_of(endpoint, uow.now) == [third]
    assert len({made["secret"], second, third}) == 3


def test_secrets_are_sealed_in_the_database(street: District, superuser: psycopg.Connection) -> None:
    made = new_endpoint(street, nowhere())
    rotated = street.api.post(f"/v1/webhook-endpoints/{made['id']}/rotate", {}, street.key, "once").ok(200)
    row = superuser.execute("SELECT e::text FROM webhook_endpoints e WHERE id = %s", (made["id"][-32:],)).fetchone()
    kept = superuser.execute(
        "SELECT string_agg(answer::text, '') FROM idempotency_keys WHERE district_id = %s", (street.id[-32:],)
    ).fetchone()
    for secret in (made["secret"], rotated["secret"]):
        for form in (secret, secret.removeprefix("whsec_"), secret.encode().hex()):
            assert form not in str(row)
            assert form not in str(kept)


def test_a_span_is_replayed_in_one_go(street: District, open_app: Flask, superuser: psycopg.Connection) -> None:
    made = new_endpoint(street, nowhere())["id"]
    ids = tell(open_app, superuser, street.id, *doors(5))[-5:]
    superuser.execute(
        "UPDATE webhook_deliveries SET status = 'delivered', next_attempt_at = NULL, tries_left = 3 "
        "WHERE endpoint_id = %s",
        (made[-32:],),
    )
    late = new_endpoint(street, nowhere(), events=["door.closed", "door.opened"])["id"]
    for endpoint_id in (made, late):
        with unit_of_work(system_principal(street.id)) as uow:
            endpoint = queries.find_endpoint(uow, endpoint_id, lock=True)
            span = (uow.now - timedelta(hours=1), uow.now + timedelta(hours=1))
            assert services.replay_span(uow, endpoint, *span) == 5
            assert services.replay_span(uow, endpoint, span[0], span[0] + timedelta(seconds=1)) == 0
        assert told(street, endpoint_id) == ids
        assert {one["status"] for one in deliveries(street, endpoint_id)} == {"pending"}
    tries = superuser.execute(
        "SELECT DISTINCT tries_left FROM webhook_deliveries WHERE endpoint_id = %s", (made[-32:],)
    )
    assert tries.fetchall() == [(rules.TRIES,)]
