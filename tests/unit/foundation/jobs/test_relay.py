"""From the outbox to the queue: no event is skipped, none acts twice."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Sequence

import psycopg
import pytest
from flask import Flask
from psycopg import errors as pg
from redis import Redis
from redis.exceptions import ConnectionError as RedisAway
from rq import Queue, SimpleWorker
from rq.serializers import JSONSerializer

from app.config import Settings
from app.foundation.database.unit_of_work import UnitOfWork, unit_of_work
from app.foundation.ids import new_id
from app.foundation.jobs import relay
from app.foundation.jobs.queue import queue
from app.foundation.jobs.relay import SUBSCRIBERS, Relay, TakenEvent, hand_over
from app.foundation.tasks import take_events
from app.foundation.tenancy import system_principal
from tests.factories.districts import District
from tests.factories.foundation import keep, kept
from tests.factories.processes import wait_until
from tests.factories.webhooks import DoorOpened, doors, emit, untaken

pytestmark = pytest.mark.usefixtures("context")


@pytest.fixture
def jobs(settings: Settings) -> Iterator[Queue]:
    """The queue, empty."""
    connection = Redis.from_url(settings.redis_url)
    found = queue(connection)
    found.empty()
    yield found
    found.empty()
    connection.close()


@pytest.fixture
def somewhere(superuser: psycopg.Connection, district: District) -> str:
    """A district of its own; nothing waits elsewhere."""
    superuser.execute("UPDATE outbox SET is_taken = true WHERE NOT is_taken")
    district = new_id("dis")
    superuser.execute(
        "INSERT INTO districts SELECT (jsonb_populate_record(d, jsonb_build_object('id', %s::text, 'slug', %s::text))).* "
        "FROM districts d LIMIT 1",
        (district[-32:], district),
    )
    return district


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[TakenEvent]:
    """What a subscriber was told, in this process; it leaves a row for each, too."""
    heard: list[TakenEvent] = []

    def listen(uow: UnitOfWork, events: Sequence[TakenEvent]) -> None:
        for event in events:
            keep(uow, event.id)
        heard.extend(events)

    monkeypatch.setattr(relay, "SUBSCRIBERS", [listen])
    return heard


def do_all(app: Flask, jobs: Queue) -> None:
    """Does what is in the queue, in this process."""
    SimpleWorker([jobs], connection=jobs.connection, serializer=JSONSerializer).work(burst=True)


def batches(jobs: Queue, district: str) -> list[list[str]]:
    """Bare ids of a district's events in the queue, by job."""
    return [job.args[1] for job in jobs.get_jobs() if job.args[0] == district]


def test_events_go_through_the_queue_to_their_subscribers(
    app: Flask, settings: Settings, jobs: Queue, somewhere: str, told: list[TakenEvent], superuser: psycopg.Connection
) -> None:
    emit(app, somewhere, *doors(3))
    waiting = untaken(superuser, somewhere)
    assert Relay(settings.redis_url).pass_on() == 3
    assert [f"evt_{one}" for [*batch] in batches(jobs, somewhere) for one in batch] == waiting
    assert untaken(superuser, somewhere) == waiting
    do_all(app, jobs)
    assert untaken(superuser, somewhere) == []
    assert [event.id for event in told] == waiting
    [(recorded_at,)] = superuser.execute("SELECT recorded_at FROM outbox WHERE id = %s", (waiting[0][-32:],))
    assert told[0] == TakenEvent(waiting[0], "door.opened", {"number": 0, "merchant_id": None}, recorded_at)


