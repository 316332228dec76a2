"""The product behind nginx as docs/nginx.conf sets it up; skipped where there is no nginx (`apt-get install nginx-light`)."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import orjson
import pytest
from flask import Flask

from app.config import Settings
from app.foundation.http.routing import MAX_BATCH_BYTES, MAX_BODY_BYTES
from tests.conftest import OPERATOR_KEY
from tests.factories.api import Api
from tests.factories.districts import District, new_district
from tests.factories.proxies import HOST, NGINX, Proxy, proxy_before
from tests.factories.running import Running
from tests.factories.wire import PATIENCE_SECONDS, status_of

pytestmark = pytest.mark.skipif(NGINX is None, reason="no nginx on this machine")
SALES, BATCH = "/v1/transactions", "/v1/transactions/batch"
SLOW = 200


@pytest.fixture(scope="module")
def web(app: Flask, settings: Settings) -> Iterator[Running]:
    with Running("web", settings, {"TRUSTED_PROXIES": "1"}) as running:
        running.wait_for(f"{running.url}/readyz")
        yield running


@pytest.fixture(scope="module")
def proxy(web: Running, folder: Path) -> Iterator[Proxy]:
    own = folder / "nginx"
    own.mkdir()
    own.chmod(0o755)  # its workers are another user's
    with proxy_before(web.port, own) as running:
        yield running


@pytest.fixture
def district(web: Running) -> District:
    return new_district(Api.over_http(web.url, OPERATOR_KEY))


@pytest.fixture
def lines() -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


def connected(proxy: Proxy, lines: ExitStack) -> socket.socket:
    plain = socket.create_connection(("127.0.0.1", proxy.port), PATIENCE_SECONDS)
    return lines.enter_context(proxy.trust.wrap_socket(plain, server_hostname=HOST))


def asked(method: str, path: str, key: str, *more: str) -> bytes:
    fixed = (f"Host: {HOST}", f"Authorization: Bearer {key}", "Content-Type: application/json")
    return "\r\n".join((f"{method} {path} HTTP/1.1", *fixed, *more, "", "")).encode()


def exchange(proxy: Proxy, method: str, path: str, key: str, *more: str, body: bytes = b"") -> tuple[int, Any]:
    """Status and body of an answer."""
    with ExitStack() as lines:
        peer = connected(proxy, lines)
        peer.sendall(asked(method, path, key, "Connection: close", f"Content-Length: {len(body)}", *more) + body)
        answer = b"".join(iter(lambda: peer.recv(65_536), b""))
    head, _, rest = answer.partition(b"\r\n\r\n")
    is_chunked = b"transfer-encoding: chunked" in head.lower()
    text = b"".join(rest.split(b"\r\n")[1::2]) if is_chunked else rest
    return status_of(answer), orjson.loads(text)


def batch(district: District, count: int, more: str) -> bytes:
    sales = [district.sale(reference=f"B{number}", metadata={"more": more}) for number in range(count)]
    return orjson.dumps({"transactions": sales})


def test_a_sale_passes(proxy: Proxy, district: District) -> None:
    status, sale = exchange(proxy, "POST", SALES, district.key, body=orjson.dumps(district.sale(reference="through")))
    assert (status, sale["reference"]) == (201, "through")


def test_slow_callers_reach_no_web_process(web: Running, proxy: Proxy, district: District, lines: ExitStack) -> None:
    before = web.said().count('"POST"')
    for _ in range(SLOW):
        connected(proxy, lines).sendall(asked("POST", SALES, district.key, "Content-Length: 100") + b"{")
    status, _ = exchange(proxy, "POST", SALES, district.key, body=orjson.dumps(district.sale()))
    lines.close()
    assert status == 201
    assert web.said().count('"POST"') == before + 1


def test_big_bodies_pass_and_bigger_ones_are_refused_as_problems(proxy: Proxy, district: District) -> None:
    body = batch(district, 1000, "x" * 500)
    status, answer = exchange(proxy, "POST", BATCH, district.key, body=body)
    assert (status, len(answer["results"])) == (200, 1000)
    for path, size in ((SALES, MAX_BODY_BYTES + 1), (BATCH, MAX_BATCH_BYTES + 1), (BATCH, 10 << 20)):
        status, answer = exchange(proxy, "POST", path, district.key, body=b" " * size)
        assert (status, answer["code"]) == (413, "body-too-large"), size


def test_what_is_refused_by_its_head_is_refused_as_ever(proxy: Proxy, district: District) -> None:
    for size in (100, 100_000, 5 << 20):
        status, answer = exchange(proxy, "POST", BATCH, "no-key", body=b" " * size)
        assert (status, answer["code"]) == (401, "unauthorized"), size


def test_nobody_says_where_they_call_from(proxy: Proxy, district: District) -> None:
    """What a caller writes into X-Forwarded-For isn't believed: the audit log has the address that nginx saw."""
    body = orjson.dumps({"name": "Tea", "code": "T1", "category": "tea"})
    status, merchant = exchange(proxy, "POST", "/v1/merchants", district.key, "X-Forwarded-For: 203.0.113.9", body=body)
    assert status == 201
    status, entries = exchange(proxy, "GET", "/v1/audit-entries", district.key)
    [entry] = [one for one in entries["data"] if one["subject"]["id"] == merchant["id"]]
    assert (status, entry["from"]) == (200, "127.0.0.1")


def test_a_path_of_two_slashes_stays_one(proxy: Proxy, district: District) -> None:
    status, answer = exchange(proxy, "POST", "/" + SALES, district.key, body=orjson.dumps(district.sale()))
    assert (status, answer["code"]) == (400, "bad-request")
