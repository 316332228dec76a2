"""Deliveries that are due: taken under a lease, and what came of them noted. Sets in few statements.

The post goes by real time, also that of a sandbox: receivers compare a signature's time with their own clocks.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import orjson

from app.foundation.clock import format_instant
from app.foundation.database.sql_arrays import id_array, instant_array, number_array, text_array, unnested
from app.foundation.database.unit_of_work import UnitOfWork
from app.foundation.ids import hex_of, new_id
from app.messaging import rules, services
from app.messaging.models import WebhookEndpoint
from app.messaging.sending import Sent

_CLAIM = """
    UPDATE webhook_deliveries AS d SET next_attempt_at = %(until)s
    FROM (
        SELECT id FROM webhook_deliveries
        WHERE district_id = %(district)s AND endpoint_id = %(endpoint)s AND status = 'pending' AND next_attempt_at <= %(now)s
        ORDER BY next_attempt_at, id LIMIT %(most)s FOR UPDATE SKIP LOCKED
    ) AS due, webhook_deliveries AS k
    LEFT JOIN outbox AS o ON o.district_id = k.district_id AND o.id = k.event_id
    WHERE d.district_id = %(district)s AND d.id = due.id AND k.district_id = d.district_id AND k.id = d.id
    RETURNING d.id, d.event_id, d.event_type, d.tries_left, o.payload, o.recorded_at
"""
_ATTEMPTS = f"""
    INSERT INTO webhook_attempts
        (district_id, id, delivery_id, attempted_at, duration_ms, status_code, error, request, answer)
    VALUES (%(district)s::uuid, {
    unnested(
        ids="uuid",
        deliveries="uuid",
        instants="timestamptz",
        durations="integer",
        statuses="integer",
        errors="text",
        requests="jsonb",
        answers="jsonb",
    )
})
"""
_OUTCOMES = """
    UPDATE webhook_deliveries AS d
    SET status = n.status, attempts = d.attempts + 1, tries_left = n.tries_left, next_attempt_at = n.next
    FROM unnest(%(ids)s::uuid[], %(statuses)s::text[], %(tries)s::integer[], %(nexts)s::timestamptz[])
        AS n (id, status, tries_left, next)
    WHERE d.district_id = %(district)s AND d.id = n.id AND d.status = 'pending'
"""
_RELEASE = """
    UPDATE webhook_deliveries SET next_attempt_at = %(now)s
    WHERE district_id = %(district)s AND id = ANY(%(ids)s::uuid[]) AND status = 'pending'
