from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import httpx
import pytest

from merchant_sdk import Client

MEMBER = {"object": "member", "id": "mem_1", "masked_phone": "138****0000", "name": "李雷"}
CONSENT = {"controller": "district", "purpose": "membership", "version": "2026-01"}


def listed(*rows: dict[str, Any]) -> httpx.Response:
    return httpx.Response(200, json={"object": "list", "data": list(rows), "has_more": False})


def test_enrol(server: Any, client: Client) -> None:
    server.will(httpx.Response(201, json=MEMBER), httpx.Response(200, json=MEMBER))
    member = client.members.enrol(
        "13800000000", name="李雷", birthday=date(1990, 5, 1), store_id="str_1", consents=[CONSENT]
    )
    client.members.enrol(phone="13800000000", birthday=None, idempotency_key="mine")
    assert member.id == "mem_1"
    assert server.addresses == ["POST /v1/members"] * 2
    assert server.bodies == [
        {
            "phone": "13800000000",
            "name": "李雷",
            "birthday": "1990-05-01",
            "store_id": "str_1",
            "consents": [CONSENT],
        },
        {"phone": "13800000000"},
    ]
    assert server.keys[1] == "mine"


def test_a_birthday_is_a_day(server: Any, client: Client) -> None:
    for call in (client.members.enrol, client.members.update):
        with pytest.raises(TypeError, match="not a datetime"):
            call("x", birthday=datetime(1990, 5, 1, tzinfo=UTC))
    assert server.requests == []


def test_get_and_list(server: Any, client: Client) -> None:
    server.will(httpx.Response(200, json=MEMBER), listed(MEMBER))
    assert client.members.get("mem_1").name == "李雷"
    assert [member.id for member in client.members.list()] == ["mem_1"]
    assert server.addresses == ["GET /v1/members/mem_1", "GET /v1/members?limit=100"]


def test_find(server: Any, client: Client) -> None:
    server.will(listed(MEMBER), listed())
    found = client.members.find("+86 138 0000 0000")
    assert found is not None
    assert found.id == "mem_1"
    assert client.members.find("13900000000") is None
    assert server.requests[0].url.params["phone"] == "+86 138 0000 0000"


def test_update_tells_none_from_nothing(server: Any, client: Client) -> None:
    server.will(*[httpx.Response(200, json=MEMBER)] * 3)
    client.members.update("mem_1", name=None)
    client.members.update("mem_1", birthday=date(1990, 5, 1), phone="13900000000")
    client.members.update("mem_1", birthday=None, identities=[{"kind": "k", "value": "v"}])
    assert server.addresses == ["PATCH /v1/members/mem_1"] * 3
    assert server.bodies == [
        {"name": None},
        {"birthday": "1990-05-01", "phone": "13900000000"},
        {"birthday": None, "identities": [{"kind": "k", "value": "v"}]},
    ]


def test_record_consent(server: Any, client: Client) -> None:
    server.will(httpx.Response(201, json={"id": "c", **CONSENT, "granted": False}))
    consent = client.members.record_consent("mem_1", **CONSENT, granted=False)
    assert consent.granted is False
    assert server.addresses == ["POST /v1/members/mem_1/consents"]
    assert server.bodies == [{**CONSENT, "granted": False}]


def test_points_and_entries(server: Any, client: Client) -> None:
    entries = [{"id": number, "occurred_at": "2026-01-01T00:00:00Z"} for number in ("9", "8")]
    server.will(
        httpx.Response(200, json={"object": "points", "member_id": "mem_1", "spendable": 5}),
        httpx.Response(200, json={"data": entries, "has_more": True}),
        listed({"id": "7", "occurred_at": "2026-01-01T00:00:00Z"}),
    )
    assert client.members.points("mem_1").spendable == 5
    assert [entry.id for entry in client.members.entries("mem_1")] == ["9", "8", "7"]
    assert server.addresses == [
        "GET /v1/members/mem_1/points",
        "GET /v1/members/mem_1/points/entries?limit=100",
        "GET /v1/members/mem_1/points/entries?limit=100&starting_after=8",
    ]


def test_adjust_points(server: Any, client: Client) -> None:
    row = {
        "object": "adjustment",
        "id": "adj_1",
        "member_id": "mem_1",
        "points": -200,
        "reason": "counted twice",
        "actor_id": "key_1",
        "balance": {"available": 300, "pending": 0, "owed": 0},
        "recorded_at": "2026-01-01T00:00:00Z",
    }
    server.will(httpx.Response(201, json=row))
    done = client.members.adjust_points("mem_1", -200, reason="counted twice", idempotency_key="mine")
    assert (done.id, done.member_id, done.points, done.actor_id) == ("adj_1", "mem_1", -200, "key_1")
    assert done.balance is not None
    assert done.balance.available == 300
    assert server.addresses == ["POST /v1/members/mem_1/points/adjustments"]
    assert server.bodies == [{"points": -200, "reason": "counted twice"}]
    assert server.keys == ["mine"]


@pytest.mark.parametrize("points", [1.0, True, "5"])
def test_points_are_ints(server: Any, client: Client, points: Any) -> None:
    with pytest.raises(TypeError, match="no int"):
        client.members.adjust_points("mem_1", points, "goodwill")
    assert server.requests == []
