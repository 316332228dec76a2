"""From the outbox to the queue: events leave in batches, none is skipped, however late its commit.

The relay reads what isn't taken yet, never "what is newer than the last". A job takes a batch: it marks the events and
lets the subscribers act in one commit, so that each acts once. What a crash leaves behind is still untaken, and comes
again after a while.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from redis.exceptions import RedisError

from app.foundation.apart import each_apart
from app.foundation.database.db import UNAVAILABLE
from app.foundation.database.everywhere import ask_everywhere
from app.foundation.database.sql_arrays import id_array
from app.foundation.database.unit_of_work import UnitOfWork, unit_of_work
from app.foundation.ids import hex_of
from app.foundation.jobs.queue import queue
from app.foundation.metrics import Gauge, Gauges, age_seconds
from app.foundation.tenancy import system_principal
from app.foundation.valkey import PATIENCE_SECONDS, connect

log = logging.getLogger("quantong.relay")
BATCH = 500
MOST_AT_ONCE = 10_000
PAUSE_SECONDS = 0.25
AGAIN_AFTER_SECONDS = 15.0
GATHERED_SECONDS = 1.0
"""For so long events of a district that has just been heard of are gathered, since each job is a process: a batch is sent at once."""


_FIGURES = "SELECT waiting, extract(epoch FROM oldest)::float8 FROM outbox_figures(%s::uuid[])"


def gauges() -> Gauges:
    """What waits for the relay, in all districts."""
    figures = ask_everywhere(lambda uow, among: uow.rows(_FIGURES, (among,)))
    oldest = min((one for _, one in figures if one is not None), default=None)
    yield Gauge("quantong_outbox_waiting", "Events that nobody has taken yet.", sum(one for one, _ in figures))
    yield Gauge("quantong_outbox_lag_seconds", "Age of the oldest of them.", age_seconds(oldest))


class TakenEvent(NamedTuple):
    """An event handed to subscribers. `recorded_at`: when it happened, by the clock of its district."""

    id: str
    type: str
    payload: dict[str, Any]
    recorded_at: datetime


Subscriber = Callable[[UnitOfWork, Sequence[TakenEvent]], None]
SUBSCRIBERS: list[Subscriber] = []
"""Who is told of every event, in the commit that takes it. `app/wiring.py` fills it."""


class Relay:
    """Hands untaken events to the queue. One is enough; two do no harm."""

    def __init__(self, redis_url: str) -> None:
        self._queue = queue(connect(redis_url, PATIENCE_SECONDS))
        self._sent: dict[str, float] = {}
        self._next_at: dict[str, float] = {}

    def run(self, stopped: threading.Event) -> None:
        """Relays until told to stop; waits while the database or the queue is away."""
        while not stopped.is_set():
            try:
                passed = self.pass_on()
            except (RedisError, *UNAVAILABLE) as error:
                log.warning("not available: %s", type(error).__name__)
                passed = 0
            if not passed:
                stopped.wait(PAUSE_SECONDS)

    def pass_on(self) -> int:
        """Puts the events that wait into the queue, in batches by district; gives their number."""
        now = time.monotonic()
        self._sent = {event: at for event, at in self._sent.items() if now - at < AGAIN_AFTER_SECONDS}
        waiting = ask_everywhere(lambda uow, among: uow.rows("SELECT * FROM outbox_districts(%s::uuid[])", (among,)))
        return each_apart(
            lambda district: self._pass_on_district(district, now), ((f"dis_{one}",) for (one,) in waiting)
        )

    def _pass_on_district(self, district_id: str, now: float) -> int:
        with unit_of_work(system_principal(district_id)) as uow:
            rows = uow.rows(
                "SELECT id FROM outbox WHERE district_id = %s AND NOT is_taken ORDER BY id LIMIT %s",
                (hex_of(district_id), MOST_AT_ONCE),
            )
        fresh = [event for (event,) in rows if event not in self._sent]
        if not fresh or (len(fresh) < BATCH and now < self._next_at.get(district_id, now)):
            return 0
        self._next_at[district_id] = now + GATHERED_SECONDS
        for start in range(0, len(fresh), BATCH):
            batch = fresh[start : start + BATCH]
            self._queue.enqueue("app.foundation.tasks.take_events", district_id, batch, result_ttl=0, failure_ttl=3600)
            self._sent.update(dict.fromkeys(batch, now))
        return len(fresh)


def hand_over(uow: UnitOfWork, event_ids: Sequence[str]) -> int:
    """Takes those events that nobody has taken or is taking, and tells the subscribers; gives their number."""
    values = {"district": hex_of(uow.district_id), "ids": id_array(event_ids)}
    rows = uow.rows(
        "SELECT id, type, payload, recorded_at FROM outbox WHERE district_id = %(district)s AND id = ANY(%(ids)s::uuid[]) "
        "AND NOT is_taken ORDER BY id FOR UPDATE SKIP LOCKED",
        values,
    )
    events = [TakenEvent(f"evt_{event}", *told) for event, *told in rows]
    if not events:
        return 0
    for subscriber in SUBSCRIBERS:
        subscriber(uow, events)
    uow.execute(
        "UPDATE outbox SET is_taken = true WHERE district_id = %(district)s AND id = ANY(%(ids)s::uuid[])",
        {**values, "ids": id_array([event.id for event in events])},
    )
    return len(events)
