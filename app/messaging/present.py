"""How endpoints and deliveries are shown."""

from __future__ import annotations

from typing import Any

from app.foundation.clock import format_instant
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
