"""Couriers at work: nobody waits for another's receiver, and nothing is lost when one is told to stop."""

from __future__ import annotations

import logging
import threading
import time
from collections import Counter
from collections.abc import Callable
from typing import Any

import psycopg
import pytest
from flask import Flask
from psycopg import errors as pg

from app.messaging import couriers, parcels
from tests.factories.districts import District
from tests.factories.processes import PATIENCE_SECONDS, wait_until
from tests.factories.receivers import Receiver, after, endlessly, hang_up, status
from tests.factories.webhooks import at_work, deliveries, doors, endpoint, hurry, new_endpoint, tell

TOO_LONG_SECONDS = 3 * PATIENCE_SECONDS
"""Who had to wait for it would not be seen to come."""


def all_delivered(district: District, endpoint_id: str, count: int) -> bool:
    """Whether that many deliveries are noted as made."""
    return len(deliveries(district, endpoint_id, status="delivered")) == count


def test_what_is_due_is_delivered_and_noted(
    street: District, receiver: Receiver, open_app: Flask, superuser: psycopg.Connection
) -> None:
    made = new_endpoint(street, receiver.url)
    ids = tell(open_app, superuser, street.id, *doors(90))[-90:]
    with at_work(open_app, street):
        assert wait_until(lambda: all_delivered(street, made["id"], 90))
        [late] = tell(open_app, superuser, street.id, *doors(1))
        assert wait_until(lambda: late in receiver.ids)
    assert Counter(receiver.ids) == Counter([*ids, late])
    for message in receiver.messages:
        assert message.verified(made["secret"])["type"] == "door.opened"
        assert message.headers["content-type"] == "application/json"


@pytest.mark.parametrize(
    "answer",
    [after(2 * TOO_LONG_SECONDS, status(200)), endlessly(b"HTTP/1.1 200 OK\r\n\r\n", b"x", 0.1), hang_up, status(500)],
    ids=["silent", "dripping", "hanging up", "failing"],
)
def test_a_slow_receiver_delays_nobody(
    street: District,
    receiver: Receiver,
    open_app: Flask,
    superuser: psycopg.Connection,
    answer: Any,
) -> None:
    with Receiver(answer) as slow:
        for _ in range(5):
            new_endpoint(street, slow.url)
        new_endpoint(street, receiver.url)
        tell(open_app, superuser, street.id, *doors(200))
        with at_work(open_app, street, timeout_seconds=TOO_LONG_SECONDS):
            assert wait_until(lambda: len(set(receiver.ids)) == 200)
            assert wait_until(lambda: len(slow.messages) >= 5)
            slow.answer = hang_up
            slow.cut()
    assert len(receiver.messages) == 200


