"""Connections are kept for a while, given to one request at a time, and never waited for."""

from __future__ import annotations

import asyncio
import ssl
import time
from collections.abc import Awaitable, Callable

import pytest

from app.messaging import connections
from app.messaging.connections import Connection, Connections
from app.messaging.network import CheckedNetwork
from app.messaging.sending import Sender, Sent
from tests.factories.receivers import Message, Receiver, Writer, after, reset, status


def with_connections(work: Callable[[Connections], Awaitable[None]]) -> None:
    """Runs something on a set of connections, and closes them."""

    async def run() -> None:
        found = Connections(CheckedNetwork(allow_private=True), ssl.create_default_context())
        await work(found)
        await found.close()
        assert found._count == 0

    asyncio.run(run())


async def used(found: Connections, url: str) -> Connection:
    """A connection after one request."""
    connection = await found.take_connection(url) or found.new(url)
    assert (await connection.request("POST", url)).status == 200
    return connection


def test_a_connection_is_kept_for_its_place_and_taken_once() -> None:
    async def work(found: Connections) -> None:
        connection = await used(found, one.url)
        await found.give_back(one.url, connection)
        assert await found.take_connection(other.url) is None
        assert await found.take_connection(one.url + "/elsewhere?a=b") is connection
        assert await found.take_connection(one.url) is None
        await found.give_back(one.url, connection)

    with Receiver() as one, Receiver() as other:
        with_connections(work)


def test_one_that_the_receiver_has_closed_is_not_given_out() -> None:
    async def work(found: Connections) -> None:
        await found.give_back(receiver.url, await used(found, receiver.url))
        receiver.cut()
        await asyncio.sleep(0.1)
        assert await found.take_connection(receiver.url) is None
        assert found._count == 0

    with Receiver() as receiver:
        with_connections(work)


def test_one_that_was_never_used_or_is_of_no_more_use_is_closed() -> None:
    async def work(found: Connections) -> None:
        await found.give_back(receiver.url, found.new(receiver.url))
        broken = await used(found, receiver.url)
        await broken.aclose()
        await found.give_back(receiver.url, broken)
        assert (found._count, await found.take_connection(receiver.url)) == (0, None)

    with Receiver() as receiver:
        with_connections(work)


def test_no_more_than_some_are_kept_and_none_for_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "MOST_KEPT", 3)

    async def work(found: Connections) -> None:
        opened = [await used(found, receiver.url) for _ in range(5)]
        for connection in opened:
            await found.give_back(receiver.url, connection)
        assert [connection.is_closed() for connection in opened] == [False] * 3 + [True] * 2
        now = time.monotonic()
        monkeypatch.setattr(time, "monotonic", lambda: now + connections.KEEP_SECONDS + 1)
        last = found.new(receiver.url)
        await found.give_back(receiver.url, last)
        assert all(connection.is_closed() for connection in opened)
        assert found._kept == {}

    with Receiver() as receiver:
        with_connections(work)


def test_a_message_is_sent_again_at_once_when_its_kept_connection_was_closed_at_that_moment() -> None:
    """The receiver's patience ended as the message was on its way: that isn't a failure of the receiver."""

    async def once(writer: Writer, message: Message) -> None:
        await (status(200) if len(receiver.messages) != 2 else reset)(writer, message)

    async def run() -> list[Sent]:
        sender = Sender(timeout_seconds=2.0, allow_private=True)
        results = [await sender.send(receiver.url, {}, b"{}") for _ in range(3)]
        await sender.close()
        return results

    with Receiver(once) as receiver:
        assert [one.is_success for one in asyncio.run(run())] == [True] * 3
        assert (receiver.connections, len(receiver.messages)) == (2, 4)


def test_a_request_given_up_leaves_no_connection_behind() -> None:
    async def run() -> Sent:
        sender = Sender(timeout_seconds=0.2, allow_private=True)
        result = await sender.send(receiver.url, {}, b"{}")
        assert sender._connections._count == 0
        await sender.close()
        return result

    with Receiver(after(60, status(200))) as receiver:
        assert asyncio.run(run()).error == "no answer within 0.2 s"
