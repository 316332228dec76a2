"""Connections whose requests don't come to an end are cut, or a body of which a byte comes now and then would be for ever.

WSGI gives no way to stop waiting for a body, and doesn't say on which connection it comes. The kernel knows: a request
that is waited for too long is one to whose caller nothing has been sent for as long. Connections are looked at only while
a body is overdue; elsewhere than on Linux none are.
"""

from __future__ import annotations

import os
import socket
import stat
import struct
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

_LOOKS = 10
"""How often one looks in the time that a body may take."""
_LAST_DATA_SENT = 44
"""Where `struct tcp_info` (linux/tcp.h) has it, in milliseconds."""
_LISTEN = 10


class Overdue:
    """Who waits for a body, and since when. One thread, begun with the first of them, ends those that take too long."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._since: dict[int, tuple[float, int]] = {}
        self._watching = threading.Lock()

    def begin_wait(self, port: int, since: float | None) -> float:
        """This thread waits for a body that comes to a port, since a moment or from now on; gives the moment."""
        since = time.monotonic() if since is None else since
        self._since[threading.get_ident()] = (since, port)
        if self._watching.acquire(blocking=False):
            threading.Thread(target=self._watch, name="overdue", daemon=True).start()
        return since

    def end_wait(self) -> None:
        """This thread waits no longer."""
        self._since.pop(threading.get_ident(), None)

    def _watch(self) -> None:
        while True:
            time.sleep(self.seconds / _LOOKS)
            until = time.monotonic() - self.seconds
            for port in {port for since, port in list(self._since.values()) if since < until}:
                with suppress(OSError):  # no descriptor is free: the next look finds one
                    cut_connection(port, self.seconds)


def cut_connection(port: int, seconds: float) -> None:
    """Ends this process's connections on a port to which nothing was sent for some seconds."""
    for peer in _connections(port):
        with peer, suppress(OSError):
            if _silent_seconds(peer) >= seconds:
                peer.shutdown(socket.SHUT_RDWR)


def _connections(port: int) -> Iterator[socket.socket]:
    """Each by a descriptor of our own, which no other connection can take meanwhile."""
    if sys.platform != "linux":
        return
    for entry in Path("/proc/self/fd").iterdir():
        with suppress(OSError):
            descriptor = os.dup(int(entry.name))
            if not stat.S_ISSOCK(os.fstat(descriptor).st_mode):
                os.close(descriptor)
                continue
            peer = socket.socket(fileno=descriptor)
            if peer.family in (socket.AF_INET, socket.AF_INET6) and peer.getsockname()[1] == port:
                yield peer
            else:
                peer.close()


def _silent_seconds(peer: socket.socket) -> float:
    """How long nothing has been sent on a connection; since it began, where nothing ever was. Never for a listener."""
    told = peer.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 104)
    return 0.0 if told[0] == _LISTEN else struct.unpack_from("I", told, _LAST_DATA_SENT)[0] / 1000
