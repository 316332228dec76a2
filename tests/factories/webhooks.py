"""Endpoints, what happens to be told, and couriers at work in this process."""

from __future__ import annotations

import asyncio
import secrets
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, ClassVar
from unittest import mock

import psycopg
from flask import Flask

from app.foundation.database.outbox import Event
from app.foundation.database.unit_of_work import unit_of_work
from app.foundation.tasks import take_events
from app.foundation.tenancy import system_principal
from app.messaging import couriers
from app.messaging.couriers import Couriers
from app.messaging.sending import Sender
from tests.factories.api import Api
from tests.factories.districts import District, new_district
from tests.factories.processes import PATIENCE_SECONDS


@dataclass(frozen=True, slots=True)
class DoorOpened(Event):
    """Something to tell."""

    type: ClassVar[str] = "door.opened"
    number: int
    merchant_id: str | None = None


@dataclass(frozen=True, slots=True)
class DoorClosed(Event):
    """Something else."""

    type: ClassVar[str] = "door.closed"
    number: int
    merchant_id: str | None = None


def new_endpoint(district: District, url: str, key: str | None = None, **more: Any) -> dict[str, Any]:
    """An endpoint of the district (or of a key's shop), with its secret; it hears of doors, unless told otherwise."""
    body = {"url": url, "events": ["door.*"], **more}
    made: dict[str, Any] = district.api.post("/v1/webhook-endpoints", body, key or district.key).ok(201)
    return made


def shop_key(district: District) -> str:
    """A key of the first shop that may have webhooks."""
    return district.merchant_key(district.shop, scopes=["webhooks:write"])


def emit(app: Flask, district_id: str, *events: Event) -> None:
    """These things happen, in one commit."""
    with app.app_context(), unit_of_work(system_principal(district_id)) as uow:
        uow.emit(*events)


def untaken(superuser: psycopg.Connection, district_id: str) -> list[str]:
    """Events of a district that nobody has taken."""
    query = "SELECT id FROM outbox WHERE district_id = %s AND NOT is_taken ORDER BY id"
    return [f"evt_{one.hex}" for (one,) in superuser.execute(query, (district_id[-32:],))]


def take_all(app: Flask, superuser: psycopg.Connection, district_id: str) -> int:
    """The events of a district leave the outbox."""
    with app.app_context():
        return take_events(district_id, untaken(superuser, district_id))


def tell(app: Flask, superuser: psycopg.Connection, district_id: str, *events: Event) -> list[str]:
    """These things happen, and deliveries are noted; gives the ids."""
    emit(app, district_id, *events)
    ids = untaken(superuser, district_id)
    take_all(app, superuser, district_id)
    return ids


@contextmanager
def at_work(app: Flask, *districts: District, timeout_seconds: float = 2.0) -> Iterator[Couriers]:
    """Couriers that serve some districts, in a thread; stopped at the end as SIGTERM stops them."""
    ids, due = {one.id for one in districts}, couriers.queries.due_endpoints
    started, office = threading.Event(), []

    async def run() -> None:
        sender = Sender(timeout_seconds=timeout_seconds, allow_private=True)
        office.append((Couriers(sender), asyncio.get_running_loop()))
        started.set()
        await office[0][0].run()

    def work() -> None:
        with app.app_context():
            asyncio.run(run())

    thread = threading.Thread(target=work)
    with mock.patch.object(couriers.queries, "due_endpoints", lambda: [one for one in due() if one[0] in ids]):
        thread.start()
        started.wait(PATIENCE_SECONDS)
        [(found, loop)] = office
        try:
            yield found
        finally:
            loop.call_soon_threadsafe(found.stop)
            thread.join(PATIENCE_SECONDS)
            assert not thread.is_alive()


def deliveries(district: District, endpoint_id: str, key: str | None = None, **query: str) -> list[dict[str, Any]]:
    """Deliveries to an endpoint, the newest first."""
    words = "".join(f"&{name}={value}" for name, value in query.items())
    path = f"/v1/webhook-endpoints/{endpoint_id}/deliveries?limit=100{words}"
    found: list[dict[str, Any]] = district.api.get(path, key or district.key).ok(200)["data"]
    return found


def endpoint(district: District, endpoint_id: str) -> dict[str, Any]:
    """An endpoint as it is now."""
    found: dict[str, Any] = district.api.get(f"/v1/webhook-endpoints/{endpoint_id}", district.key).ok(200)
    return found


def hurry(superuser: psycopg.Connection, district_id: str, *, hours: float = 0) -> None:
    """What is pending is due now; and all that has failed has been failing for so long."""
    superuser.execute(
        "UPDATE webhook_deliveries SET next_attempt_at = now() WHERE district_id = %s AND status = 'pending'",
        (district_id[-32:],),
    )
    superuser.execute(
        "UPDATE webhook_endpoints SET failing_since = failing_since - make_interval(secs => %s) WHERE district_id = %s",
        (hours * 3600, district_id[-32:]),
    )


def doors(count: int, merchant_ids: Sequence[str | None] = (None,)) -> list[Event]:
    """Doors that open, at these shops in turn."""
    return [DoorOpened(number, merchant_ids[number % len(merchant_ids)]) for number in range(count)]


def open_district(app: Flask, operator_key: str) -> District:
    """A district of the product that may send webhooks to this machine."""
    return new_district(Api.inside(app, operator_key))


def nowhere() -> str:
    """An address that nobody asks."""
    return f"https://{secrets.token_hex(8)}.invalid/hook"
