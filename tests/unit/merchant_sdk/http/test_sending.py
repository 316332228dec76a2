from __future__ import annotations

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import httpx
import pytest

from merchant_sdk import Client, ConnectionFailed, QuantongError, UnexpectedAnswer
from merchant_sdk._http.errors import Conflict, NotFound, RateLimited, ServerError, ValidationError
from merchant_sdk._http.sending import Sender

Problem = Callable[..., httpx.Response]
OK = {"ok": True}
FAILURES = [
    httpx.ConnectError("refused"),
    httpx.ConnectTimeout("slow"),
    httpx.ReadTimeout("slow"),
    httpx.RemoteProtocolError("gone"),
    httpx.ReadError("reset"),
    httpx.DecodingError("garbled"),
    httpx.Response(429),
    httpx.Response(502, text="<html>Bad gateway</html>"),
    httpx.Response(503),
    httpx.Response(504),
    httpx.Response(409, json={"code": "idempotency-key-in-use"}),
]


def _name(value: object) -> str:
    return str(value.status_code) if isinstance(value, httpx.Response) else type(value).__name__


@pytest.mark.parametrize("failure", FAILURES, ids=_name)
@pytest.mark.parametrize("method", ["GET", "POST", "PATCH", "DELETE"])
def test_what_may_pass_is_tried_again(server: Any, client: Client, method: str, failure: Any) -> None:
    server.will(failure, failure, httpx.Response(200, json=OK))
    assert client.request(method, "/v1/x") == OK
    assert len(server.requests) == 3
    assert len(server.pauses) == 2


def test_a_post_bears_the_same_key_and_body_in_every_attempt(server: Any, client: Client) -> None:
    server.will(httpx.ReadTimeout("slow"), httpx.Response(503), httpx.Response(201, json=OK))
    client.request("post", "/v1/x", json={"name": "湖滨"})
    [key] = set(server.keys)
    assert UUID(key).version == 4
    assert server.bodies == [{"name": "湖滨"}] * 3
    assert {request.headers["Content-Type"] for request in server.requests} == {"application/json"}


def test_another_call_has_another_key(server: Any, client: Client) -> None:
    server.will(httpx.Response(200, json=OK), httpx.Response(200, json=OK))
    client.request("POST", "/v1/x")
    client.request("POST", "/v1/x")
    assert len(set(server.keys)) == 2


def test_the_callers_key_is_used(server: Any, client: Client) -> None:
    server.will(httpx.Response(503), httpx.Response(200, json=OK))
    client.request("POST", "/v1/x", idempotency_key="mine")
    assert server.keys == ["mine", "mine"]


@pytest.mark.parametrize("method", ["GET", "PATCH", "DELETE"])
def test_only_a_post_takes_a_key(server: Any, client: Client, method: str) -> None:
    with pytest.raises(ValueError, match="only a POST"):
        client.request(method, "/v1/x", idempotency_key="mine")
    server.will(httpx.Response(200, json=OK))
    client.request(method, "/v1/x")
    assert server.keys == [None]


@pytest.mark.parametrize("key", ["", "x" * 256, "a\nb", "号"])
def test_keys_that_can_not_be_sent(server: Any, client: Client, key: str) -> None:
    with pytest.raises(ValueError, match="visible ASCII"):
        client.request("POST", "/v1/x", idempotency_key=key)
    assert server.requests == []


def test_attempts_have_a_limit_and_the_last_error_is_raised(server: Any, client: Client) -> None:
    server.will(*[httpx.ConnectError("refused")] * 4, httpx.ConnectTimeout("slow"))
    with pytest.raises(ConnectionFailed, match="ConnectTimeout: slow") as raised:
        client.request("POST", "/v1/x", idempotency_key="mine")
    assert len(server.requests) == 5
    assert len(server.pauses) == 4
    assert raised.value.idempotency_key == "mine"
    assert isinstance(raised.value.__cause__, httpx.ConnectTimeout)