def test_many_events_leave_in_batches(
    app: Flask,
    settings: Settings,
    jobs: Queue,
    somewhere: str,
    superuser: psycopg.Connection,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(relay, "BATCH", 4)
    monkeypatch.setattr(relay, "MOST_AT_ONCE", 10)
    emit(app, somewhere, *doors(23))
    one = Relay(settings.redis_url)
    assert one.pass_on() == 10
    assert [len(batch) for batch in batches(jobs, somewhere)] == [4, 4, 2]
    assert one.pass_on() == 0  # the first ten are on their way
    rounds = 0
    while untaken(superuser, somewhere):
        do_all(app, jobs)
        rounds += one.pass_on()
    assert rounds == 13


def test_few_events_of_a_busy_district_are_gathered_for_a_while(
    app: Flask, settings: Settings, jobs: Queue, somewhere: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(relay, "GATHERED_SECONDS", 1000)
    monkeypatch.setattr(relay, "BATCH", 4)
    one = Relay(settings.redis_url)
    emit(app, somewhere, *doors(1))
    assert one.pass_on() == 1
    emit(app, somewhere, *doors(2))
    assert one.pass_on() == 0, "it has just been heard of"
    emit(app, somewhere, *doors(2))
    assert one.pass_on() == 4, "a whole batch doesn't wait"
    emit(app, somewhere, *doors(1))
    assert one.pass_on() == 0
    one._next_at.clear()
    assert one.pass_on() == 1, "nor does anything for long"
    assert [len(batch) for batch in batches(jobs, somewhere)] == [1, 4, 1]


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tests call the relay as if time had passed."""
    monkeypatch.setattr(relay, "GATHERED_SECONDS", 0)


def test_a_late_commit_is_not_skipped(
    app: Flask, settings: Settings, jobs: Queue, somewhere: str, told: list[TakenEvent], superuser: psycopg.Connection
) -> None:
    """A's event comes first; B's is committed and relayed before A's commit: A's isn't lost behind it."""
    principal = system_principal(somewhere)
    one = Relay(settings.redis_url)
    with unit_of_work(principal) as slow:
        slow.emit(DoorOpened(1))
        slow.finish()
        emit(app, somewhere, DoorOpened(2))
        assert one.pass_on() == 1
        do_all(app, jobs)
        assert [event.payload["number"] for event in told] == [2]
    assert one.pass_on() == 1
    do_all(app, jobs)
    assert [event.payload["number"] for event in told] == [2, 1]
    assert told[1].id < told[0].id


def test_a_job_done_twice_acts_once(
    app: Flask, somewhere: str, told: list[TakenEvent], superuser: psycopg.Connection
) -> None:
    emit(app, somewhere, *doors(5))
    ids = untaken(superuser, somewhere)
    assert [take_events(somewhere, ids) for _ in range(2)] == [5, 0]
    assert take_events(somewhere, [*ids, new_id("evt")]) == 0
    assert len(told) == len(kept(superuser, somewhere)) == 5


def test_a_job_done_twice_at_one_time_acts_once(
    app: Flask, somewhere: str, told: list[TakenEvent], superuser: psycopg.Connection
) -> None:
    emit(app, somewhere, *doors(5))
    ids = untaken(superuser, somewhere)
    with unit_of_work(system_principal(somewhere)) as uow:
        assert hand_over(uow, ids[:3]) == 3
        assert take_events(somewhere, ids) == 2  # it waits for nobody
    assert take_events(somewhere, ids) == 0
    assert sorted(event.id for event in told) == ids


def test_a_job_that_was_lost_comes_again(
    app: Flask,
    settings: Settings,
    jobs: Queue,
    somewhere: str,
    superuser: psycopg.Connection,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A worker killed with the job in hand, or a queue that has forgotten it: the event is still untaken."""
    emit(app, somewhere, DoorOpened(1))
    one = Relay(settings.redis_url)
    assert one.pass_on() == 1
    jobs.empty()
    assert one.pass_on() == 0
    now = time.monotonic()
    monkeypatch.setattr(time, "monotonic", lambda: now + relay.AGAIN_AFTER_SECONDS)
    assert one.pass_on() == 1
    monkeypatch.undo()
    do_all(app, jobs)
    assert untaken(superuser, somewhere) == []


def test_a_relay_that_was_killed_has_a_heir_that_knows_nothing(
    app: Flask,
    settings: Settings,
    jobs: Queue,
    somewhere: str,
    told: list[TakenEvent],
) -> None:
    """Killed after it had put the job into the queue: the next relay puts it there again, and it acts once."""
    emit(app, somewhere, *doors(2))
    assert Relay(settings.redis_url).pass_on() == 2
    assert Relay(settings.redis_url).pass_on() == 2
    assert len(batches(jobs, somewhere)) == 2
    do_all(app, jobs)
    assert len(told) == 2


def test_a_subscriber_that_fails_takes_nothing(
    app: Flask, somewhere: str, told: list[TakenEvent], superuser: psycopg.Connection
) -> None:
    def fail(uow: UnitOfWork, events: Sequence[TakenEvent]) -> None:
        keep(uow, "second")
        raise KeyError("a bug")

    emit(app, somewhere, DoorOpened(1))
    waiting = untaken(superuser, somewhere)
    relay.SUBSCRIBERS.append(fail)
    with pytest.raises(KeyError):
        take_events(somewhere, waiting)
    assert untaken(superuser, somewhere) == waiting
    assert kept(superuser, somewhere) == []
    relay.SUBSCRIBERS.pop()
    assert take_events(somewhere, waiting) == 1
    assert kept(superuser, somewhere) == waiting


def test_one_event_at_which_a_subscriber_fails_holds_up_no_other(
    app: Flask, somewhere: str, told: list[TakenEvent], superuser: psycopg.Connection
) -> None:
    emit(app, somewhere, *doors(37))
    waiting = untaken(superuser, somewhere)

    def fail(uow: UnitOfWork, events: Sequence[TakenEvent]) -> None:
        if any(event.payload["number"] in (5, 20) for event in events):
            raise KeyError("a bug")

    relay.SUBSCRIBERS.append(fail)
    with pytest.raises(KeyError):
        take_events(somewhere, waiting)
    assert untaken(superuser, somewhere) == [waiting[5], waiting[20]]
    assert len(kept(superuser, somewhere)) == 35


def test_a_database_that_is_away_is_no_reason_to_split(
    app: Flask, somewhere: str, told: list[TakenEvent], superuser: psycopg.Connection
) -> None:
    tries: list[int] = []

    def fail(uow: UnitOfWork, events: Sequence[TakenEvent]) -> None:
        tries.append(len(events))
        raise pg.AdminShutdown("going down")

    emit(app, somewhere, *doors(8))
    relay.SUBSCRIBERS.append(fail)
    with pytest.raises(pg.AdminShutdown):
        take_events(somewhere, untaken(superuser, somewhere))
    assert tries == [8]


def test_another_district_s_events_are_nobody_s(
    app: Flask, somewhere: str, told: list[TakenEvent], superuser: psycopg.Connection
) -> None:
    emit(app, somewhere, DoorOpened(1))
    assert take_events(new_id("dis"), untaken(superuser, somewhere)) == 0
    assert len(untaken(superuser, somewhere)) == 1


def test_a_relay_waits_while_database_or_queue_are_away(
    app: Flask,
    settings: Settings,
    jobs: Queue,
    somewhere: str,
    superuser: psycopg.Connection,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    one, stopped = Relay(settings.redis_url), threading.Event()
    failures: list[Exception] = [RedisAway("no queue"), pg.CannotConnectNow("starting up")]
    pass_on = one.pass_on

    def shaky() -> int:
        if failures:
            raise failures.pop()
        return pass_on()

    def run() -> None:
        with app.app_context():
            one.run(stopped)

    monkeypatch.setattr(one, "pass_on", shaky)
    emit(app, somewhere, DoorOpened(1))
    thread = threading.Thread(target=run)
    thread.start()
    try:
        assert wait_until(lambda: batches(jobs, somewhere))
    finally:
        stopped.set()
        thread.join(10)
    assert not thread.is_alive()
    assert "CannotConnectNow" in caplog.text
    assert "ConnectionError" in caplog.text


def test_what_cannot_be_put_into_the_queue_is_put_there_later(
    app: Flask, settings: Settings, jobs: Queue, somewhere: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(relay, "BATCH", 2)
    emit(app, somewhere, *doors(4))
    one = Relay(settings.redis_url)
    enqueue = one._queue.enqueue
    calls = iter((enqueue, None))

    def once(*args: object, **options: object) -> object:
        call = next(calls)
        if call is None:
            raise RedisAway("no queue")
        return call(*args, **options)

    monkeypatch.setattr(one._queue, "enqueue", once)
    with pytest.raises(RedisAway):
        one.pass_on()
    monkeypatch.undo()
    assert one.pass_on() == 2
    assert len(batches(jobs, somewhere)) == 2


def test_the_product_s_subscribers_are_wired() -> None:
    wired = ["app.messaging.services", "app.coupons.giving.triggers", "app.insights.services"]
    assert [one.__module__ for one in SUBSCRIBERS] == wired
