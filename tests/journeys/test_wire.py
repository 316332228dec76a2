"""What comes over a real connection: chunks, lies about lengths, smuggled headers. The server stands, and nothing changes."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from http.client import HTTPConnection
from urllib.parse import urlsplit

import orjson
import psycopg
import pytest

from app.foundation.http.routing import MAX_BATCH_BYTES, MAX_BODY_BYTES
from tests.factories.api import Api
from tests.factories.checksums import checksums
from tests.factories.districts import District
from tests.factories.problems import check_problem
from tests.factories.wire import chunked, exchange, head, leave, status_of

SALES, BATCH = "/v1/transactions", "/v1/transactions/batch"
LIMITS = ((SALES, MAX_BODY_BYTES), (BATCH, MAX_BATCH_BYTES))


@pytest.fixture
def unchanged(superuser: psycopg.Connection, district: District, live: Api, address: str) -> Iterator[None]:
    """Whatever a test sends, its district stays as it was, and the server serves on."""
    before = checksums(superuser, district.id)
    yield
    assert live.get(SALES, district.key).ok(200)["data"] == []
    assert checksums(superuser, district.id) == before


def sale(district: District) -> bytes:
    return orjson.dumps(district.sale())


def test_a_body_in_chunks_is_a_body(address: str, district: District) -> None:
    body = sale(district)
    pieces = chunked(*(body[at : at + 7] for at in range(0, len(body), 7)))
    answer = exchange(address, head("POST", SALES, district.key, "Transfer-Encoding: chunked"), pieces)
    assert status_of(answer) == 201, answer


def test_a_body_torn_to_bytes_is_the_same_sale(address: str, live: Api, district: District) -> None:
    """Whatever packets it comes in, and however it is framed: recorded once, as it was said."""
    said = district.sale(metadata={"注": "面", "note": '\\n\u2028"}'})
    body = orjson.dumps(said)
    torn = [body[at : at + 1] for at in range(len(body))]
    whole = head("POST", SALES, district.key, f"Content-Length: {len(body)}")
    in_chunks = head("POST", SALES, district.key, "Transfer-Encoding: chunked")
    framed = [bytes([one]) for one in in_chunks + chunked(*torn)]
    assert [status_of(exchange(address, *parts)) for parts in ((whole, *torn), framed)] == [201, 200]
    [sale] = live.get(SALES, district.key).ok(200)["data"]
    assert {name: sale[name] for name in said} == said


def test_who_hangs_up_disturbs_nobody_of_its_set(address: str, live: Api, district: District) -> None:
    """Tills that leave without their answers: each of their sales is recorded once, and so are those beside them."""
    said = [orjson.dumps(district.sale()) for _ in range(24)]

    def sell(number: int) -> int:
        body = said[number]
        parts = (head("POST", SALES, district.key, f"Content-Length: {len(body)}"), body)
        if number % 2:
            return status_of(exchange(address, *parts))
        leave(address, *parts)
        return 0

    with ThreadPoolExecutor(len(said)) as pool:
        assert list(pool.map(sell, range(24))) == [0, 201] * 12
    again = [live.post(SALES, orjson.loads(body), district.key) for body in said]
    assert {one.status for one in again[1::2]} == {200}
    assert {one.status for one in again[::2]} <= {200, 201}
    assert (
        len({one.body["id"] for one in again}) == len(live.get(f"{SALES}?limit=100", district.key).ok()["data"]) == 24
    )


@pytest.mark.parametrize(
    ("method", "path", "status"), [("POST", SALES, 401), ("PUT", SALES, 405), ("POST", "/no", 404)]
)
def test_a_refusal_waits_for_no_body_and_ends_its_connection(address: str, method: str, path: str, status: int) -> None:
    """Clients that send head and body one after the other hear it before they have sent the body."""
    line = HTTPConnection(urlsplit(address).netloc, timeout=15)
    with closing(line):
        line.putrequest(method, path)
        line.putheader("Content-Length", "65536")
        line.endheaders()
        refused = line.getresponse()
        assert (refused.status, refused.getheader("Connection")) == (status, "close")
        refused.read()
        line.request("GET", "/healthz")  # on a new connection
        assert line.getresponse().status == 200


def test_a_refusal_of_a_body_that_was_read_keeps_its_connection(address: str, district: District) -> None:
    line = HTTPConnection(urlsplit(address).netloc, timeout=15)
    with closing(line):
        line.request("POST", SALES, b"{}", {"Authorization": f"Bearer {district.key}"})
        refused = line.getresponse()
        assert (refused.status, refused.getheader("Connection")) == (422, None)
        refused.read()
        kept = line.sock
        line.request("GET", "/healthz")
        assert line.getresponse().status == 200
        assert line.sock is kept


@pytest.mark.parametrize(("path", "most"), LIMITS)
@pytest.mark.usefixtures("unchanged")
def test_a_body_over_the_limit_is_refused(live: Api, district: District, path: str, most: int) -> None:
    check_problem(live.call("POST", path, key=district.key, data=b" " * (most + 1)), 413, "body-too-large")


@pytest.mark.parametrize(("path", "most"), LIMITS)
@pytest.mark.usefixtures("unchanged")
def test_chunks_over_the_limit_are_refused(address: str, district: District, path: str, most: int) -> None:
    first = head("POST", path, district.key, "Transfer-Encoding: chunked")
    answer = exchange(address, first, chunked(*[b" " * 65_536] * (most // 65_536 + 1), sale(district)))
    assert status_of(answer) == 413, answer[:300]
    assert b'"code":"body-too-large"' in answer


@pytest.mark.usefixtures("unchanged")
def test_a_length_that_promises_too_much_is_refused_at_once(address: str, district: District) -> None:
    answer = exchange(address, head("POST", SALES, district.key, f"Content-Length: {10**12}"), b"{", end=True)
    assert status_of(answer) in (0, 400, 413), answer[:300]


@pytest.mark.usefixtures("unchanged")
def test_half_a_body_is_no_sale(address: str, district: District) -> None:
    body = sale(district)
    for length, sent in ((len(body) + 1, body), (len(body), body[:-1]), (10_000, b""), (len(body) - 1, body)):
        answer = exchange(address, head("POST", SALES, district.key, f"Content-Length: {length}"), sent, end=True)
        assert status_of(answer) in (0, 400), answer[:300]
    cut = exchange(
        address, head("POST", SALES, district.key, "Transfer-Encoding: chunked"), chunked(body)[:-8], end=True
    )
    assert status_of(cut) in (0, 400), cut[:300]


@pytest.mark.usefixtures("unchanged")
def test_broken_framing_is_refused(address: str, district: District) -> None:
    body = sale(district)
    for lines in (
        ("Content-Length: -1",),
        ("Content-Length: x",),
        ("Content-Length: 5", "Content-Length: 6"),
        ("Content-Length: 1e3",),
        ("Content-Length: 99999999999999999999999",),
        ("Transfer-Encoding: chunked, gzip",),
    ):
        answer = exchange(address, head("POST", SALES, district.key, *lines), body, end=True)
        assert status_of(answer) in (0, 400), (lines, answer[:300])
    for chunks in (b"zz\r\n{}\r\n0\r\n\r\n", b"-1\r\n{}\r\n0\r\n\r\n", b"ffffffffffffffffff\r\n{}\r\n", b"2{}0\r\n"):
        answer = exchange(address, head("POST", SALES, district.key, "Transfer-Encoding: chunked"), chunks, end=True)
        assert status_of(answer) in (0, 400, 422), (chunks, answer[:300])


@pytest.mark.usefixtures("unchanged")
def test_a_second_request_can_t_hide_in_a_body(address: str, district: District) -> None:
    hidden = head("POST", SALES, district.key, f"Content-Length: {len(sale(district))}") + sale(district)
    both = ("Content-Length: 5", "Transfer-Encoding: chunked")
    answer = exchange(address, head("POST", SALES, district.key, *both), b"0\r\n\r\n", hidden, end=True)
    assert answer.count(b"HTTP/1.1 ") <= 1
    assert status_of(answer) in (0, 400, 422), answer[:300]


@pytest.mark.usefixtures("unchanged")
def test_headers_can_t_be_smuggled(address: str, district: District) -> None:
    for line in (
        "Request-Id: a\rX-Evil: 1",
        "Request-Id: a\nX-Evil: 1",
        "Request-Id: a\0b",
        "Idempotency-Key: \0",
        "Idempotency-Key: a\x01b",
        "X-\0: 1",
        "X Evil: 1",
        ": 1",
        "Idempotency-Key",
        "X-Long: " + "a" * 1_000_000,
    ):
        answer = exchange(address, head("GET", "/v1/programme", district.key, line))
        assert b"\nx-evil" not in answer.lower(), line
        assert status_of(answer) in (0, 200, 400, 431), (line[:40], answer[:300])


@pytest.mark.usefixtures("unchanged")
def test_addresses_and_lines_that_are_none(address: str, district: District) -> None:
    for path in (
        "/%00",
        "/v1/../../etc/passwd",
        "/v1/members\x80",
        "*",
        "http://elsewhere/v1/members",
        "/" + "a" * 100_000,
        "?",
        "/%zz",
    ):
        answer = exchange(address, head("GET", path, district.key))
        assert status_of(answer) in (0, 200, 400, 404, 414), (path[:40], answer[:300])
    for line in (
        b"\r\n\r\n",
        b"\0\0\0\0",
        b"GET\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        b"\x16\x03\x01\x00\xa5\x01\x00\x00\xa1",
    ):
        assert status_of(exchange(address, line, end=True)) in (0, 400, 404, 505), line


@pytest.mark.usefixtures("unchanged")
def test_a_key_has_bytes_of_its_own(address: str, district: District) -> None:
    for key in ("\xe9" * 10, "a b c", "x" * 60_000, district.key + "\xe9"):
        answer = exchange(address, head("GET", "/v1/programme", key))
        assert status_of(answer) in (0, 400, 401, 431), answer[:300]
