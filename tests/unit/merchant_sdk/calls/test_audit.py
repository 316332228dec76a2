from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from merchant_sdk import AuditEntry, Client

ROW = {
    "object": "audit_entry",
    "id": "aud_1",
    "actor": {"kind": "key", "id": "key_1"},
    "action": "points.adjusted",
    "subject": {"kind": "member", "id": "mem_1"},
    "details": {"points": 500},
    "request_id": "req-1",
    "from": "203.0.113.7",
    "recorded_at": "2026-01-01T12:00:00Z",
}


def test_list(server: Any, client: Client) -> None:
    server.will(httpx.Response(200, json={"data": [ROW], "has_more": False}))
    [entry] = client.audit_entries.list(
        actor_id="key_1",
        action="points.adjusted",
        subject_id="mem_1",
        recorded_from=datetime(2026, 1, 1, tzinfo=UTC),
        recorded_to="2026-01-02T00:00:00Z",
    )
    assert dict(server.requests[0].url.params) == {
        "limit": "100",
        "actor_id": "key_1",
        "action": "points.adjusted",
        "subject_id": "mem_1",
        "from": "2026-01-01T00:00:00Z",
        "to": "2026-01-02T00:00:00Z",
    }
    assert (entry.id, entry.action, entry.details, entry.request_id) == (
        "aud_1",
        "points.adjusted",
        {"points": 500},
        "req-1",
    )
    assert entry.actor is not None
    assert entry.subject is not None
    assert (entry.actor.kind, entry.actor.id, entry.subject.id) == ("key", "key_1", "mem_1")
    assert (entry.address, entry.recorded_at) == ("203.0.113.7", datetime(2026, 1, 1, 12, tzinfo=UTC))
    assert hash(entry)


def test_an_act_of_the_product_itself() -> None:
    entry = AuditEntry.read({**ROW, "actor": {"kind": "system", "id": None}, "from": None, "request_id": None})
    assert entry.actor is not None
    assert (entry.actor.id, entry.address, entry.request_id) == (None, None, None)


def test_naive_instants_are_refused_at_once(server: Any, client: Client) -> None:
    with pytest.raises(ValueError, match="no time zone"):
        client.audit_entries.list(recorded_from=datetime(2026, 1, 1))
    assert server.requests == []