def test_a_refusal_is_not_tried_again(server: Any, client: Client, problem: Problem) -> None:
    for answer, kind in [
        (problem(409, "reference-conflict"), Conflict),
        (problem(422, "validation-failed"), ValidationError),
        (problem(500, "internal-error"), ServerError),
    ]:
        server.requests.clear()
        server.will(answer)
        with pytest.raises(kind) as raised:
            client.request("POST", "/v1/x")
        assert len(server.requests) == 1
        assert raised.value.request_id == "req-1"
        assert raised.value.idempotency_key == server.keys[0]
    assert server.pauses == []


def test_an_error_without_json_has_its_request_id_from_the_header(server: Any, client: Client) -> None:
    server.will(httpx.Response(413, text="too large", headers={"Request-Id": "req-9"}))
    with pytest.raises(QuantongError) as raised:
        client.request("POST", "/v1/x")
    assert str(raised.value) == "413 http-413: too large (request req-9)"


def test_a_redirect_is_a_refusal_and_the_key_goes_nowhere(server: Any, client: Client) -> None:
    server.will(httpx.Response(308, headers={"Location": "http://elsewhere.test/"}))
    with pytest.raises(QuantongError, match="308"):
        client.request("GET", "/v1/x")
    assert len(server.requests) == 1


@pytest.mark.parametrize("headers", [{"Retry-After": "3"}, {"Retry-After": "Thu, 01 Jan 2026 00:00:03 GMT"}])
def test_retry_after_is_honoured(server: Any, headers: dict[str, str]) -> None:
    server.will(httpx.Response(429, headers=headers), httpx.Response(503), httpx.Response(200, json=OK))
    sender = Sender(
        httpx.Client(base_url="http://quantong.test", transport=httpx.MockTransport(server.handle)),
        retries=2,
        sleep=server.pauses.append,
        draw=lambda: 0.5,
        now=lambda: datetime(2026, 1, 1, tzinfo=UTC),
    )
    assert sender.request("GET", "/v1/x") == OK
    assert server.pauses == [3.25, 0.5]


def test_pauses_are_bounded_and_vary(server: Any, client: Client) -> None:
    seen = set()
    for _ in range(50):
        server.pauses.clear()
        server.will(*[httpx.Response(503)] * 4, httpx.Response(200, json=OK))
        client.request("GET", "/v1/x")
        assert all(0 <= pause <= most for pause, most in zip(server.pauses, (0.5, 1, 2, 4), strict=True))
        seen.update(server.pauses)
    assert len(seen) > 150


def test_a_limit_that_stays_is_raised_with_what_was_asked(server: Any, problem: Problem) -> None:
    server.will(problem(429, "rate-limited", headers={"Retry-After": "9"}))
    transport = httpx.MockTransport(server.handle)
    client = Client("k", "http://quantong.test", transport=transport, retries=0, sleep=server.pauses.append)
    with pytest.raises(RateLimited) as raised:
        client.request("GET", "/v1/x")
    assert raised.value.retry_after_seconds == 9.0
    assert server.pauses == []


@pytest.mark.parametrize(
    "answer",
    [
        httpx.Response(200, text="<html>Sign in to the Wi-Fi</html>", headers={"Content-Type": "text/html"}),
        httpx.Response(200, json=[1]),
        httpx.Response(200, content=b"\xff"),
    ],
)
def test_a_yes_in_other_words(server: Any, client: Client, answer: httpx.Response) -> None:
    server.will(answer)
    with pytest.raises(UnexpectedAnswer, match="no JSON object"):
        client.request("POST", "/v1/x")
    assert len(server.requests) == 1


def test_an_empty_yes(server: Any, client: Client) -> None:
    server.will(httpx.Response(204))
    assert client.request("DELETE", "/v1/x") == {}


