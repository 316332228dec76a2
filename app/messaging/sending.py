"""One webhook request: to an address that was looked up once and is allowed, no redirects, bounded in size and time."""

from __future__ import annotations

import asyncio
import ssl
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import httpcore

from app.messaging.connections import Connection, Connections
from app.messaging.network import AddressRefused, CheckedNetwork
from app.messaging.rules import shortened

MOST_READ = 64 << 10
CONNECT_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Sent:
    """What came of a request: a status, or an error in words. `answer` is shortened."""

    duration_ms: int
    status_code: int | None = None
    error: str | None = None
    answer: dict[str, Any] | None = None

    @property
    def is_success(self) -> bool:
        """Whether the endpoint has accepted the message: any 2xx (Standard Webhooks)."""
        return self.status_code is not None and 200 <= self.status_code < 300


class Sender:
    """Sends webhooks. Belongs to one event loop; how many are under way is the couriers' to limit."""

    def __init__(self, *, timeout_seconds: float, allow_private: bool, tls: ssl.SSLContext | None = None) -> None:
        self.timeout_seconds = timeout_seconds
        self._network = CheckedNetwork(allow_private=allow_private)
        self._connections = Connections(self._network, tls or ssl.create_default_context())

    async def send(self, url: str, headers: Mapping[str, str], body: bytes) -> Sent:
        """Posts a body. Never raises, whatever the other side does."""
        started = time.monotonic()
        try:
            async with asyncio.timeout(self.timeout_seconds):
                status, answer = await self._post(url, headers, body)
        except AddressRefused:
            return Sent(_ms(started), error="the host leads to an address that is not allowed")
        except (TimeoutError, httpcore.TimeoutException):
            return Sent(_ms(started), error=f"no answer within {self.timeout_seconds:g} s")
        except Exception as error:  # networks, certificates, protocols, names: a line in the delivery log for each
            return Sent(_ms(started), error=shortened(f"{type(error).__name__}: {error}"))
        redirected = "redirects are not followed" if 300 <= status < 400 else None
        return Sent(_ms(started), status, redirected, answer)

    async def _post(self, url: str, headers: Mapping[str, str], body: bytes) -> tuple[int, dict[str, Any]]:
        kept = await self._connections.take_connection(url)
        if kept is not None:
            with suppress(httpcore.NetworkError, httpcore.RemoteProtocolError):  # it was closed at this very moment
                return await self._through(kept, url, headers, body)
        return await self._through(self._connections.new(url), url, headers, body)

    async def _through(
        self, connection: Connection, url: str, headers: Mapping[str, str], body: bytes
    ) -> tuple[int, dict[str, Any]]:
        timeouts = {"connect": CONNECT_SECONDS, "read": self.timeout_seconds, "write": self.timeout_seconds}
        try:
            async with connection.stream(
                "POST", url, headers=list(headers.items()), content=body, extensions={"timeout": timeouts}
            ) as response:
                read = bytearray()
                async for chunk in response.aiter_stream():
                    read += chunk
                    if len(read) > MOST_READ:
                        break
                return response.status, _answer(response, bytes(read[:MOST_READ]))
        finally:
            await self._connections.give_back(url, connection)

    async def close(self) -> None:
        """Closes the connections."""
        await self._connections.close()
        self._network.close()


def _answer(response: httpcore.Response, body: bytes) -> dict[str, Any]:
    """What the delivery log keeps of an answer."""
    kind = {name.lower(): value for name, value in response.headers}.get(b"content-type", b"")
    return {
        "content_type": shortened(kind.decode(errors="replace")),
        "body": shortened(body.decode(errors="replace")),
    }


def _ms(started: float) -> int:
    return round(1000 * (time.monotonic() - started))
