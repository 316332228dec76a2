from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from merchant_sdk import Client


def one(**more: Any) -> httpx.Response:
    return httpx.Response(200, json={"id": "x", **more})


def listed() -> httpx.Response:
    return httpx.Response(200, json={"object": "list", "data": [{"id": "x"}], "has_more": False})


def test_districts(server: Any, client: Client) -> None:
    server.will(one(api_key={"id": "key_1", "secret": "sk_live_x"}), listed(), one(name="b"))
    made = client.districts.create(name="湖滨", slug="hubin", mode="sandbox", idempotency_key="mine")
    assert made.api_key is not None
    assert made.api_key.secret == "sk_live_x"
    assert [row.id for row in client.districts.list()] == ["x"]
    assert client.districts.update("dis_1", name="b").name == "b"
    assert server.addresses == [
        "POST /v1/districts",
        "GET /v1/districts?limit=100",
        "PATCH /v1/districts/dis_1",
    ]
    assert server.requests[0].content.decode() == '{"name":"湖滨","slug":"hubin","mode":"sandbox"}'
    assert server.keys == ["mine", None, None]


def test_merchants(server: Any, client: Client) -> None:
    server.will(one(code="A101"), one(), listed(), one())
    assert client.merchants.create(name="茶", code="A101").code == "A101"
    client.merchants.get("mer_1")
    assert len(list(client.merchants.list())) == 1
    client.merchants.update("mer_1", category=None)
    assert server.addresses == [
        "POST /v1/merchants",
        "GET /v1/merchants/mer_1",
        "GET /v1/merchants?limit=100",
        "PATCH /v1/merchants/mer_1",
    ]
    assert server.requests[3].content == b'{"category":null}'


def test_stores(server: Any, client: Client) -> None:
    server.will(one(), one(), listed(), one())
    client.stores.create(merchant_id="mer_1", name="茶", code="A101-1", area_m2=0)
    client.stores.get("str_1")
    assert len(list(client.stores.list())) == 1
    client.stores.update("str_1", zone="east", area_m2=None)
    assert server.addresses == [
        "POST /v1/stores",
        "GET /v1/stores/str_1",
        "GET /v1/stores?limit=100",
        "PATCH /v1/stores/str_1",
    ]
    assert server.requests[0].content.decode().endswith('"code":"A101-1","area_m2":0}')
    assert server.requests[3].content == b'{"zone":"east","area_m2":null}'


def test_api_keys(server: Any, client: Client) -> None:
    ends = datetime(2027, 1, 1, tzinfo=UTC)
    server.will(one(secret="sk_live_x"), listed(), one(secret="sk_live_y"), one(), one(revoked_at=ends.isoformat()))
    made = client.api_keys.create(name="till", store_id="str_1", scopes=["*"], expires_at=ends)
    assert made.secret == "sk_live_x"
    assert len(list(client.api_keys.list(merchant_id="mer_1"))) == 1
    assert client.api_keys.rotate("key_1", overlap_seconds=0).secret == "sk_live_y"
    client.api_keys.rotate("key_1")
    assert client.api_keys.revoke("key_1").revoked_at == ends
    assert server.addresses == [
        "POST /v1/api-keys",
        "GET /v1/api-keys?limit=100&merchant_id=mer_1",
        "POST /v1/api-keys/key_1/rotate",
        "POST /v1/api-keys/key_1/rotate",
        "DELETE /v1/api-keys/key_1",
    ]
    assert server.requests[0].content == (
        b'{"name":"till","store_id":"str_1","scopes":["*"],"expires_at":"2027-01-01T00:00:00Z"}'
    )
    assert [request.content for request in server.requests[2:]] == [b'{"overlap_seconds":0}', b"{}", b""]


def test_a_poster_s_code(server: Any, client: Client) -> None:
    kinds = ("image/svg+xml", "image/png")
    server.will(*[httpx.Response(200, content=b"x", headers={"Content-Type": kind}) for kind in kinds])
    assert client.stores.join_qr("str_1") == client.stores.join_qr("str_1", format="png") == b"x"
    assert server.addresses == [f"GET /v1/stores/str_1/join-qr?format={one}" for one in ("svg", "png")]
    with pytest.raises(ValueError, match="svg, png"):
        client.stores.join_qr("str_1", format="gif")  # type: ignore[arg-type]
    assert len(server.requests) == 2
