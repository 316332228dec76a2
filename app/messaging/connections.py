"""Connections to receivers, kept open for a while. Each request has one to itself, and there is no limit: a pool with
one would let a receiver wait for another's, and httpcore's own looks at every connection for every request."""

from __future__ import annotations

import ssl
import time
from collections import defaultdict

import httpcore

KEEP_SECONDS = 30.0
MOST_KEPT = 200

Place = tuple[bytes, bytes, int]
Connection = httpcore.AsyncHTTPConnection


class Connections:
    """Whoever takes a connection gives it back, whatever has become of it."""

    def __init__(self, network: httpcore.AsyncNetworkBackend, tls: ssl.SSLContext) -> None:
        self._network, self._tls = network, tls
        self._kept: dict[Place, list[tuple[float, Connection]]] = defaultdict(list)
        self._count = 0
        self._swept_at = time.monotonic()

    def new(self, url: str) -> Connection:
        """A connection to be opened by its first request."""
        return Connection(
            httpcore.URL(url).origin,
            ssl_context=self._tls,
            keepalive_expiry=KEEP_SECONDS,
            network_backend=self._network,
        )

    async def take_connection(self, url: str) -> Connection | None:
        """One that was kept, if there is one that still lives."""
        kept = self._kept.get(_place(url), [])
        while kept:
            _, connection = kept.pop()
            self._count -= 1
            if not connection.has_expired():
                return connection
            await connection.aclose()
        return None

    async def give_back(self, url: str, connection: Connection) -> None:
        """Keeps a connection that is ready for another request, and closes any other."""
        if connection.is_idle() and self._count < MOST_KEPT:
            self._kept[_place(url)].append((time.monotonic(), connection))
            self._count += 1
        else:
            await connection.aclose()
        if time.monotonic() - self._swept_at > KEEP_SECONDS:
            await self._close_kept(before=time.monotonic() - KEEP_SECONDS)

    async def close(self) -> None:
        """Closes those that are kept."""
        await self._close_kept(before=float("inf"))

    async def _close_kept(self, *, before: float) -> None:
        self._swept_at = time.monotonic()
        old = [one for kept in self._kept.values() for since, one in kept if since < before]
        self._kept = defaultdict(
            list,
            {place: left for place, kept in self._kept.items() if (left := [one for one in kept if one[0] >= before])},
        )
        self._count -= len(old)
        for connection in old:
            await connection.aclose()


def _place(url: str) -> Place:
    origin = httpcore.URL(url).origin
    return origin.scheme, origin.host, origin.port
