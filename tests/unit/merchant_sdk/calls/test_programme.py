from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import httpx

from merchant_sdk import Client

RULE = {"key": "base", "kind": "base", "name": "1 per yuan", "points": 1, "per_amount": 100}


def test_programme(server: Any, client: Client) -> None:
    server.will(*[httpx.Response(200, json={"object": "programme", "point_value": "1"})] * 3)
    assert client.programme.get().point_value == Decimal(1)
    client.programme.update(point_value=Decimal("1E-2"), pending_days=7, late_sale_days=None)
    client.programme.update(point_value="0.5", expiry={"policy": "never"})
    assert server.addresses == ["GET /v1/programme", "PATCH /v1/programme", "PATCH /v1/programme"]
    assert server.requests[1].content == b'{"point_value":"0.01","pending_days":7,"late_sale_days":null}'
    assert server.requests[2].content == b'{"point_value":"0.5","expiry":{"policy":"never"}}'


def test_rule_sets(server: Any, client: Client) -> None:
    draft = {"object": "rule_set", "id": "rls_1", "version": None, "status": "draft", "rules": [RULE]}
    server.will(
        httpx.Response(201, json=draft),
        httpx.Response(200, json=draft),
        httpx.Response(200, json={"data": [draft], "has_more": False}),
        httpx.Response(200, json={**draft, "version": 2}),
        httpx.Response(200, json={**draft, "version": 3}),
    )
    assert client.rule_sets.create(name="spring", rules=[RULE]).version is None
    assert client.rule_sets.get("rls_1").rules == (RULE,)
    assert [row.id for row in client.rule_sets.list()] == ["rls_1"]
    assert client.rule_sets.publish("rls_1").version == 2
    client.rule_sets.publish("rls_1", effective_at=datetime(2026, 2, 1, tzinfo=UTC))
    assert server.addresses == [
        "POST /v1/rule-sets",
        "GET /v1/rule-sets/rls_1",
        "GET /v1/rule-sets?limit=100",
        "POST /v1/rule-sets/rls_1/publish",
        "POST /v1/rule-sets/rls_1/publish",
    ]
    assert [request.content for request in server.requests[3:]] == [
        b"{}",
        b'{"effective_at":"2026-02-01T00:00:00Z"}',
    ]


def test_tiers(server: Any, client: Client) -> None:
    gold = {"object": "tier", "id": "tir_1", "name": "Gold", "rank": 2, "threshold": 5_000, "period_days": 365}
    server.will(
        httpx.Response(201, json=gold),
        httpx.Response(200, json=gold),
        httpx.Response(200, json={"data": [gold], "has_more": False}),
        httpx.Response(200, json={**gold, "threshold": 6_000}),
    )
    made = client.tiers.create(
        name="Gold", rank=2, qualifies_by="points_earned", threshold=5_000, period_days=365, idempotency_key="once"
    )
    assert (made.id, made.name, made.rank, made.threshold, made.period_days) == ("tir_1", "Gold", 2, 5_000, 365)
    assert client.tiers.get("tir_1") == made
    assert list(client.tiers.list()) == [made]
    assert client.tiers.update("tir_1", threshold=6_000).threshold == 6_000
    assert server.addresses == [
        "POST /v1/tiers",
        "GET /v1/tiers/tir_1",
        "GET /v1/tiers?limit=100",
        "PATCH /v1/tiers/tir_1",
    ]
    assert server.requests[0].headers["Idempotency-Key"] == "once"
    assert server.requests[3].content == b'{"threshold":6000}'


def test_replays(server: Any, client: Client) -> None:
    row = {
        "object": "replay",
        "id": "rpl_1",
        "rule_set_id": "rls_1",
        "from": "2025-12-31T16:00:00Z",
        "to": "2026-01-31T16:00:00Z",
        "status": "queued",
        "progress": {"done": 0, "total": None},
        "result": None,
    }
    server.will(*[httpx.Response(202, json=row)] * 3)
    from_, to = datetime(2025, 12, 31, 16, tzinfo=UTC), datetime(2026, 1, 31, 16, tzinfo=UTC)
    asked = client.rule_sets.replay("rls_1", occurred_from=from_, occurred_to=to, idempotency_key="mine")
    assert (asked.occurred_from, asked.occurred_to, asked.status, asked.result) == (from_, to, "queued", None)
    assert client.replays.get("rpl_1") == client.replays.cancel("rpl_1", idempotency_key="other") == asked
    assert server.addresses == [
        "POST /v1/rule-sets/rls_1/replay",
        "GET /v1/replays/rpl_1",
        "POST /v1/replays/rpl_1/cancel",
    ]
    assert server.requests[0].content == b'{"from":"2025-12-31T16:00:00Z","to":"2026-01-31T16:00:00Z"}'
    assert server.keys == ["mine", None, "other"]
