"""HTTP as bytes, for what no client library would send."""

from __future__ import annotations

import socket
from collections.abc import Iterable
from contextlib import suppress
from urllib.parse import urlsplit

PATIENCE_SECONDS = 15.0


def exchange(base_url: str, *parts: bytes, end: bool = False) -> bytes:
    """What a server answers to these bytes until it closes; nothing if it hangs up.

    `end` says that no more will come.
    """
    address = urlsplit(base_url)
    with socket.create_connection((address.hostname or "", address.port or 0), PATIENCE_SECONDS) as peer:
        with suppress(OSError):
            for part in parts:
                peer.sendall(part)
            if end:
                peer.shutdown(socket.SHUT_WR)
        return b"".join(_received(peer))


def leave(base_url: str, *parts: bytes) -> None:
    """Sends these bytes and hangs up without waiting for an answer."""
    address = urlsplit(base_url)
    with socket.create_connection((address.hostname or "", address.port or 0), PATIENCE_SECONDS) as peer:
        for part in parts:
            peer.sendall(part)


def _received(peer: socket.socket) -> Iterable[bytes]:
    with suppress(ConnectionResetError):
        while piece := peer.recv(65_536):
            yield piece


def head(method: str, path: str, key: str, *lines: str) -> bytes:
    """The first lines of a request that is the last on its connection."""
    fixed = ("Host: shop", f"Authorization: Bearer {key}", "Content-Type: application/json", "Connection: close")
    return "\r\n".join((f"{method} {path} HTTP/1.1", *fixed, *lines, "", "")).encode()


def chunked(*pieces: bytes) -> bytes:
    """A body in chunks."""
    return b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in (*pieces, b""))


def status_of(answer: bytes) -> int:
    """The status in the first line of an answer; 0 for no answer."""
    return int(answer.split()[1]) if answer.startswith(b"HTTP/1.1 ") else 0
