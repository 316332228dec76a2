"""What has happened, as a list; and that it leaves the outbox through the product's own processes."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator

import psycopg
import pytest
from flask import Flask
from redis import Redis

from app.config import Settings
from app.foundation.jobs.queue import QUEUE, URGENT, queue
from tests.conftest import environment_of
from tests.factories.api import Api
from tests.factories.districts import District, new_district
from tests.factories.lists import check_paging, ids
from tests.factories.problems import check_problem
from tests.factories.processes import wait_until
from tests.factories.receivers import Receiver
from tests.factories.webhooks import DoorClosed, doors, emit, new_endpoint, open_district, shop_key, untaken


def test_events_are_listed_newest_first_and_paged(district: District, app: Flask) -> None:
    emit(app, district.id, *doors(7))
    emit(app, district.id, DoorClosed(8))
    path = "/v1/events?type=door.opened"
    listed = district.api.get(path, district.key).ok(200)
    assert [one["data"]["number"] for one in listed["data"]] == [6, 5, 4, 3, 2, 1, 0]
    check_paging(district.api, path, district.key, ids(listed))
    newest = district.api.get("/v1/events?limit=1", district.key).ok(200)["data"][0]
    assert newest["type"] == "door.closed"
    assert newest["data"] == {"number": 8, "merchant_id": None}
    assert newest["district_id"] == district.id
    assert set(newest) == {"object", "id", "type", "timestamp", "district_id", "data"}


def test_an_event_is_listed_whether_or_not_it_has_left(
    district: District, app: Flask, superuser: psycopg.Connection
) -> None:
    emit(app, district.id, *doors(1))
    assert len(untaken(superuser, district.id)) > 1
    assert len(district.api.get("/v1/events?type=door.opened", district.key).ok(200)["data"]) == 1


def test_what_happens_in_a_shop_is_told(district: District) -> None:
    member = district.member()
    sale = district.report(member_id=member).ok(201)
    told = {one["type"]: one["data"] for one in district.api.get("/v1/events?limit=100", district.key).ok(200)["data"]}
    assert told["transaction.recorded"]["transaction_id"] == sale["id"]
    assert told["member.enrolled"]["member_id"] == member


def test_a_shop_sees_what_names_it_and_nothing_else(district: District, app: Flask) -> None:
    shops = (district.shop.merchant_id, district.other_shop.merchant_id, None)
    emit(app, district.id, *doors(9, shops))
    district.report(store_id=district.other_shop.store_id).ok(201)
    own = district.api.get("/v1/events?limit=100", shop_key(district)).ok(200)["data"]
    assert {one["data"]["merchant_id"] for one in own} == {district.shop.merchant_id}
    assert [one["data"]["number"] for one in own if one["type"] == "door.opened"] == [6, 3, 0]
    check_paging(
        district.api,
        "/v1/events?type=door.opened",
        shop_key(district),
        [one["id"] for one in own if one["type"] == "door.opened"],
    )


def test_another_district_s_events_are_out_of_reach(district: District, other_district: District, app: Flask) -> None:
    emit(app, other_district.id, *doors(3))
    foreign = ids(other_district.api.get("/v1/events?type=door.opened", other_district.key).ok(200))
    listed = district.api.get(f"/v1/events?limit=100&starting_after={foreign[0]}", district.key).ok(200)["data"]
    assert {one["district_id"] for one in listed} <= {district.id}
    assert not {one["id"] for one in listed} & set(foreign)


def test_without_the_scope_nothing_is_told(district: District) -> None:
    check_problem(district.api.get("/v1/events", district.shop.key), 403, "forbidden")


@pytest.mark.parametrize("query", ["type=" + "x" * 61, "limit=0", "limit=101", "unknown=1"])
def test_what_a_list_does_not_take_is_refused(district: District, query: str) -> None:
    check_problem(district.api.get(f"/v1/events?{query}", district.key), 422, "validation-failed")


@pytest.fixture
def processes(
    open_app: Flask, settings: Settings, superuser: psycopg.Connection
) -> Iterator[list[subprocess.Popen[bytes]]]:
    """Relay, worker and courier as the Procfile runs them; told to stop, all of them do, and say so by their code."""
    superuser.execute("UPDATE webhook_endpoints SET status = 'disabled' WHERE status = 'enabled'")
    superuser.execute("UPDATE outbox SET is_taken = true WHERE NOT is_taken")
    with Redis.from_url(settings.redis_url) as connection:
        for name in (URGENT, QUEUE):
            queue(connection, name).empty()  # what other tests have left there comes first
    env = {**environment_of(settings), "WEBHOOK_ALLOW_HTTP": "1", "WEBHOOK_ALLOW_PRIVATE": "1"}
    running = [
        subprocess.Popen([sys.executable, "-m", "app.cli", name], env=env) for name in ("worker", "relay", "courier")
    ]
    yield running
    for process in running:
        process.terminate()
    assert [process.wait(20) for process in running] == [0, 0, 0]


def test_a_sale_s_event_reaches_its_receiver(
    open_app: Flask,
    processes: list[subprocess.Popen[bytes]],
    settings: Settings,
) -> None:
    street = open_district(open_app, settings.operator_key)
    with Receiver() as receiver:
        made = new_endpoint(street, receiver.url, events=["transaction.*"])
        sales = [street.report(member_id=street.member()).ok(201)["id"] for _ in range(3)]
        assert wait_until(lambda: len(receiver.messages) == 3)
        told = [message.verified(made["secret"]) for message in receiver.messages]
    assert {one["data"]["transaction_id"] for one in told} == set(sales)
    listed = street.api.get("/v1/events?type=transaction.recorded", street.key).ok(200)["data"]
    assert sorted(told, key=lambda one: one["id"], reverse=True) == listed
    assert all(process.poll() is None for process in processes)


def test_two_districts_do_not_hear_of_each_other(
    app: Flask, api: Api, superuser: psycopg.Connection, open_app: Flask
) -> None:
    first, second = open_district(open_app, api.operator_key), new_district(api)
    heard = new_endpoint(first, "https://one.example.com/")["id"]
    emit(app, second.id, *doors(2))
    assert first.api.get(f"/v1/webhook-endpoints/{heard}/deliveries", first.key).ok(200)["data"] == []
    check_problem(second.api.get(f"/v1/webhook-endpoints/{heard}/deliveries", second.key), 404, "not-found")
