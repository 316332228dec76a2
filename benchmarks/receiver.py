"""A receiver of webhooks that costs next to nothing: a process that counts, and says 200."""

from __future__ import annotations

import asyncio
import multiprocessing
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"


@dataclass(slots=True)
class Receiver:
    """Where it listens, and how many messages have come."""

    port: int
    _count: Any

    @property
    def url(self) -> str:
        """The address of an endpoint."""
        return f"http://127.0.0.1:{self.port}/"

    @property
    def count(self) -> int:
        """Messages so far."""
        return int(self._count.value)


class _Counting(asyncio.Protocol):
    def __init__(self, count: Any) -> None:
        self._count = count
        self._received = bytearray()

    def connection_made(self, transport: Any) -> None:
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._received += data
        while (end := self._received.find(b"\r\n\r\n")) >= 0:
            head = bytes(self._received[:end]).lower()
            start = head.index(b"content-length:") + 15
            size = end + 4 + int(head[start:].split(b"\r\n", 1)[0])
            if len(self._received) < size:
                return
            del self._received[:size]
            self._count.value += 1
            self._transport.write(ANSWER)


def _serve(port: Any, count: Any) -> None:
    async def run() -> None:
        server = await asyncio.get_running_loop().create_server(lambda: _Counting(count), "127.0.0.1", 0)
        port.value = server.sockets[0].getsockname()[1]
        await server.serve_forever()

    asyncio.run(run())


@contextmanager
def receiver() -> Iterator[Receiver]:
    """Runs one."""
    context = multiprocessing.get_context("spawn")
    port, count = context.Value("i", 0), context.Value("q", 0)
    process = context.Process(target=_serve, args=(port, count), daemon=True)
    process.start()
    while not port.value:
        process.join(0.05)
    try:
        yield Receiver(port.value, count)
    finally:
        process.terminate()
        process.join()
