"""The way out: private addresses are refused, and a connection goes to what was checked."""

from __future__ import annotations

import asyncio
import socket
import ssl
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpcore
import pytest

from app.messaging.network import CheckedNetwork
from app.messaging.sending import Sender, Sent
from tests.factories.certificates import self_signed
from tests.factories.processes import PATIENCE_SECONDS
from tests.factories.receivers import Receiver

PUBLIC, PUBLIC_6 = "93.184.216.34", "2606:4700:4700::1111"
REFUSED = "the host leads to an address that is not allowed"


class Names:
    """A name server: by host, what it answers each time it is asked; the last answer stays."""

    def __init__(self, **answers: list[list[str]]) -> None:
        self.answers = {name.replace("_", "."): rest for name, rest in answers.items()}
        self.asked: list[str] = []

    def __call__(self, host: str, port: Any, *_: Any, **__: Any) -> list[Any]:
        self.asked.append(host)
        answers = self.answers.get(host, [[host]])
        found = answers.pop(0) if len(answers) > 1 else answers[0]
        return [
            (socket.AF_INET6 if ":" in one else socket.AF_INET, socket.SOCK_STREAM, 6, "", (one, port or 0))
            for one in found
        ]


class Wires(httpcore.AnyIOBackend):
    """Every address leads to one local port."""

    def __init__(self, port: int) -> None:
        super().__init__()
        self.port = port
        self.connected: list[tuple[str, int]] = []

    async def connect_tcp(self, host: str, port: int, *args: Any, **options: Any) -> httpcore.AsyncNetworkStream:
        self.connected.append((host, port))
        return await super().connect_tcp("127.0.0.1", self.port, *args, **options)


@pytest.fixture
def named(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Names]:
    """Answers look-ups as told."""

    def answer(**answers: list[list[str]]) -> Names:
        names = Names(**answers)
        monkeypatch.setattr(socket, "getaddrinfo", names)
        return names

    return answer


def sent(
    *urls: str, wires: Wires | None = None, allow_private: bool = False, tls: ssl.SSLContext | None = None
) -> list[Sent]:
    """What comes of requests, one after another."""

    async def run() -> list[Sent]:
        sender = Sender(timeout_seconds=2.0, allow_private=allow_private, tls=tls)
        if wires is not None:
            sender._network._inner = wires
        results = [await sender.send(url, {}, b"{}") for url in urls]
        await sender.close()
        return results

    return asyncio.run(run())


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "localhost", "2130706433", "0x7f.1", "127.1", "0.0.0.0", "0", "[::1]", "[::ffff:127.0.0.1]"]
)
def test_nothing_reaches_this_machine(host: str) -> None:
    with Receiver() as receiver:
        [result] = sent(f"http://{host}:{receiver.port}/")
        assert receiver.connections == 0
    assert (result.error, result.status_code) == (REFUSED, None)


def test_a_setting_opens_the_way_to_this_machine() -> None:
    with Receiver() as receiver:
        [result] = sent(f"http://localhost:{receiver.port}/", allow_private=True)
    assert result.is_success


@pytest.mark.parametrize(
    "found",
    [["10.0.0.1"], ["169.254.169.254"], ["fe80::1%eth0"], [PUBLIC, "192.168.0.1"], ["::ffff:10.1.1.1", PUBLIC]],
)
def test_a_name_that_leads_to_one_private_address_is_refused(named: Callable[..., Names], found: list[str]) -> None:
    named(hooks_example_com=[found])
    with Receiver() as receiver:
        wires = Wires(receiver.port)
        [result] = sent("http://hooks.example.com/", wires=wires)
    assert (result.error, wires.connected) == (REFUSED, [])


def test_a_connection_goes_to_the_address_that_was_checked(named: Callable[..., Names]) -> None:
    """A name server that answers otherwise the second time changes nothing: it isn't asked a second time."""
    names = named(rebinding_example=[[PUBLIC], ["127.0.0.1"]])
    with Receiver() as receiver:
        wires = Wires(receiver.port)
        [first, second] = sent("http://rebinding.example:8080/", "http://rebinding.example:8081/", wires=wires)
    assert first.is_success
    assert wires.connected == [(PUBLIC, 8080)]
    assert second.error == REFUSED
    assert names.asked == ["rebinding.example"] * 2


