"""The test clock and the test inbox, as the SDK calls them."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import httpx
import pytest

from merchant_sdk import Client, ClockProgress, PermissionDenied, SandboxClock, SandboxMessage, UnexpectedAnswer
from tests.unit.merchant_sdk.conftest import Server

NOW, LATER = datetime(2026, 6, 1, tzinfo=UTC), datetime(2027, 6, 1, tzinfo=UTC)
READY = {
    "object": "test_clock",
    "now": "2026-06-01T00:00:00Z",
    "status": "ready",
    "advancing_to": None,
    "progress": None,
}
ON_ITS_WAY = {
    **READY,
    "status": "advancing",
    "advancing_to": "2027-06-01T00:00:00Z",
    "progress": {"from": "2026-06-01T00:00:00Z", "percent": 40},
}


def answer(body: dict[str, Any], status: int = 200) -> httpx.Response:
    return httpx.Response(status, json=body)


def test_a_clock_is_read_and_moved(server: Server, client: Client) -> None:
    server.will(answer(READY), answer(ON_ITS_WAY, 202), answer(ON_ITS_WAY, 202))
    assert client.test_clock.get() == SandboxClock(now=NOW, status="ready")
    moving = client.test_clock.advance(seconds=31_536_000)
    assert moving.advancing_to == LATER
    assert moving.progress == ClockProgress(percent=40, since=NOW)
    client.test_clock.advance_to(LATER, idempotency_key="mine")
    assert server.addresses == ["GET /v1/test-clock", "POST /v1/test-clock", "POST /v1/test-clock"]
    sent = [request for request in server.requests if request.method == "POST"]
    assert [httpx.Response(200, content=one.content).json() for one in sent] == [
        {"advance_seconds": 31_536_000},
        {"advance_to": "2027-06-01T00:00:00Z"},
    ]
    assert server.keys[2] == "mine"


def test_waiting_asks_until_it_is_ready(server: Server, client: Client) -> None:
    server.will(answer(ON_ITS_WAY), answer(ON_ITS_WAY), answer(READY))
    assert client.test_clock.wait().status == "ready"
    assert server.pauses == [0.5, 0.5]


def test_waiting_ends(server: Server, client: Client) -> None:
    server.will(answer(ON_ITS_WAY))
    with pytest.raises(TimeoutError, match="2027-06-01"):
        client.test_clock.wait(timeout_seconds=0)


def test_a_live_district_has_no_clock(server: Server, client: Client) -> None:
    server.will(answer({"code": "sandbox-only", "status": 403, "title": "Only a sandbox has that"}, 403))
    with pytest.raises(PermissionDenied) as refused:
        client.test_clock.get()
    assert refused.value.code == "sandbox-only"


def test_codes_are_read_from_the_inbox(server: Server, client: Client) -> None:
    message = {"object": "test_message", "phone": "+8613800000000", "code": "123456", "sent_at": READY["now"]}
    server.will(answer({"object": "list", "data": [message], "has_more": False}), answer({"object": "list"}))
    assert list(client.test_inbox.list(phone="13800000000")) == [
        SandboxMessage(phone="+8613800000000", code="123456", sent_at=NOW)
    ]
    assert server.addresses == ["GET /v1/test-inbox?phone=13800000000"]
    with pytest.raises(UnexpectedAnswer):
        list(client.test_inbox.list())


def test_notices_are_read_from_the_inbox(server: Server, client: Client) -> None:
    notice = {"object": "test_message", "kind": "notice", "phone": "+8613800000000", "code": None}
    server.will(answer({"object": "list", "data": [{**notice, "changes_on": "2026-06-08"}], "has_more": False}))
    assert list(client.test_inbox.list()) == [
        SandboxMessage(phone="+8613800000000", kind="notice", changes_on=date(2026, 6, 8))
    ]
