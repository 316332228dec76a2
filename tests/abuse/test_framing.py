"""Requests that two servers in a row could read differently: refused, and nothing of them is done."""

from __future__ import annotations

from collections.abc import Iterator

import orjson
import psycopg
import pytest

from tests.factories.checksums import checksums
from tests.factories.districts import District
from tests.factories.wire import chunked, exchange, status_of

SALES = "/v1/transactions"


@pytest.fixture
def unchanged(superuser: psycopg.Connection, district: District, address: str) -> Iterator[None]:
    """Whatever a test sends, its district stays as it was."""
    before = checksums(superuser, district.id)
    yield
    assert checksums(superuser, district.id) == before


def asked(district: District, path: str, *lines: str) -> bytes:
    """A head with its own lines about host and length."""
    fixed = (f"Authorization: Bearer {district.key}", "Content-Type: application/json")
    return "\r\n".join((f"POST {path} HTTP/1.1", *fixed, *lines, "", "")).encode()


@pytest.mark.usefixtures("unchanged")
@pytest.mark.parametrize(
    "hosts",
    [
        ("Host: shop", "Host: shop"),
        ("Host: shop", "Host: elsewhere"),
        (),
        ("Host:",),
        ("Host: shop, elsewhere",),
        ("Host: shop/v1",),
        ("Host: a@shop",),
        ("Host: shop:port",),
    ],
)
def test_a_request_names_one_host(address: str, district: District, hosts: tuple[str, ...]) -> None:
    """Two hosts, none, or what is no host: 400."""
    body = orjson.dumps(district.sale())
    answer = exchange(address, asked(district, SALES, *hosts, f"Content-Length: {len(body)}"), body)
    assert status_of(answer) == 400, answer[:300]


@pytest.mark.usefixtures("unchanged")
@pytest.mark.parametrize("path", ["//v1/transactions", "///v1/transactions", "//elsewhere/v1/transactions"])
def test_a_path_begins_with_one_slash(address: str, district: District, path: str) -> None:
    """A path with two slashes in front is another address to some proxies, and none to us."""
    body = orjson.dumps(district.sale())
    answer = exchange(address, asked(district, path, "Host: shop", f"Content-Length: {len(body)}"), body)
    assert status_of(answer) == 400, answer[:300]


@pytest.mark.usefixtures("unchanged")
@pytest.mark.parametrize(
    "lines",
    [
        ("Transfer-Encoding: gzip, chunked",),
        ("Transfer-Encoding: chunked", "Transfer-Encoding: chunked"),
        ("Transfer-Encoding: chunked, chunked",),
        ("Transfer-Encoding: xchunked",),
        ("Transfer-Encoding: identity",),
        ("Transfer-Encoding:\x0bchunked",),
        ("Transfer-Encoding : chunked",),
    ],
)
def test_chunks_are_the_only_encoding(address: str, district: District, lines: tuple[str, ...]) -> None:
    """A Transfer-Encoding of another kind, or twice: 400."""
    body = chunked(orjson.dumps(district.sale()))
    answer = exchange(address, asked(district, SALES, "Host: shop", *lines), body)
    assert status_of(answer) == 400, answer[:300]


@pytest.mark.usefixtures("unchanged")
@pytest.mark.parametrize(
    "lines",
    [
        ("Content-Length: 2", "Content-Length: 3"),
        ("Content-Length: 2, 2",),
        ("Content-Length: +2",),
        ("Content-Length: 0x2",),
    ],
)
def test_a_body_has_one_length(address: str, district: District, lines: tuple[str, ...]) -> None:
    """Two lengths that differ, or one that is no number: 400."""
    answer = exchange(address, asked(district, SALES, "Host: shop", *lines), b"{}")
    assert status_of(answer) == 400, answer[:300]


def test_nothing_follows_chunks_on_their_connection(address: str, district: District) -> None:
    """A length beside chunks may be what a proxy believed: what comes after them isn't taken for a request."""
    body = chunked(orjson.dumps(district.sale()))
    both = asked(district, SALES, "Host: shop", "Content-Length: 4", "Transfer-Encoding: chunked")
    answer = exchange(address, both, body, b"GET /healthz HTTP/1.1\r\nHost: shop\r\n\r\n")
    assert (status_of(answer), answer.count(b"HTTP/1.1 ")) == (201, 1)
    assert b"\r\nconnection: close\r\n" in answer
