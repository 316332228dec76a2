"""Callers who say nothing, or say it slowly: they keep nobody else from being served, and don't stay for ever."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import ExitStack, closing
from http.client import HTTPConnection
from urllib.parse import urlsplit

import orjson
import pytest
from flask import Flask

from app.config import Settings
from tests.conftest import OPERATOR_KEY
from tests.factories.api import Api
from tests.factories.districts import District
from tests.factories.running import Running
from tests.factories.wire import PATIENCE_SECONDS, head

SALES = "/v1/transactions"
SILENT, SLOW, IDLE = 200, 200, 400
"""More than the web processes work on at once, and than once could be connected at all."""


@pytest.fixture(scope="module")
def server(app: Flask, settings: Settings) -> Iterator[str]:
    """A product that gives bodies little time."""
    with Running("web", settings, {"BODY_TIMEOUT_SECONDS": "2"}) as web:
        web.wait_for(f"{web.url}/readyz")
        yield web.url


@pytest.fixture
def lines() -> Iterator[ExitStack]:
    """Connections, closed when the test ends."""
    with ExitStack() as stack:
        yield stack


def connected(base_url: str, lines: ExitStack) -> socket.socket:
    where = urlsplit(base_url)
    return lines.enter_context(socket.create_connection((where.hostname or "", where.port or 0), PATIENCE_SECONDS))


def sells(base_url: str, district: District) -> None:
    """A till that comes now is served."""
    api = Api.over_http(base_url, OPERATOR_KEY)
    for number in range(4):
        assert api.post(SALES, district.sale(reference=f"now-{number}"), district.key).status == 201


def test_silent_connections_keep_nobody_out(address: str, district: District, lines: ExitStack) -> None:
    """Whoever connects and says nothing takes no place at work."""
    for _ in range(SILENT):
        connected(address, lines)
    sells(address, district)


def test_half_a_head_keeps_nobody_out(address: str, district: District, lines: ExitStack) -> None:
    """Nor does who begins a request and never ends its head."""
    for _ in range(SILENT):
        connected(address, lines).sendall(head("POST", SALES, district.key)[:-2])
    sells(address, district)


@pytest.mark.parametrize("announced", ["Content-Length: 100", "Transfer-Encoding: chunked"])
def test_bodies_that_don_t_come_keep_nobody_out(
    address: str, district: District, lines: ExitStack, announced: str
) -> None:
    """A request that waits for its body gives its turn to others, with a right key too."""
    for _ in range(SLOW):
        connected(address, lines).sendall(head("POST", SALES, district.key, announced))
    sells(address, district)


def test_a_body_that_nobody_reads_is_not_waited_for(address: str, lines: ExitStack) -> None:
    """A request that its head refuses is answered at once, however much body it announces."""
    for length in (10, 65_536, 1 << 20):
        peer = connected(address, lines)
        peer.sendall(head("POST", SALES, "no-key", f"Content-Length: {length}"))
        assert peer.recv(65_536).startswith(b"HTTP/1.1 401 ")


def test_idle_tills_keep_nobody_out(address: str, district: District, lines: ExitStack) -> None:
    """Tills that have been served and stay connected cost nothing, and some of them sell on."""
    tills = []
    for _ in range(IDLE):
        tills.append(lines.enter_context(closing(HTTPConnection(urlsplit(address).netloc, timeout=PATIENCE_SECONDS))))
        tills[-1].request("GET", "/healthz")
        assert tills[-1].getresponse().read()
    sells(address, district)
    headers = {"Authorization": f"Bearer {district.key}", "Content-Type": "application/json"}
    for number in range(10):
        tills[-number].request("POST", SALES, orjson.dumps(district.sale(reference=f"idle-{number}")), headers)
        answer = tills[-number].getresponse()
        assert (answer.status, bool(answer.read())) == (201, True)


@pytest.mark.parametrize("drip", [b"", b" "])
def test_a_body_has_an_end(server: str, district: District, lines: ExitStack, drip: bytes) -> None:
    """A body that doesn't come, or comes byte by byte for ever, ends with its connection; nothing was done."""
    peer = connected(server, lines)
    peer.sendall(head("POST", SALES, district.key, "Content-Length: 100000"))
    assert _is_ended(peer, drip)
    assert Api.over_http(server, OPERATOR_KEY).get(SALES, district.key).ok(200)["data"] == []


def _is_ended(peer: socket.socket, drip: bytes) -> bool:
    peer.settimeout(0.1)
    for _ in range(int(10 * PATIENCE_SECONDS)):
        try:
            peer.sendall(drip)
            if not peer.recv(65_536):
                return True
        except TimeoutError:
            continue
        except OSError:
            return True
    return False
