"""The way out: a host is looked up once, every address found is checked, the connection goes to what was checked."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterable
from contextlib import suppress
from threading import Thread
from typing import Any

import httpcore

from app.messaging.rules import is_public

MOST_LOOKUPS = 64

Addresses = list[str]


class AddressRefused(Exception):
    """A host name leads to an address that webhooks may not reach."""


class CheckedNetwork(httpcore.AsyncNetworkBackend):
    """Connects to nothing but addresses of the open internet, unless private ones are allowed.

    A host is looked up once at a time, in a thread of its own: a name server that doesn't answer keeps nobody else
    waiting, and the process doesn't wait for it when it ends.
    """

    def __init__(self, *, allow_private: bool) -> None:
        self._inner = httpcore.AnyIOBackend()
        self._allow_private = allow_private
        self._places = asyncio.Semaphore(MOST_LOOKUPS)
        self._under_way: dict[str, asyncio.Task[Addresses]] = {}

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
            found = asyncio.create_task(self._look_up(host))
            self._under_way[host] = found
            found.add_done_callback(lambda done: self._forget(host, done))
        return await asyncio.shield(found)

    async def _look_up(self, host: str) -> Addresses:
        async with self._places:
            return await _addresses_of(host)

    def _forget(self, host: str, done: asyncio.Task[Addresses]) -> None:
        del self._under_way[host]
        if not done.cancelled():
            done.exception()  # those who asked have seen it, or have stopped waiting

    async def sleep(self, seconds: float) -> None:
        """What the pool calls between its own retries, of which there are none."""
        await self._inner.sleep(seconds)

    def close(self) -> None:
        """Waits for no look-up that is under way."""
        for task in self._under_way.values():
            task.cancel()


async def _addresses_of(host: str) -> Addresses:
    """Looks a host up in a daemon thread. (Python waits for an executor's threads when it ends, however long.)"""
    loop = asyncio.get_running_loop()
    found: asyncio.Future[Addresses] = loop.create_future()

    def tell(result: Addresses | Exception) -> None:
        if found.done():
            return
        if isinstance(result, Exception):
            found.set_exception(result)
        else:
            found.set_result(result)

    def look_up() -> None:
        result: Addresses | Exception
        try:
            answers = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
            result = list(dict.fromkeys(str(address[0]) for *_, address in answers))
        except Exception as error:  # whoever asked is to see it
            result = error
        with suppress(RuntimeError):  # the loop has ended meanwhile
            loop.call_soon_threadsafe(tell, result)

    Thread(target=look_up, name="lookup", daemon=True).start()
    return await found
