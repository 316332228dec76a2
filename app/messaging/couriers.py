"""Couriers: one for each endpoint that has something due, all in one process, so that none waits for another's."""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Sequence
from contextlib import suppress
from datetime import timedelta

from app.foundation.database.db import UNAVAILABLE
from app.foundation.database.unit_of_work import unit_of_work
from app.foundation.problems import NotFound
from app.foundation.tenancy import system_principal
from app.messaging import metrics, parcels, queries
from app.messaging.parcels import Parcel
from app.messaging.sending import Sender, Sent

log = logging.getLogger("quantong.couriers")
MOST_COURIERS = 200
AT_ONCE, AT_ONCE_WHILE_FAILING = 8, 2
DEPTH = 5
"""How many requests of a round follow one another at most: a round takes no longer than that many timeouts."""
SPARE_SECONDS = 10.0
PAUSE_SECONDS = 0.3
FAILING_PAUSE_SECONDS = 1.0
"""Between rounds to who fails: a receiver that is away, and has many deliveries waiting, costs the others little."""
PATIENCE_SECONDS = 12.0
NOTE_PAUSES = (0.2, 0.5, 1.0, 2.0, 4.0)
"""Between attempts to note outcomes while the database is away: what isn't noted is sent again."""
Endpoint = tuple[str, str]
"""District id and endpoint id."""


class Couriers:
    """Delivers what is due until told to stop. Run it inside the application's context."""

    def __init__(self, sender: Sender) -> None:
        self._sender = sender
        self._lease = timedelta(seconds=DEPTH * sender.timeout_seconds + SPARE_SECONDS)
        self._busy: dict[Endpoint, asyncio.Task[None]] = {}
        self._is_crowded = False
        self._stopped = asyncio.Event()

    def stop(self) -> None:
        """Lets the couriers finish the requests under way."""
        self._stopped.set()

    async def run(self) -> None:
        """Sends a courier to every endpoint that has something due and none on its way."""
        while not self._stopped.is_set():
            try:
                self._send_out(await asyncio.to_thread(queries.due_endpoints))
            except UNAVAILABLE as error:
                log.warning("database not available: %s", type(error).__name__)
            await self._rest(PAUSE_SECONDS)
        if self._busy:
            await asyncio.wait(self._busy.values(), timeout=PATIENCE_SECONDS)
        await self._sender.close()

    async def _rest(self, seconds: float) -> None:
        with suppress(TimeoutError):
            await asyncio.wait_for(self._stopped.wait(), seconds)

    def _send_out(self, due: Sequence[Endpoint]) -> None:
        waiting = [endpoint for endpoint in due if endpoint not in self._busy]
        free = MOST_COURIERS - len(self._busy)
        self._is_crowded = len(waiting) > free
        for endpoint in random.sample(waiting, min(free, len(waiting))):
            task = asyncio.create_task(self._serve(endpoint))
            self._busy[endpoint] = task
            task.add_done_callback(lambda _, done=endpoint: self._busy.pop(done, None))  # type: ignore[misc]

    async def _serve(self, endpoint: Endpoint) -> None:
        """Delivers to one endpoint, round by round, until nothing is due; one round only while others wait."""
        try:
            while not self._stopped.is_set():
                claimed, at_once = await asyncio.to_thread(_claim, endpoint, self._lease)
                if not claimed:
                    return
                gate = asyncio.Semaphore(at_once)
                sent = await asyncio.gather(*(self._send(gate, parcel) for parcel in claimed))
                await _noted(endpoint, list(zip(claimed, sent, strict=True)))
                if self._is_crowded:
                    return
                if not any(one is not None and one.is_success for one in sent):
                    await self._rest(FAILING_PAUSE_SECONDS)
        except NotFound:
            return  # removed meanwhile
        except UNAVAILABLE as error:
            log.warning("database not available: %s", type(error).__name__)
        except Exception:
            log.exception("a courier to %s has failed", endpoint[1])

    async def _send(self, gate: asyncio.Semaphore, parcel: Parcel) -> Sent | None:
        """Sends a parcel; None if we were told to stop before its turn came."""
        async with gate:
            if self._stopped.is_set():
                return None
            sent = await self._sender.send(parcel.url, parcel.headers, parcel.body)
            metrics.count_attempt(sent)
            return sent


Outcomes = list[tuple[Parcel, Sent | None]]


def _claim(endpoint: Endpoint, lease: timedelta) -> tuple[list[Parcel], int]:
    """Parcels of one round, and how many may be under way at once: few to who fails."""
    district_id, endpoint_id = endpoint
    with unit_of_work(system_principal(district_id)) as uow:
        found = queries.find_endpoint(uow, endpoint_id)
        at_once = AT_ONCE if found.failing_since is None else AT_ONCE_WHILE_FAILING
        return parcels.claim(uow, found, DEPTH * at_once, lease), at_once


async def _noted(endpoint: Endpoint, outcomes: Outcomes) -> None:
    for pause in NOTE_PAUSES:
        try:
            await asyncio.to_thread(_note, endpoint, outcomes)
            return
        except UNAVAILABLE:
            await asyncio.sleep(pause)
    await asyncio.to_thread(_note, endpoint, outcomes)


def _note(endpoint: Endpoint, outcomes: Outcomes) -> None:
    district_id, endpoint_id = endpoint
    done = [(parcel, sent) for parcel, sent in outcomes if sent is not None]
    with unit_of_work(system_principal(district_id)) as uow:
        found = queries.find_endpoint(uow, endpoint_id, lock=True)
        if done:
            parcels.note_outcomes(uow, found, done)
        if len(done) < len(outcomes):
            parcels.release(uow, [parcel for parcel, sent in outcomes if sent is None])
