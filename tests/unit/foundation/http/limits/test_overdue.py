"""Which connections are cut: those to which nothing was sent for long, on our port, and no others."""

from __future__ import annotations

import socket
import sys
from collections.abc import Iterator
from contextlib import closing

import pytest

from app.foundation.http.limits.overdue import cut_connection
from tests.factories.processes import wait_until

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the kernel tells on Linux only")
SECONDS = 0.2
PATIENCE_SECONDS = 30.0
Pair = tuple[socket.socket, socket.socket]


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    with closing(socket.create_server(("127.0.0.1", 0))) as listening:
        yield listening


@pytest.fixture
def pair(listener: socket.socket) -> Iterator[Pair]:
    """The two ends of a connection: the caller's, ours."""
    with closing(socket.create_connection(listener.getsockname())) as caller:
        ours, _ = listener.accept()
        with closing(ours):
            caller.settimeout(PATIENCE_SECONDS)
            yield caller, ours


def test_who_was_sent_nothing_is_cut_though_it_speaks(listener: socket.socket, pair: Pair) -> None:
    caller, _ = pair

    def is_cut() -> bool:
        try:
            caller.sendall(b" ")
        except OSError:
            return True
        cut_connection(listener.getsockname()[1], SECONDS)
        return False

    assert wait_until(is_cut)


def test_who_was_answered_lately_stays(listener: socket.socket, pair: Pair) -> None:
    caller, ours = pair
    ours.sendall(b"answer")
    cut_connection(listener.getsockname()[1], PATIENCE_SECONDS)
    assert caller.recv(16) == b"answer"
    ours.sendall(b"more")
    assert caller.recv(16) == b"more"


def test_other_ports_and_the_listener_stay(listener: socket.socket, pair: Pair) -> None:
    caller, ours = pair
    cut_connection(caller.getsockname()[1] + 1, 0.0)
    cut_connection(listener.getsockname()[1], PATIENCE_SECONDS)
    ours.sendall(b"still here")
    assert caller.recv(16) == b"still here"
    with closing(socket.create_connection(listener.getsockname())) as another:
        assert another.getpeername() == listener.getsockname()
