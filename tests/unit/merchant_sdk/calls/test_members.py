from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import httpx
import pytest

from merchant_sdk import Client, RateLimited

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


def test_resolve_a_code(server: Any, client: Client) -> None:
    body = {
        "object": "presence",
        "member": {"id": "mem_1", "masked_name": "王*", "tier": None, "points": 815},
        "store_id": "str_1",
        "presence_token": "pt_secret",
        "expires_at": "2026-01-01T12:25:00Z",
    }
    server.will(httpx.Response(200, json=body), httpx.Response(200, json=body))
    here = client.members.resolve("880000012345492039", store_id="str_1")
    client.members.resolve("88 0000012345 492039", idempotency_key="mine")
    assert (here.member.id, here.member.masked_name, here.member.points) == ("mem_1", "王*", 815)
    assert (here.presence_token, here.store_id) == ("pt_secret", "str_1")
    assert here.expires_at == datetime(2026, 1, 1, 12, 25, tzinfo=UTC)
    assert not any(secret in repr(here) for secret in ("pt_secret", "王"))
    assert server.addresses == ["POST /v1/member-codes/resolve"] * 2
    assert server.bodies == [{"code": "880000012345492039", "store_id": "str_1"}, {"code": "88 0000012345 492039"}]
    assert server.keys[1] == "mine"


def test_a_till_that_has_guessed_too_often_is_told_at_once(server: Any, client: Client) -> None:
    problem = {"code": "rate-limited", "status": 429}
    server.will(httpx.Response(429, json=problem, headers={"Retry-After": "3000"}))
    with pytest.raises(RateLimited) as raised:
        client.members.resolve("880000012345492039")
    assert raised.value.retry_after_seconds == 3000
    assert server.pauses == []


def test_freeze_and_unfreeze(server: Any, client: Client) -> None:
    server.will(*[httpx.Response(200, json={**MEMBER, "status": "frozen"})] * 2)
    assert client.members.freeze("mem_1", idempotency_key="mine").status == "frozen"
    client.members.unfreeze("mem_1")
    assert server.addresses == ["POST /v1/members/mem_1/freeze", "POST /v1/members/mem_1/unfreeze"]
    assert [request.content for request in server.requests] == [b"", b""]
    assert server.keys[0] == "mine"
    assert server.keys[1] is not None


def test_lock_spending(server: Any, client: Client) -> None:
    server.will(
        *[httpx.Response(200, json={"object": "spend_lock", "member_id": "m", "locked": on}) for on in (True, False)]
    )
    assert client.members.lock_spending("mem_1").locked
    assert not client.members.lock_spending("mem_1", locked=False).locked
    assert server.bodies == [{"locked": True}, {"locked": False}]


def test_merge_and_its_preview(server: Any, client: Client) -> None:
    side = {"id": "mem_1", "balance": {"available": 5}, "transactions": 1, "memberships": 2, "status": "frozen"}
    preview = {"member": side, "into": {"id": "mem_2"}, "after": {"available": 7}, "refused_because": "member-frozen"}
    server.will(httpx.Response(200, json=preview), httpx.Response(200, json={**MEMBER, "id": "mem_2"}))
    told = client.members.preview_merge("mem_1", into="mem_2")
    assert (told.member.id, told.member.transactions, told.member.memberships) == ("mem_1", 1, 2)
    assert (told.into.id, told.after.available, told.refused_because) == ("mem_2", 7, "member-frozen")
    assert client.members.merge("mem_1", into="mem_2", idempotency_key="mine").id == "mem_2"
    assert server.addresses == [
        "GET /v1/members/mem_1/merge-preview?into=mem_2",
        "POST /v1/members/mem_1/merge",
    ]
    assert server.requests[1].content == b'{"into":"mem_2"}'
    assert server.keys == [None, "mine"]


def test_export_and_erase(server: Any, client: Client) -> None:
    page = httpx.Response(200, content="<p>李雷".encode(), headers={"Content-Type": "text/html; charset=utf-8"})
    export = {"member": MEMBER, "phone": "+8613800000000", "exported_at": "2026-01-01T00:00:00Z"}
    server.will(httpx.Response(200, json=export), page, httpx.Response(200, json={**MEMBER, "status": "erased"}))
    assert client.members.export("mem_1").phone == "+8613800000000"
    assert client.members.export_page("mem_1", language="en") == "<p>李雷"
    assert client.members.erase("mem_1").status == "erased"
    assert server.addresses == [
        "GET /v1/members/mem_1/export",
        "GET /v1/members/mem_1/export/page",
        "DELETE /v1/members/mem_1",
    ]
    assert server.requests[1].headers["Accept-Language"] == "en"