def test_query_and_body_are_encoded(server: Any, client: Client) -> None:
    server.will(httpx.Response(200, json=OK), httpx.Response(200, json=OK))
    at = datetime(2026, 1, 1, tzinfo=UTC)
    client.request("GET", "/v1/x", params={"from": at, "none": None, "flag": True})
    client.request("POST", "/v1/x", json={"at": at})
    assert server.addresses[0] == "GET /v1/x?from=2026-01-01T00%3A00%3A00Z&flag=true"
    assert json.loads(server.requests[1].content) == {"at": "2026-01-01T00:00:00Z"}


def test_what_can_not_be_sent_is_not_sent(server: Any, client: Client) -> None:
    for path in ("v1/x", "http://elsewhere.test/v1/x"):
        with pytest.raises(ValueError, match="a path begins with /"):
            client.request("GET", path)
    with pytest.raises(ValueError, match="no time zone"):
        client.request("POST", "/v1/x", json={"at": datetime(2026, 1, 1)})
    with pytest.raises(TypeError, match="integers"):
        client.request("POST", "/v1/x", json={"amount": 1.5})
    assert server.requests == []


def test_a_path_that_looks_like_a_host_stays_with_the_server(server: Any, client: Client) -> None:
    server.will(httpx.Response(200, json=OK))
    client.request("GET", "//elsewhere.test/v1/x")
    assert server.requests[0].url.host == "quantong.test"


def test_other_exceptions_pass(server: Any, client: Client) -> None:
    server.will(KeyError("of the caller's transport"))
    with pytest.raises(KeyError):
        client.request("GET", "/v1/x")
    assert len(server.requests) == 1


def test_threads_share_a_client() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        body = json.loads(request.content)
        return httpx.Response(200, json={**body, "key": request.headers["Idempotency-Key"]})

    with (
        Client("k", "http://quantong.test", transport=httpx.MockTransport(answer)) as client,
        ThreadPoolExecutor(16) as pool,
    ):
        answers = list(pool.map(lambda n: client.request("POST", "/v1/x", json={"n": n}), range(400)))
    assert [answer["n"] for answer in answers] == list(range(400))
    assert len({answer["key"] for answer in answers}) == 400


def fetched(client: Client, language: str | None = None) -> bytes:
    return client.once().fetch("/v1/x", "image/png", params={"format": "png"}, language=language)


def test_what_is_no_json_is_fetched(server: Any, client: Client) -> None:
    server.will(*[httpx.Response(200, content=b"\x89PNG", headers={"Content-Type": "image/png; q=1"})] * 2)
    assert fetched(client) == fetched(client, "zh") == b"\x89PNG"
    assert server.addresses == ["GET /v1/x?format=png"] * 2
    assert [one.headers["Accept"] for one in server.requests] == ["image/png"] * 2
    assert [one.headers.get("Accept-Language") for one in server.requests] == [None, "zh"]


def test_what_is_fetched_is_tried_again_and_refused_alike(server: Any, problem: Problem) -> None:
    transport = httpx.MockTransport(server.handle)
    client = httpx.Client(base_url="http://quantong.test", transport=transport)
    sender = Sender(client, retries=1, sleep=server.pauses.append)
    server.will(httpx.Response(503), httpx.Response(200, content=b"x", headers={"Content-Type": "image/png"}))
    assert sender.fetch("/v1/x", "image/png") == b"x"
    server.will(problem(404, "not-found"))
    with pytest.raises(NotFound):
        sender.fetch("/v1/x", "image/png")
    assert len(server.pauses) == 1


@pytest.mark.parametrize("headers", [{"Content-Type": "text/html"}, {}])
def test_a_portal_s_page_is_no_picture(server: Any, client: Client, headers: dict[str, str]) -> None:
    server.will(httpx.Response(200, content=b"Sign in to the Wi-Fi", headers=headers))
    with pytest.raises(UnexpectedAnswer, match="no image/png"):
        fetched(client)
