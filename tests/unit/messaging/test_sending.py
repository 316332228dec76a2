"""One request: what counts as delivered, how certificates are checked, and that no answer hurts."""

from __future__ import annotations

import asyncio
import ssl
import time
from pathlib import Path

import pytest

from app.messaging import sending
from app.messaging.sending import MOST_READ, Sender, Sent
from tests.factories.certificates import self_signed
from tests.factories.processes import PATIENCE_SECONDS
from tests.factories.receivers import Answer, Receiver, after, endlessly, hang_up, raw, reset, status

TIMEOUT = 1.0
FOREVER_SECONDS = 60.0
"""How long an answer that hurts would take, if it came to an end at all."""
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n"
HEADERS = {"webhook-id": "evt_1", "content-type": "application/json"}


def sent_to(*urls: str, tls: ssl.SSLContext | None = None, body: bytes = b"{}") -> list[Sent]:
    """What comes of requests, one after another, by one sender."""

    async def run() -> list[Sent]:
        sender = Sender(timeout_seconds=TIMEOUT, allow_private=True, tls=tls)
        results = [await sender.send(url, HEADERS, body) for url in urls]
        await sender.close()
        return results

    return asyncio.run(run())


def sent(answer: Answer) -> Sent:
    """What comes of one request that is answered so; it never takes longer than it may."""
    with Receiver(answer) as receiver:
        started = time.monotonic()
        [result] = sent_to(receiver.url)
        assert time.monotonic() - started < FOREVER_SECONDS
        assert len(receiver.messages) == 1
    return result


def test_a_message_arrives_as_it_was_given() -> None:
    with Receiver() as receiver:
        [result] = sent_to(receiver.url + "?a=%20b", body='{"店": 1}'.encode())
        [message] = receiver.messages
    assert result.is_success
    assert message.path == "/hook?a=%20b"
    assert message.body == '{"店": 1}'.encode()
    assert HEADERS.items() <= message.headers.items()
    assert message.headers["host"] == f"127.0.0.1:{receiver.port}"


@pytest.mark.parametrize("code", [200, 201, 202, 204, 299])
def test_any_2xx_is_delivered(code: int) -> None:
    result = sent(status(code) if code != 204 else raw(b"HTTP/1.1 204 No Content\r\n\r\n"))
    assert (result.is_success, result.status_code, result.error) == (True, code, None)


@pytest.mark.parametrize("code", [400, 401, 404, 410, 429, 500, 503])
def test_other_statuses_are_not(code: int) -> None:
    result = sent(status(code, b"no", Content_Type="text/plain"))
    assert (result.is_success, result.status_code, result.error) == (False, code, None)
    assert result.answer == {"content_type": "text/plain", "body": "no"}


@pytest.mark.parametrize("code", [301, 302, 303, 307, 308])
def test_redirects_are_failures_and_lead_nowhere(code: int) -> None:
    with Receiver() as elsewhere:
        result = sent(status(code, Location=elsewhere.url))
        assert elsewhere.connections == 0
    assert (result.is_success, result.status_code, result.error) == (False, code, "redirects are not followed")


def test_a_connection_is_kept_for_the_next_message() -> None:
    with Receiver() as receiver:
        assert [one.is_success for one in sent_to(*[receiver.url] * 3)] == [True] * 3
        assert (receiver.connections, len(receiver.messages)) == (1, 3)


def test_a_connection_that_was_closed_meanwhile_is_made_anew() -> None:
    with Receiver(status(200, Connection="close")) as receiver:
        assert [one.is_success for one in sent_to(*[receiver.url] * 2)] == [True] * 2
        assert receiver.connections == 2


# Certificates


def test_a_certificate_that_nobody_vouches_for_is_refused(tmp_path: Path) -> None:
    server, _ = self_signed(tmp_path, "localhost")
    with Receiver(tls=server) as receiver:
        [result] = sent_to(receiver.url)
        assert receiver.messages == []
    assert not result.is_success
    assert "certificate" in (result.error or "").lower()


def test_a_certificate_of_another_name_is_refused(tmp_path: Path) -> None:
    server, trusting = self_signed(tmp_path, "hooks.example.com")
    with Receiver(tls=server) as receiver:
        [result] = sent_to(receiver.url, tls=trusting)
        assert receiver.messages == []
    assert "certificate" in (result.error or "").lower()


def test_a_certificate_that_is_vouched_for_is_accepted(tmp_path: Path) -> None:
    server, trusting = self_signed(tmp_path, "localhost")
    with Receiver(tls=server) as receiver:
        [result] = sent_to(f"https://localhost:{receiver.port}/", tls=trusting)
    assert result.is_success


def test_plain_http_where_tls_is_spoken_is_a_failure(tmp_path: Path) -> None:
    server, _ = self_signed(tmp_path, "localhost")
    with Receiver(tls=server) as receiver:
        [result] = sent_to(f"http://localhost:{receiver.port}/")
    assert not result.is_success


