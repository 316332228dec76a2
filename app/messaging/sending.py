"""One webhook request: to an address that was looked up once and is allowed, no redirects, bounded in size and time."""

from __future__ import annotations

import asyncio
import socket
import ssl
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import httpcore

from app.messaging.rules import is_public, shortened

MOST_READ = 64 << 10
CONNECT_SECONDS = 5.0
KEEP_SECONDS = 30.0


class AddressRefused(Exception):
    """A host name leads to an address that webhooks may not reach."""


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


class _CheckedNetwork(httpcore.AsyncNetworkBackend):
    """Looks a host up once, checks every address found, and connects to what was checked."""

    def __init__(self, *, allow_private: bool) -> None:
        self._inner = httpcore.AnyIOBackend()
        self._allow_private = allow_private

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        loop = asyncio.get_running_loop()
        found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        addresses = [str(address[0]) for *_, address in found]
        if not self._allow_private and not all(map(is_public, addresses)):
            raise AddressRefused
        for address in addresses[:-1]:
            try:
                return await self._inner.connect_tcp(address, port, timeout, local_address, socket_options)
            except httpcore.ConnectError:
                continue
        return await self._inner.connect_tcp(addresses[-1], port, timeout, local_address, socket_options)

    async def sleep(self, seconds: float) -> None:
        await self._inner.sleep(seconds)


class Sender:
    """Sends webhooks over connections that are kept for a while. Belongs to one event loop."""

    def __init__(self, *, timeout_seconds: float, allow_private: bool, most_connections: int = 200) -> None:
        self._timeout_seconds = timeout_seconds
        self._pool = httpcore.AsyncConnectionPool(
            ssl_context=ssl.create_default_context(),
            max_connections=most_connections,
            keepalive_expiry=KEEP_SECONDS,
            network_backend=_CheckedNetwork(allow_private=allow_private),
        )

    async def send(self, url: str, headers: Mapping[str, str], body: bytes) -> Sent:
        """Posts a body. Never raises for what the other side does."""
        started = time.monotonic()
        try:
            async with asyncio.timeout(self._timeout_seconds):
                status, answer = await self._post(url, headers, body)
        except AddressRefused:
            return Sent(_ms(started), error="the host leads to an address that is not allowed")
        except TimeoutError:
            return Sent(_ms(started), error=f"no answer within {self._timeout_seconds:g} s")
        except (
            httpcore.NetworkError,
            httpcore.ProtocolError,
            httpcore.TimeoutException,
            ssl.SSLError,
            OSError,
        ) as error:
            return Sent(_ms(started), error=shortened(f"{type(error).__name__}: {error}"))
        redirected = "redirects are not followed" if 300 <= status < 400 else None
        return Sent(_ms(started), status, redirected, answer)

    async def _post(self, url: str, headers: Mapping[str, str], body: bytes) -> tuple[int, dict[str, Any]]:
        timeouts = {"connect": CONNECT_SECONDS, "read": self._timeout_seconds, "write": self._timeout_seconds}
        extensions = {"timeout": {**timeouts, "pool": self._timeout_seconds}}
        async with self._pool.stream(
            "POST", url, headers=list(headers.items()), content=body, extensions=extensions
        ) as response:
            read = bytearray()
            async for chunk in response.aiter_stream():
                read += chunk
                if len(read) > MOST_READ:
                    break
            kind = dict(response.headers).get(b"content-type", b"").decode(errors="replace")
            return response.status, {"content_type": shortened(kind), "body": shortened(read.decode(errors="replace"))}

    async def close(self) -> None:
        """Closes the connections."""
        await self._pool.aclose()


def _ms(started: float) -> int:
    return round(1000 * (time.monotonic() - started))
