"""Receivers of webhooks on this machine: each remembers what came, and answers as a test tells it to."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl
import struct
import threading
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any

import orjson
from standardwebhooks import Webhook

Writer = asyncio.StreamWriter


@dataclass(frozen=True, slots=True)
class Message:
    """A request as it came in."""

    path: str
    headers: dict[str, str]
    body: bytes
    at: float = field(default_factory=time.monotonic)

    @property
    def id(self) -> str:
        """The event's id."""
        return self.headers["webhook-id"]

    @property
    def event(self) -> Any:
        """The event."""
        return orjson.loads(self.body)

    def verified(self, secret: str) -> Any:
        """The event, if it was signed with a secret. Raises WebhookVerificationError."""
        return Webhook(secret).verify(self.body, self.headers)


Answer = Callable[[Writer, Message], Awaitable[None]]


def status(code: int, body: bytes = b"", **headers: str) -> Answer:
    """Answers with a status; `_` in names of headers is `-`."""
    lines = [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    head = "\r\n".join([f"HTTP/1.1 {code} X", f"Content-Length: {len(body)}", *lines])
    return raw(head.encode() + b"\r\n\r\n" + body)


def raw(data: bytes) -> Answer:
    """Answers with these bytes."""

    async def answer(writer: Writer, _message: Message) -> None:
        writer.write(data)
        await writer.drain()

    return answer


def after(seconds: float, then: Answer) -> Answer:
    """Answers later."""

    async def answer(writer: Writer, message: Message) -> None:
        await asyncio.sleep(seconds)
        await then(writer, message)

    return answer


def endlessly(head: bytes, chunk: bytes, pause: float = 0.0) -> Answer:
    """Answers without end."""

    async def answer(writer: Writer, _message: Message) -> None:
        writer.write(head)
        while True:
            writer.write(chunk)
            await writer.drain()
            await asyncio.sleep(pause)

    return answer


async def hang_up(writer: Writer, _message: Message) -> None:
    """Closes the connection without a word."""
    writer.close()


async def reset(writer: Writer, _message: Message) -> None:
    """Resets the connection."""
    connection = writer.get_extra_info("socket")
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


class Receiver:
    """Listens on a port of its own, in a thread of its own. Context manager."""

    def __init__(self, answer: Answer | None = None, *, tls: ssl.SSLContext | None = None) -> None:
        self.answer = answer or status(200)
        self.messages: list[Message] = []
        self.connections = 0
        self.port = 0
        self._tls = tls
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)

    def __enter__(self) -> Receiver:
        self._thread.start()
        self._server = self._inside(asyncio.start_server(self._serve, "127.0.0.1", 0, ssl=self._tls))
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._inside(self._close())
        self.cut()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    async def _close(self) -> None:
        """In the loop's own thread: a connection that ends meanwhile wakes the server up, too."""
        self._server.close()

    def _inside(self, work: Any) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(10)

    def cut(self) -> None:
        """Ends every connection."""
        self._inside(self._cut())

    async def _cut(self) -> None:
        tasks = asyncio.all_tasks() - {asyncio.current_task()}
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: Writer) -> None:
        self.connections += 1
        with contextlib.suppress(OSError, asyncio.IncompleteReadError, asyncio.CancelledError, ssl.SSLError):
            while not writer.is_closing():
                message = await _read(reader)
                self.messages.append(message)
                await self.answer(writer, message)
        writer.close()

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"{'https' if self._tls else 'http'}://127.0.0.1:{self.port}/hook"

    @property
    def ids(self) -> list[str]:
        """Ids of the events that came, in their order."""
        return [message.id for message in list(self.messages)]

    def types(self) -> list[str]:
        """Kinds of the events that came, in order of their ids; each once."""
        found = {message.id: message.event["type"] for message in list(self.messages)}
        return [found[one] for one in sorted(found)]


async def _read(reader: asyncio.StreamReader) -> Message:
    first, *lines = (await reader.readuntil(b"\r\n\r\n")).decode().strip().split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    body = await reader.readexactly(int(headers.get("content-length", "0")))
    return Message(first.split(" ")[1], headers, body)
