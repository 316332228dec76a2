"""One call: its idempotency key, its attempts, and its answer or error."""

from __future__ import annotations

import json as jsonlib
import logging
import random
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import partial
from itertools import count
from typing import Any, TypeVar
from uuid import uuid4

import httpx

from merchant_sdk._http import retries, wire
from merchant_sdk._http.errors import (
    ApiError,
    ConnectionFailed,
    QuantongError,
    UnexpectedAnswer,
    error_of,
    problem_of,
)

log = logging.getLogger("merchant_sdk")
MOST_KEY_LENGTH = 255
A = TypeVar("A")


def utc_now() -> datetime:
    """The present instant in UTC."""
    return datetime.now(UTC)


class Sender:
    """Sends calls through an httpx client. Holds nothing of a call, so that threads may share it."""

    def __init__(
        self,
        http: httpx.Client,
        *,
        retries: int,
        sleep: Callable[[float], None],
        draw: Callable[[], float] = random.random,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        self._http = http
        self._retries = retries
        self._sleep = sleep
        self._draw = draw
        self._now = now

    def request(
        self,
        method: str,
        path: str,
        *,
        json: Mapping[str, object] | None = None,
        params: Mapping[str, object] | None = None,
        idempotency_key: str | None = None,
    ) -> dict[str, Any]:
        """Sends a call until it is answered or it is no use; gives the JSON object of the answer.

        A POST bears an idempotency key, every attempt the same, so that it acts once. Raises QuantongError;
        ValueError and TypeError for what can't be sent.
        """
        method = method.upper()
        key = _key_of(method, idempotency_key)
        headers = {"Idempotency-Key": key} if key else {}
        return self._send(self._build(method, path, json, params, headers), _object_of, key)

    def upload(
        self,
        path: str,
        content: bytes,
        *,
        params: Mapping[str, object] | None = None,
        idempotency_key: str | None = None,
    ) -> dict[str, Any]:
        """POSTs a file; raises and is done once as `request`."""
        key = _key_of("POST", idempotency_key)
        headers = {"Idempotency-Key": key or "", "Content-Type": "application/octet-stream"}
        query = wire.encode_query(params) or None
        request = self._http.build_request("POST", path, params=query, content=content, headers=headers)
        return self._send(request, _object_of, key)

    def fetch(
        self, path: str, media: str, *, params: Mapping[str, object] | None = None, language: str | None = None
    ) -> bytes:
        """What is no JSON: the content of a GET, of this media type, where there is a choice in this language.

        Raises as `request`, and UnexpectedAnswer for content of another type.
        """
        headers = {"Accept": media, **({"Accept-Language": language} if language else {})}
        return self._send(self._build("GET", path, None, params, headers), partial(_content_of, media))

    def _build(
        self,
        method: str,
        path: str,
        json: Mapping[str, object] | None,
        params: Mapping[str, object] | None,
        headers: dict[str, str],
    ) -> httpx.Request:
        if not path.startswith("/"):
            raise ValueError(f"{path!r}: a path begins with /")
        content = None
        if json is not None:
            headers["Content-Type"] = "application/json"
            content = jsonlib.dumps(wire.encode(json), ensure_ascii=False, separators=(",", ":")).encode()
        query = wire.encode_query(params) or None
        return self._http.build_request(method, path, params=query, content=content, headers=headers)

    def _send(self, request: httpx.Request, read: Callable[[httpx.Response], A], key: str | None = None) -> A:
        for attempt in count():
            try:
                return read(self._attempt(request))
            except QuantongError as error:
                error.idempotency_key = key
                if attempt >= self._retries or not retries.is_worth_retrying(error):
                    raise
                asked = error.retry_after_seconds if isinstance(error, ApiError) else None
                pause = retries.delay_seconds(attempt, asked, self._draw())
                log.info("%s %s failed (%s); again in %.1f s", request.method, request.url.path, _brief(error), pause)
            self._sleep(pause)
        raise AssertionError("the last attempt returns or raises")

    def _attempt(self, request: httpx.Request) -> httpx.Response:
        try:
            response = self._http.send(request)
        except httpx.RequestError as error:
            raise ConnectionFailed(f"{type(error).__name__}: {error}") from error
        if response.is_success:
            return response
        asked = retries.parse_retry_after(response.headers.get("Retry-After"), self._now())
        problem = problem_of(response.content)
        raise error_of(response.status_code, problem, response.headers.get("Request-Id"), asked)


def _key_of(method: str, given: str | None) -> str | None:
    if method != "POST":
        if given is not None:
            raise ValueError("only a POST takes an idempotency key")
        return None
    if given is None:
        return str(uuid4())
    if not 1 <= len(given) <= MOST_KEY_LENGTH or not given.isascii() or not given.isprintable():
        raise ValueError(f"an idempotency key has 1 to {MOST_KEY_LENGTH} visible ASCII characters")
    return given


def _object_of(response: httpx.Response) -> dict[str, Any]:
    if not response.content:
        return {}
    try:
        answer = jsonlib.loads(response.content)
    except (ValueError, RecursionError):
        answer = None
    if not isinstance(answer, dict):
        kind = response.headers.get("Content-Type", "of no type")
        raise UnexpectedAnswer(f"{response.status_code} with a body that is no JSON object ({kind})")
    return answer


def _content_of(media: str, response: httpx.Response) -> bytes:
    kind = response.headers.get("Content-Type", "of no type")
    if kind.partition(";")[0].strip().lower() != media:
        raise UnexpectedAnswer(f"{response.status_code} with a body that is no {media} ({kind})")
    return response.content


def _brief(error: QuantongError) -> str:
    return f"{error.status} {error.code}" if isinstance(error, ApiError) else str(error)
