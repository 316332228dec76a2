from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from merchant_sdk import Client

ENDPOINT = {"object": "webhook_endpoint", "id": "whe_1", "url": "https://a.example", "events": ["*"]}
DELIVERY = {"object": "webhook_delivery", "id": "whd_1", "endpoint_id": "whe_1", "event_id": "evt_1"}
EVENT = {"object": "event", "id": "evt_1", "type": "points.earned", "timestamp": "2026-01-01T00:00:00Z", "data": {}}


def listed(*rows: dict[str, Any]) -> httpx.Response:
    return httpx.Response(200, json={"object": "list", "data": list(rows), "has_more": False})


def test_endpoints(server: Any, client: Client) -> None:
    one = httpx.Response(200, json=ENDPOINT)
    server.will(httpx.Response(201, json={**ENDPOINT, "secret": "whsec_x"}), one, listed(ENDPOINT), one, one)
    made = client.webhook_endpoints.create("https://a.example", idempotency_key="mine")
    assert (made.id, made.events, made.secret) == ("whe_1", ("*",), "whsec_x")
    assert client.webhook_endpoints.get("whe_1").secret is None
    assert [row.id for row in client.webhook_endpoints.list()] == ["whe_1"]
    client.webhook_endpoints.update("whe_1", description=None, status="disabled")
    client.webhook_endpoints.delete("whe_1")
    assert server.addresses == [
        "POST /v1/webhook-endpoints",
        "GET /v1/webhook-endpoints/whe_1",
        "GET /v1/webhook-endpoints?limit=100",
        "PATCH /v1/webhook-endpoints/whe_1",
        "DELETE /v1/webhook-endpoints/whe_1",
    ]
    assert server.requests[0].content == b'{"url":"https://a.example"}'
    assert server.requests[3].content == b'{"description":null,"status":"disabled"}'
    assert server.keys == ["mine", None, None, None, None]


def test_rotate_and_replay(server: Any, client: Client) -> None:
    server.will(
        httpx.Response(200, json={**ENDPOINT, "secret": "whsec_y"}),
        httpx.Response(202, json={"object": "webhook_replay", "endpoint_id": "whe_1", "deliveries": 3}),
        httpx.Response(202, json=DELIVERY),
    )
    assert client.webhook_endpoints.rotate("whe_1", overlap_seconds=0, idempotency_key="a").secret == "whsec_y"
    from_, to = datetime(2026, 1, 1, tzinfo=UTC), "2026-01-02T00:00:00Z"
    again = client.webhook_endpoints.replay("whe_1", recorded_from=from_, recorded_to=to, idempotency_key="b")
    assert again.deliveries == 3
    assert client.webhook_deliveries.replay("whd_1", idempotency_key="c").event_id == "evt_1"
    assert server.addresses == [
        "POST /v1/webhook-endpoints/whe_1/rotate",
        "POST /v1/webhook-endpoints/whe_1/replay",
        "POST /v1/webhook-deliveries/whd_1/replay",
    ]
    assert [request.content for request in server.requests] == [
        b'{"overlap_seconds":0}',
        b'{"from":"2026-01-01T00:00:00Z","to":"2026-01-02T00:00:00Z"}',
        b"",
    ]
    assert server.keys == ["a", "b", "c"]


def test_a_naive_instant_is_not_sent(server: Any, client: Client) -> None:
    naive = datetime(2026, 1, 1)
    with pytest.raises(ValueError, match="no time zone"):
        client.webhook_endpoints.replay("whe_1", recorded_from=naive, recorded_to=naive)
    assert server.requests == []


def test_deliveries_and_events(server: Any, client: Client) -> None:
    server.will(listed(DELIVERY), listed(EVENT))
    assert [one.id for one in client.webhook_endpoints.deliveries("whe_1", status="failed")] == ["whd_1"]
    assert [one.type for one in client.events.list(event_type="points.earned")] == ["points.earned"]
    assert server.addresses == [
        "GET /v1/webhook-endpoints/whe_1/deliveries?limit=100&status=failed",
        "GET /v1/events?limit=100&type=points.earned",
    ]
