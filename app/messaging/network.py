"""The way out: a host is looked up once, every address found is checked, the connection goes to what was checked."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpcore

from app.messaging.rules import is_public

MOST_LOOKUPS = 64

Addresses = list[str]


class AddressRefused(Exception):
    """A host name leads to an address that webhooks may not reach."""


class CheckedNetwork(httpcore.AsyncNetworkBackend):
    """Connects to nothing but addresses of the open internet, unless private ones are allowed.

    Look-ups have threads of their own, and a host is looked up once at a time: a name server that doesn't answer keeps
    one thread busy, and nobody else waiting.
    """

    def __init__(self, *, allow_private: bool) -> None:
        self._inner = httpcore.AnyIOBackend()
        self._allow_private = allow_private
        self._threads = ThreadPoolExecutor(MOST_LOOKUPS, thread_name_prefix="lookup")
        self._under_way: dict[str, asyncio.Future[Addresses]] = {}

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """Tries the addresses of a host in turn. Raises AddressRefused, OSError, UnicodeError, httpcore's errors."""
        addresses = await self._looked_up(host)
        if not self._allow_private and not all(map(is_public, addresses)):
            raise AddressRefused
        for address in addresses[:-1]:
            try:
                return await self._inner.connect_tcp(address, port, timeout, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout):
                continue
        return await self._inner.connect_tcp(addresses[-1], port, timeout, local_address, socket_options)

    async def _looked_up(self, host: str) -> Addresses:
        found = self._under_way.get(host)
        if found is None:
            found = asyncio.get_running_loop().run_in_executor(self._threads, _addresses_of, host)
            self._under_way[host] = found
            found.add_done_callback(lambda done: self._forget(host, done))
        return await asyncio.shield(found)

    def _forget(self, host: str, done: asyncio.Future[Addresses]) -> None:
        del self._under_way[host]
        if not done.cancelled():
            done.exception()  # those who asked have seen it, or have stopped waiting

    async def sleep(self, seconds: float) -> None:
        """What the pool calls between its own retries, of which there are none."""
        await self._inner.sleep(seconds)

    def close(self) -> None:
        """Lets the threads go; a look-up under way isn't waited for."""
        self._threads.shutdown(wait=False, cancel_futures=True)


def _addresses_of(host: str) -> Addresses:
    found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(address[0]) for *_, address in found))
