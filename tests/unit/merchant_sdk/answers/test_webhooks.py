from __future__ import annotations

from datetime import UTC, datetime

from merchant_sdk import RecordedEvent, WebhookDelivery, WebhookEndpoint

AT = "2026-01-01T00:00:00Z"


def test_an_endpoint_s_secret_is_not_in_repr() -> None:
    endpoint = WebhookEndpoint.read(
        {"id": "whe_1", "url": "https://a.example", "secret": "whsec_x", "failing_since": AT}
    )
    assert (endpoint.secret, endpoint.failing_since) == ("whsec_x", datetime(2026, 1, 1, tzinfo=UTC))
    assert "whsec_x" not in repr(endpoint)


def test_a_delivery_with_its_attempts() -> None:
    first = {"attempted_at": AT, "duration_ms": 84, "status_code": None, "error": "timeout", "request": {"url": "u"}}
    second = {"attempted_at": AT, "duration_ms": 9, "status_code": 204, "error": None, "answer": {"body": ""}}
    row = {"id": "whd_1", "endpoint_id": "whe_1", "event_id": "evt_1", "status": "delivered"}
    delivery = WebhookDelivery.read({**row, "next_attempt_at": None, "attempts": [first, second]})
    assert (delivery.status, delivery.next_attempt_at) == ("delivered", None)
    assert [(one.status_code, one.error, one.answer) for one in delivery.attempts] == [
        (None, "timeout", None),
        (204, None, {"body": ""}),
    ]
    assert delivery.attempts[0].request == {"url": "u"}
    assert hash(delivery)


def test_an_event() -> None:
    event = RecordedEvent.read({"id": "evt_1", "type": "points.earned", "timestamp": AT, "data": {"points": 5}})
    assert (event.type, event.timestamp, event.data) == (
        "points.earned",
        datetime(2026, 1, 1, tzinfo=UTC),
        {"points": 5},
    )
    assert hash(event)
