"""How endpoints and deliveries are shown."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.foundation.clock import format_instant
from app.foundation.database.unit_of_work import UnitOfWork
from app.foundation.pagination import list_answer, page_of, rows_of_page
from app.messaging import queries
from app.messaging.models import WebhookAttempt, WebhookDelivery, WebhookEndpoint


def show_endpoint(row: WebhookEndpoint) -> dict[str, Any]:
    """An endpoint as the API shows it, without its secret."""
    return {
        "object": "webhook_endpoint",
        "id": row.id,
        "merchant_id": row.merchant_id,
        "url": row.url,
        "description": row.description,
        "events": row.events,
        "status": row.status,
        "disabled_reason": row.disabled_reason,
        "failing_since": row.failing_since and format_instant(row.failing_since),
        "created_at": format_instant(row.created_at),
    }


def page_of_endpoints(uow: UnitOfWork, query: Mapping[str, Any]) -> dict[str, Any]:
    """A page of the endpoints that the principal may see, newest first; `query` as ENDPOINTS checks it."""
    return page_of(uow, queries.endpoints(uow), WebhookEndpoint.id, query, show_endpoint)


def page_of_deliveries(uow: UnitOfWork, endpoint_id: str, query: Mapping[str, Any]) -> dict[str, Any]:
    """A page of deliveries to an endpoint with their attempts, newest first; `query` as DELIVERIES checks it.

    Raises NotFound for an endpoint that the principal may not see.
    """
    queries.find_endpoint(uow, endpoint_id)
    found = queries.deliveries(uow, endpoint_id)
    for name in ("status", "event_id"):
        if query.get(name):
            found = found.where(getattr(WebhookDelivery, name) == query[name])
    rows, has_more = rows_of_page(uow, found, WebhookDelivery.id, query)
    attempts = queries.attempts_of(uow, [row.id for row in rows])
    return list_answer([show_delivery(row, attempts.get(row.id, [])) for row in rows], has_more=has_more)


def show_delivery(row: WebhookDelivery, attempts: list[WebhookAttempt]) -> dict[str, Any]:
    """A delivery with every attempt made."""
    return {
        "object": "webhook_delivery",
        "id": row.id,
        "endpoint_id": row.endpoint_id,
        "event_id": row.event_id,
        "event_type": row.event_type,
        "status": row.status,
        "next_attempt_at": row.next_attempt_at and format_instant(row.next_attempt_at),
        "created_at": format_instant(row.created_at),
        "attempts": [
            {
                "attempted_at": format_instant(one.attempted_at),
                "duration_ms": one.duration_ms,
                "status_code": one.status_code,
                "error": one.error,
                "request": one.request,
                "answer": one.answer,
            }
            for one in attempts
        ],
    }
