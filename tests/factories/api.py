"""Calls of the API, in this process or over HTTP, with the same few words. Every answer is held against the contract."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import httpx
import orjson
from flask import Flask

from tests.factories.contract import contract
from tests.factories.languages import check_language

Headers = Mapping[str, str]
Sent = tuple[int, bytes, Headers]
MOST_TRIES = 20
Sender = Callable[[str, str, bytes | None, dict[str, str]], Sent]


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer: status, parsed body, headers."""

    status: int
    body: Any
    headers: Headers

    @property
    def code(self) -> str | None:
        """The code of a problem."""
        return self.body.get("code") if isinstance(self.body, dict) else None

    @property
    def pointers(self) -> set[str]:
        """Where the input was refused."""
        return {flaw["pointer"] for flaw in self.body.get("errors", ())}

    def ok(self, *statuses: int) -> Any:
        """The body of a success (any 2xx, or one of these)."""
        assert self.status in (statuses or range(200, 300)), (self.status, self.body)
        return self.body


def when_free(ask: Callable[[], Reply]) -> Reply:
    """An answer, asked for again as the product says for as long as it has no time: what prepares a test isn't tested by it."""
    reply = ask()
    for _ in range(MOST_TRIES):
        if reply.status != 503:
            break
        time.sleep(int(reply.headers["Retry-After"]))
        reply = ask()
    return reply


class Api:
    """Safe to use from several threads."""

    def __init__(self, send: Sender, operator_key: str, app: Flask | None = None) -> None:
        self._send = send
        self.app = app
        self.operator_key = operator_key

    @classmethod
    def inside(cls, app: Flask, operator_key: str) -> Api:
        """Calls without a network."""

        def send(method: str, path: str, data: bytes | None, headers: dict[str, str]) -> tuple[int, bytes, Headers]:
            answer = app.test_client().open(path, method=method, data=data, headers=headers)
            return answer.status_code, answer.get_data(), answer.headers

        return cls(send, operator_key, app)

    @classmethod
    def over_http(cls, base_url: str, operator_key: str) -> Api:
        """Calls of a running product."""
        client = httpx.Client(base_url=base_url, timeout=30, limits=httpx.Limits(max_connections=100))

        def send(method: str, path: str, data: bytes | None, headers: dict[str, str]) -> tuple[int, bytes, Headers]:
            answer = client.request(method, path, content=data, headers=headers)
            return answer.status_code, answer.content, answer.headers

        return cls(send, operator_key)

    def call(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        key: str | None,
        idempotency_key: str | None = None,
        headers: Mapping[str, str] = {},
        data: bytes | None = None,
    ) -> Reply:
        """One call with a bearer key (or None); `data` are raw bytes instead of a JSON body. A body of bytes is a file."""
        if isinstance(body, bytes):
            data = body
        elif body is not None:
            data = orjson.dumps(body)
        sent = {"Content-Type": "text/csv" if isinstance(body, bytes) else "application/json", **headers}
        if key is not None:
            sent["Authorization"] = f"Bearer {key}"
        if idempotency_key is not None:
            sent["Idempotency-Key"] = idempotency_key
        status, content, answered = self._send(method, path, data, sent)
        is_json = "json" in answered.get("Content-Type", "json")
        text = None if not content else orjson.loads(content) if is_json else content.decode("latin-1")
        reply = Reply(status, text, answered)
        contract().check(method, path, reply.status, reply.headers, reply.body)
        check_language(sent.get("Accept-Language"), reply.body, reply.headers)
        return reply

    def get(self, path: str, key: str | None, **headers: str) -> Reply:
        """A GET."""
        return self.call("GET", path, key=key, headers=headers)

    def post(self, path: str, body: Any, key: str | None, idempotency_key: str | None = None) -> Reply:
        """A POST."""
        return self.call("POST", path, body, key=key, idempotency_key=idempotency_key)

    def delete(self, path: str, key: str | None) -> Reply:
        """A DELETE."""
        return self.call("DELETE", path, key=key)

    def patch(self, path: str, body: Any, key: str | None) -> Reply:
        """A PATCH."""
        return self.call("PATCH", path, body, key=key)