def test_tls_is_about_the_name_though_the_connection_goes_to_an_address(
    named: Callable[..., Names], tmp_path: Path
) -> None:
    named(hooks_example_com=[[PUBLIC]], other_example_com=[[PUBLIC]])
    server, trusting = self_signed(tmp_path, "hooks.example.com")
    asked: list[str] = []
    server.sni_callback = lambda _socket, name, _context: asked.append(name)
    with Receiver(tls=server) as receiver:
        wires = Wires(receiver.port)
        [right, wrong] = sent("https://hooks.example.com/", "https://other.example.com/", wires=wires, tls=trusting)
        [message] = receiver.messages
    assert right.is_success
    assert asked == ["hooks.example.com", "other.example.com"]
    assert message.headers["host"] == "hooks.example.com"
    assert "certificate" in (wrong.error or "").lower()


def test_addresses_are_tried_in_turn(named: Callable[..., Names]) -> None:
    with Receiver() as receiver:
        names = named(two_example=[["127.0.0.9", "127.0.0.1"]], dead_example=[["127.0.0.9", "127.0.0.8"]])
        [first, second] = sent(
            *(f"http://{name}:{receiver.port}/" for name in ("two.example", "dead.example")), allow_private=True
        )
    assert first.is_success
    assert (second.error or "").startswith("ConnectError")
    assert len(names.asked) == 2


def test_a_name_server_that_does_not_answer_keeps_one_thread_and_nobody_waiting(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[str] = []
    answered = threading.Event()

    def slow(host: str, *_: Any, **__: Any) -> list[Any]:
        asked.append(host)
        if host == "slow.example":
            answered.wait(PATIENCE_SECONDS)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", 0))]

    async def run(port: int) -> tuple[bool, Sent, list[Sent]]:
        sender = Sender(timeout_seconds=3.0, allow_private=True)
        waiting = [asyncio.create_task(sender.send(f"http://slow.example:{port}/", {}, b"{}")) for _ in range(300)]
        while not asked:
            await asyncio.sleep(0)
        quick = await sender.send(f"http://quick.example:{port}/", {}, b"{}")
        all_wait = not any(task.done() for task in waiting)
        await asyncio.to_thread(time.sleep, 0)  # the threads of others are free, too
        late = await asyncio.gather(*waiting)
        answered.set()
        await sender.close()
        return all_wait, quick, late

    with Receiver() as receiver:
        monkeypatch.setattr(socket, "getaddrinfo", slow)
        all_wait, quick, late = asyncio.run(run(receiver.port))
    assert quick.is_success
    assert all_wait
    assert {one.error for one in late} == {"no answer within 3 s"}
    assert asked == ["slow.example", "quick.example"]


def test_look_ups_that_fail_fail_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    def never(host: str, *_: Any, **__: Any) -> list[Any]:
        raise socket.gaierror(-2, "Name or service not known")

    async def run() -> list[BaseException]:
        network = CheckedNetwork(allow_private=False)
        monkeypatch.setattr(socket, "getaddrinfo", never)
        tries = [network.connect_tcp("nobody.example", 443) for _ in range(5)]
        results = await asyncio.gather(*tries, return_exceptions=True)
        assert network._under_way == {}
        network.close()
        return [one for one in results if isinstance(one, BaseException)]

    assert [type(one) for one in asyncio.run(run())] == [socket.gaierror] * 5


HANGING = """
import asyncio, socket, time
from app.messaging.sending import Sender

async def run():
    sender = Sender(timeout_seconds=0.2, allow_private=True)
    print((await sender.send("http://slow.example/", {}, b"{}")).error)
    await sender.close()

socket.getaddrinfo = lambda *_, **__: time.sleep(600)
asyncio.run(run())
"""


def test_a_process_ends_though_a_name_server_never_answers() -> None:
    ended = subprocess.run([sys.executable, "-c", HANGING], capture_output=True, text=True, timeout=PATIENCE_SECONDS)
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "no answer within 0.2 s\n", "")
