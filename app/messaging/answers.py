"""What this room answers."""

from __future__ import annotations

from app.foundation.http.contract.shapes import (
    Shape,
    extended,
    instant,
    integer,
    list_of,
    nullable,
    one_of,
    page_of,
    public_id,
    record,
    text,
    thing,
)

_ANY: Shape = {"type": "object", "additionalProperties": True}
_TRANSACTION = {"transaction_id": "txn_0193f2a1c0de7b5c9a4e2d6f81b3c507", "points_earned": 128}
EVENT = thing(
    "event",
    {
        "id": public_id("evt"),
        "type": text("transaction.recorded"),
        "timestamp": instant(),
        "district_id": public_id("dis"),
        "data": {**_ANY, "examples": [_TRANSACTION]},
    },
)
ENDPOINT = thing(
    "webhook_endpoint",
    {
        "id": public_id("whe"),
        "merchant_id": nullable(public_id("mer")),
        "url": text("https://erp.example.com/quantong", format="uri"),
        "description": nullable(text("ERP")),
        "events": list_of(text("points.*")),
        "status": one_of("enabled", "disabled", "deleted"),
        "disabled_reason": {**nullable(text()), "examples": [None]},
        "failing_since": {**nullable(instant()), "examples": [None]},
        "created_at": instant(),
    },
)
_SECRET = text("whsec_…", description="Signs messages (Standard Webhooks). Shown here and never again.")
NEW_ENDPOINT = extended(ENDPOINT, "NewWebhookEndpoint", {"secret": _SECRET})
_ATTEMPT = record(
    {
        "attempted_at": instant(),
        "duration_ms": integer(84, minimum=0),
        "status_code": nullable(integer(204)),
        "error": {**nullable(text()), "examples": [None]},
        "request": {**_ANY, "examples": [{"url": "https://erp.example.com/quantong", "headers": {}, "body": "{}"}]},
        "answer": {**nullable(_ANY), "examples": [None]},
    },
    title="WebhookAttempt",
)
DELIVERY = thing(
    "webhook_delivery",
    {
        "id": public_id("whd"),
        "endpoint_id": public_id("whe"),
        "event_id": public_id("evt"),
        "event_type": text("transaction.recorded"),
        "status": one_of("pending", "delivered", "failed"),
        "next_attempt_at": nullable(instant()),
        "created_at": instant(),
        "attempts": list_of(_ATTEMPT),
    },
)
REPLAY = thing("webhook_replay", {"endpoint_id": public_id("whe"), "deliveries": integer(12, minimum=0)})
EVENTS, ENDPOINTS, DELIVERIES = map(page_of, (EVENT, ENDPOINT, DELIVERY))