# Answers that hurt


@pytest.mark.parametrize(
    "answer",
    [
        status(200, b"x" * 10_000_000),
        endlessly(HEAD + b"\r\n", b"x" * 65536),
        endlessly(HEAD + b"Transfer-Encoding: chunked\r\n\r\n", b"10000\r\n" + b"x" * 65536 + b"\r\n"),
    ],
    ids=["huge", "endless", "endless chunks"],
)
def test_no_more_than_a_little_of_an_answer_is_read(answer: Answer) -> None:
    result = sent(answer)
    assert result.is_success
    assert result.answer is not None
    assert result.answer["body"] == "x" * 1024 + "…"
    assert MOST_READ == 64 << 10


@pytest.mark.parametrize(
    "answer",
    [
        after(FOREVER_SECONDS, status(200)),
        endlessly(b"HTTP/1.1 200 ", b"O", 0.05),
        endlessly(HEAD, b"A: b\r\n", 0.05),
        endlessly(HEAD + b"\r\n", b"x", 0.05),
        endlessly(b"", b"HTTP/1.1 100 Continue\r\n\r\n", 0.01),
    ],
    ids=["silent", "slow first line", "slow headers", "slow body", "never done with 100"],
)
def test_who_takes_too_long_has_failed(answer: Answer) -> None:
    result = sent(answer)
    assert not result.is_success
    assert result.error == "no answer within 1 s"


@pytest.mark.parametrize(
    "answer",
    [
        hang_up,
        reset,
        raw(b"garbage\r\n\r\n"),
        raw(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\nContent-Length: 20\r\n\r\n"),
        raw(b"HTTP/1.1 99999 No\r\n\r\n"),
        raw(b"HTTP/1.1 101 Switching Protocols\r\n\r\n"),
        raw(b"HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\n"),
        raw(HEAD + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n"),
        raw(HEAD + b"A: " + b"x" * 300_000),
        raw(b"\0\xff\xfe" * 50 + b"\r\n\r\n"),
    ],
    ids=[
        "empty",
        "reset",
        "garbage",
        "two lengths",
        "no status",
        "another protocol",
        "no length",
        "no chunk",
        "huge headers",
        "bytes",
    ],
)
def test_an_answer_that_is_none_is_a_failure_in_words(answer: Answer) -> None:
    result = sent(answer)
    assert not result.is_success
    assert result.error or result.status_code == 101
    assert "\0" not in (result.error or "")
    assert len(result.error or "") < 1100


def test_a_body_cut_short_is_a_failure() -> None:
    async def half(writer: asyncio.StreamWriter, message: object) -> None:
        writer.write(HEAD + b"Content-Length: 100\r\n\r\nabc")
        await writer.drain()
        writer.close()

    assert not sent(half).is_success


def test_an_answer_s_text_is_kept_in_a_form_that_the_database_takes() -> None:
    result = sent(status(500, b"\0\xff" * 10_000, CONTENT_TYPE="text/x\xff"))
    assert result.answer is not None
    assert "\0" not in result.answer["body"]
    assert len(result.answer["body"]) == 1025
    assert result.answer["content_type"].startswith("text/x")


@pytest.mark.parametrize(
    "url",
    [
        "http://no-such-host.invalid/",
        "https://" + "a" * 64 + ".com/",
        "http://a..b/",
        "http://[::1]:1/",
        "http://127.0.0.1:1/",
        "http://127.0.0.1:0/",
        "http://%31%32%37.0.0.1/",
        "http://[v1.x]/",
        "http://a_b\\c/",
        "http://-/",
        "https://xn--a/",
    ],
)
def test_an_address_that_leads_nowhere_is_a_failure_in_words(url: str) -> None:
    [result] = sent_to(url)
    assert (result.is_success, result.status_code, result.answer) == (False, None, None)
    assert result.error


def test_who_fails_leaves_no_connection_that_others_would_wait_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """Many requests to a receiver that never answers, and one to another, which is served at once."""
    monkeypatch.setattr(sending, "CONNECT_SECONDS", PATIENCE_SECONDS)  # four hundred at once, whatever the machine does

    async def run(silent: Receiver, quick: Receiver) -> tuple[bool, Sent]:
        sender = Sender(timeout_seconds=PATIENCE_SECONDS, allow_private=True)
        waiting = [asyncio.create_task(sender.send(silent.url, HEADERS, b"{}")) for _ in range(400)]
        while len(silent.messages) < len(waiting) and not any(task.done() for task in waiting):
            await asyncio.sleep(0.05)
        result = await sender.send(quick.url, HEADERS, b"{}")
        all_wait = not any(task.done() for task in waiting)
        for task in waiting:
            task.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)
        await sender.close()
        return all_wait, result

    with Receiver(after(2 * PATIENCE_SECONDS, status(200))) as silent, Receiver() as quick:
        all_wait, result = asyncio.run(run(silent, quick))
    assert result.is_success
    assert all_wait