"""


@dataclass(frozen=True, slots=True)
class Parcel:
    """A delivery ready to be sent. `headers` and `body` are what goes over the wire."""

    id: str
    url: str
    tries_left: int
    headers: dict[str, str]
    body: bytes


def claim(uow: UnitOfWork, endpoint: WebhookEndpoint, most: int, lease: timedelta) -> list[Parcel]:
    """Takes deliveries of an endpoint that are due; those whose event is no longer kept are given up.

    For the time of the lease a courier has them to itself; if it dies, another one takes them then.
    """
    if endpoint.status != "enabled":
        return []
    rows = uow.rows(
        _CLAIM,
        {
            "district": hex_of(uow.district_id),
            "endpoint": hex_of(endpoint.id),
            "now": uow.real_now,
            "until": uow.real_now + lease,
            "most": most,
        },
    )
    gone = [row[0] for row in rows if row[4] is None]
    if gone:
        query = "UPDATE webhook_deliveries SET status = 'failed', next_attempt_at = NULL WHERE district_id = %s AND id = ANY(%s::uuid[])"
        uow.execute(query, (hex_of(uow.district_id), id_array(gone)))
    secrets = services.secrets_of(endpoint, uow.real_now)
    return [_parcel(uow, endpoint, secrets, row) for row in rows if row[4] is not None]


def _parcel(uow: UnitOfWork, endpoint: WebhookEndpoint, secrets: Sequence[str], row: tuple[Any, ...]) -> Parcel:
    delivery, event, kind, tries_left, payload, recorded_at = row
    event_id = f"evt_{event}"
    body = orjson.dumps(show_event(event_id, kind, payload, recorded_at, uow.district_id)).decode()
    headers = {
        "content-type": "application/json",
        "user-agent": "Quantong-Webhooks/1",
        "webhook-id": event_id,
        "webhook-timestamp": str(int(uow.real_now.timestamp())),
        "webhook-signature": rules.signatures(secrets, event_id, uow.real_now, body),
    }
    return Parcel(f"whd_{delivery}", endpoint.url, tries_left, headers, body.encode())


def show_event(event_id: str, kind: str, payload: Any, recorded_at: datetime, district_id: str) -> dict[str, Any]:
    """An event as it goes over the wire, in lists and in webhooks alike."""
    return {
        "object": "event",
        "id": event_id,
        "type": kind,
        "timestamp": format_instant(recorded_at),
        "district_id": district_id,
        "data": payload,
    }


def release(uow: UnitOfWork, unsent: Sequence[Parcel]) -> None:
    """Gives back parcels that were claimed and not sent: they are due at once."""
    values = {
        "district": hex_of(uow.district_id),
        "now": uow.real_now,
        "ids": id_array([parcel.id for parcel in unsent]),
    }
    uow.execute(_RELEASE, values)


def note_outcomes(uow: UnitOfWork, endpoint: WebhookEndpoint, outcomes: Sequence[tuple[Parcel, Sent]]) -> None:
    """Writes what came of some parcels, and switches off an endpoint that has failed for a day without a success.

    A delivery that another courier has made meanwhile stays made.
    """
    district = hex_of(uow.district_id)
    uow.execute(
        _ATTEMPTS,
        {
            "district": district,
            "ids": id_array([new_id("wha") for _ in outcomes]),
            "deliveries": id_array([parcel.id for parcel, _ in outcomes]),
            "instants": instant_array(
                [uow.real_now - timedelta(milliseconds=sent.duration_ms) for _, sent in outcomes]
            ),
            "durations": number_array([sent.duration_ms for _, sent in outcomes]),
            "statuses": number_array([sent.status_code for _, sent in outcomes]),
            "errors": text_array([sent.error for _, sent in outcomes]),
            "requests": text_array([_logged_request(parcel) for parcel, _ in outcomes]),
            "answers": text_array(
                [orjson.dumps(sent.answer).decode() if sent.answer else None for _, sent in outcomes]
            ),
        },
    )
    after = [_after(uow, parcel, sent) for parcel, sent in outcomes]
    uow.execute(
        _OUTCOMES,
        {
            "district": district,
            "ids": id_array([parcel.id for parcel, _ in outcomes]),
            "statuses": text_array([status for status, _, _ in after]),
            "tries": number_array([tries for _, tries, _ in after]),
            "nexts": instant_array([next_at for _, _, next_at in after]),
        },
    )
    _judge(uow, endpoint, is_alive=any(sent.is_success for _, sent in outcomes))


def _after(uow: UnitOfWork, parcel: Parcel, sent: Sent) -> tuple[str, int, datetime | None]:
    if sent.is_success:
        return "delivered", parcel.tries_left, None
    tries = parcel.tries_left - 1
    pause = rules.pause_before(tries, random.random())  # noqa: S311 - it only spreads retries
    return ("failed", tries, None) if pause is None else ("pending", tries, uow.real_now + pause)


def _logged_request(parcel: Parcel) -> str:
    body = rules.shortened(parcel.body.decode())
    return orjson.dumps({"url": rules.shortened(parcel.url), "headers": parcel.headers, "body": body}).decode()


def _judge(uow: UnitOfWork, endpoint: WebhookEndpoint, *, is_alive: bool) -> None:
    if is_alive:
        endpoint.failing_since = None
    elif endpoint.failing_since is None:
        endpoint.failing_since = uow.real_now
    elif endpoint.status == "enabled" and endpoint.failing_since <= uow.real_now - rules.GIVE_UP_AFTER:
        services.disable(uow, endpoint, f"failing since {format_instant(endpoint.failing_since)}")
