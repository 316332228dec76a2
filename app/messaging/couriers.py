"""Couriers: one for each endpoint that has something due, all in one process, so that none waits for another's."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence

from app.foundation.db import UNAVAILABLE
from app.foundation.tenancy import OPERATOR, system_principal
from app.foundation.unit_of_work import unit_of_work
from app.messaging import parcels, queries
from app.messaging.parcels import Parcel
from app.messaging.sending import Sender, Sent

log = logging.getLogger("quantong.couriers")
MOST_COURIERS = 200
PARCELS_A_ROUND = 40
AT_ONCE = 8
PAUSE_SECONDS = 0.3
PATIENCE_SECONDS = 12.0

Endpoint = tuple[str, str]
"""District id and endpoint id."""


class Couriers:
    """Delivers what is due until told to stop. Run it inside the application's context."""

    def __init__(self, sender: Sender) -> None:
        self._sender = sender
        self._busy: dict[Endpoint, asyncio.Task[None]] = {}
        self._stopped = asyncio.Event()

    def stop(self) -> None:
        """Lets the couriers finish the round at hand."""
        self._stopped.set()

    async def run(self) -> None:
        """Sends a courier to every endpoint that has something due and none on its way."""
        while not self._stopped.is_set():
            try:
                for endpoint in await asyncio.to_thread(_due):
                    if endpoint not in self._busy and len(self._busy) < MOST_COURIERS:
                        task = asyncio.create_task(self._serve(endpoint))
                        self._busy[endpoint] = task
                        task.add_done_callback(lambda _, done=endpoint: self._busy.pop(done, None))  # type: ignore[misc]
            except UNAVAILABLE as error:
                log.warning("database not available: %s", type(error).__name__)
            try:
                await asyncio.wait_for(self._stopped.wait(), PAUSE_SECONDS)
            except TimeoutError:
                continue
        if self._busy:
            await asyncio.wait(self._busy.values(), timeout=PATIENCE_SECONDS)
        await self._sender.close()

    async def _serve(self, endpoint: Endpoint) -> None:
        """Delivers to one endpoint, round by round, until nothing is due."""
        gate = asyncio.Semaphore(AT_ONCE)
        try:
            while not self._stopped.is_set():
                due = await asyncio.to_thread(_claim, endpoint)
                if not due:
                    return
                sent = await asyncio.gather(*(self._send(gate, parcel) for parcel in due))
                await asyncio.to_thread(_note, endpoint, list(zip(due, sent, strict=True)))
        except UNAVAILABLE as error:
            log.warning("database not available: %s", type(error).__name__)

    async def _send(self, gate: asyncio.Semaphore, parcel: Parcel) -> Sent:
        async with gate:
            return await self._sender.send(parcel.url, parcel.headers, parcel.body)


def _due() -> list[Endpoint]:
    with unit_of_work(OPERATOR) as uow:
        return queries.due(uow)


def _claim(endpoint: Endpoint) -> list[Parcel]:
    district_id, endpoint_id = endpoint
    with unit_of_work(system_principal(district_id)) as uow:
        return parcels.claim(uow, queries.find_endpoint(uow, endpoint_id), PARCELS_A_ROUND)


def _note(endpoint: Endpoint, outcomes: Sequence[tuple[Parcel, Sent]]) -> None:
    district_id, endpoint_id = endpoint
    with unit_of_work(system_principal(district_id)) as uow:
        parcels.note(uow, queries.find_endpoint(uow, endpoint_id, lock=True), outcomes)