def test_more_slow_receivers_than_couriers_delay_others_by_a_round_at_most(
    street: District,
    receiver: Receiver,
    open_app: Flask,
    superuser: psycopg.Connection,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(couriers, "MOST_COURIERS", 2)
    with Receiver(after(2 * TOO_LONG_SECONDS, status(200))) as slow:
        for _ in range(4):
            new_endpoint(street, slow.url)
        new_endpoint(street, receiver.url)
        tell(open_app, superuser, street.id, *doors(30))
        with at_work(open_app, street, timeout_seconds=0.3):
            assert wait_until(lambda: len(set(receiver.ids)) == 30)


def test_an_endpoint_that_fails_is_asked_by_few_at_once(
    street: District, open_app: Flask, superuser: psycopg.Connection
) -> None:
    with Receiver(after(0.5, status(500))) as failing:
        made = new_endpoint(street, failing.url)["id"]
        tell(open_app, superuser, street.id, *doors(60))
        with at_work(open_app, street):
            assert wait_until(lambda: endpoint(street, made)["failing_since"] is not None)
            first = len(failing.messages)
            assert wait_until(lambda: len(failing.messages) >= first + 4)
        assert failing.connections <= couriers.AT_ONCE * couriers.DEPTH + 20
    later = failing.messages[40:]
    assert all(b.at - a.at > 0.3 for a, b in zip(later, later[couriers.AT_ONCE_WHILE_FAILING :], strict=False))


def test_told_to_stop_they_finish_what_is_under_way_and_give_back_the_rest(
    street: District, open_app: Flask, superuser: psycopg.Connection
) -> None:
    with Receiver(after(0.4, status(200))) as receiver:
        made = new_endpoint(street, receiver.url)["id"]
        tell(open_app, superuser, street.id, *doors(40))
        with at_work(open_app, street):
            assert wait_until(lambda: len(receiver.messages) >= couriers.AT_ONCE)
        sent = len(receiver.messages)
        assert couriers.AT_ONCE <= sent < 40
        assert all_delivered(street, made, sent)
        receiver.answer = status(200)
        with at_work(open_app, street):
            assert wait_until(lambda: all_delivered(street, made, 40))
    assert len(receiver.ids) == len(set(receiver.ids)) == 40


def test_what_a_killed_courier_had_comes_again_after_its_lease(
    street: District,
    receiver: Receiver,
    open_app: Flask,
    superuser: psycopg.Connection,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Killed after the request and before it was noted: the receiver hears of it twice, under one id."""
    made = new_endpoint(street, receiver.url)["id"]
    [event] = tell(open_app, superuser, street.id, *doors(1))[-1:]

    def killed(*_: object) -> None:
        raise SystemError

    with monkeypatch.context() as patch:
        patch.setattr(couriers, "_note", killed)
        with at_work(open_app, street):
            assert wait_until(lambda: receiver.ids == [event])
            time.sleep(1)
    assert receiver.ids == [event]
    [row] = deliveries(street, made)
    assert row["status"] == "pending"
    hurry(superuser, street.id)
    with at_work(open_app, street):
        assert wait_until(lambda: all_delivered(street, made, 1))
    assert receiver.ids == [event] * 2


def test_an_outcome_is_noted_once_the_database_is_back(
    street: District,
    receiver: Receiver,
    open_app: Flask,
    superuser: psycopg.Connection,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made = new_endpoint(street, receiver.url)["id"]
    tell(open_app, superuser, street.id, *doors(3))
    note, failures = parcels.note_outcomes, [pg.AdminShutdown("gone"), pg.CannotConnectNow("starting")]

    def shaky(*args: Any) -> None:
        if failures:
            raise failures.pop()
        note(*args)

    monkeypatch.setattr(parcels, "note_outcomes", shaky)
    with at_work(open_app, street):
        assert wait_until(lambda: all_delivered(street, made, 3))
    assert (failures, len(receiver.messages)) == ([], 3)


@pytest.mark.parametrize("how", ["disabled", "deleted"])
def test_switching_off_stops_what_has_not_left(
    street: District, open_app: Flask, superuser: psycopg.Connection, how: str
) -> None:
    with Receiver(after(0.2, status(200))) as receiver:
        made = new_endpoint(street, receiver.url)["id"]
        path = f"/v1/webhook-endpoints/{made}"
        tell(open_app, superuser, street.id, *doors(200))
        with at_work(open_app, street):
            assert wait_until(lambda: len(receiver.messages) > 0)
            if how == "deleted":
                street.api.call("DELETE", path, key=street.key).ok(200)
            else:
                street.api.patch(path, {"status": "disabled"}, street.key).ok(200)
            time.sleep(2.0)
            stopped_at = len(receiver.messages)
            time.sleep(1.0)
            assert len(receiver.messages) == stopped_at <= couriers.AT_ONCE * couriers.DEPTH
            if how == "disabled":
                receiver.answer = status(200)
                street.api.patch(path, {"status": "enabled"}, street.key).ok(200)
                assert wait_until(lambda: len(set(receiver.ids)) == 200)


def test_a_courier_that_fails_is_told_of_and_fails_alone(
    street: District,
    receiver: Receiver,
    open_app: Flask,
    superuser: psycopg.Connection,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    broken, made = (new_endpoint(street, receiver.url)["id"] for _ in range(2))
    tell(open_app, superuser, street.id, *doors(2))
    claim: Callable[..., Any] = parcels.claim

    def sometimes(uow: Any, found: Any, *args: Any) -> Any:
        if found.id == broken:
            raise KeyError("a bug")
        return claim(uow, found, *args)

    monkeypatch.setattr(parcels, "claim", sometimes)
    with caplog.at_level(logging.ERROR), at_work(open_app, street):
        assert wait_until(lambda: all_delivered(street, made, 2))
    assert f"a courier to {broken} has failed" in caplog.text
    assert made not in caplog.text


def test_the_database_away_for_a_while_is_waited_for(
    street: District,
    receiver: Receiver,
    open_app: Flask,
    superuser: psycopg.Connection,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    due, away = couriers.queries.due_endpoints, threading.Event()
    asked: list[float] = []

    def shaky() -> Any:
        asked.append(time.monotonic())
        if not away.is_set():
            raise pg.CannotConnectNow("starting up")
        return due()

    monkeypatch.setattr(couriers.queries, "due_endpoints", shaky)
    made = new_endpoint(street, receiver.url)["id"]
    tell(open_app, superuser, street.id, *doors(1))
    with at_work(open_app, street):
        assert wait_until(lambda: len(asked) >= 3)
        away.set()
        assert wait_until(lambda: all_delivered(street, made, 1))


def test_a_lease_is_longer_than_any_round(open_app: Flask) -> None:
    """Or a second courier would send what the first one is still sending."""

    class Sender:
        timeout_seconds = 7.0

    lease = couriers.Couriers(Sender())._lease.total_seconds()  # type: ignore[arg-type]
    assert lease >= couriers.DEPTH * Sender.timeout_seconds + 10
