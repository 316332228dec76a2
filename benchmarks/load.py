"""A load generator over keep-alive HTTP: one thread, many connections, next to no work per request."""

from __future__ import annotations

import selectors
import socket
import time
from collections.abc import Iterator
from dataclasses import dataclass, field


@dataclass
class Result:
    """What a run saw: seconds taken, latencies (s) of the answers, and how many had another status than wanted."""

    seconds: float
    latencies: list[float] = field(repr=False)
    unwanted: int
    first_unwanted: bytes = b""
    last_body: bytes = field(default=b"", repr=False)

    @property
    def per_second(self) -> float:
        """Answers a second."""
        return len(self.latencies) / self.seconds

    def percentile(self, percent: float) -> float:
        """Latency in milliseconds under which this share of the answers came."""
        ordered = sorted(self.latencies)
        return 1000 * ordered[min(len(ordered) - 1, int(len(ordered) * percent / 100))]


def post(path: str, key: str, body: bytes, idempotency_key: str | None = None) -> bytes:
    """The bytes of a POST request."""
    extra = f"Idempotency-Key: {idempotency_key}\r\n" if idempotency_key else ""
    head = (
        f"POST {path} HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer {key}\r\n{extra}"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


def get(path: str, cookies: str = "") -> bytes:
    """The bytes of a GET request, as a browser asks for a page."""
    extra = f"Cookie: {cookies}\r\n" if cookies else ""
    return f"GET {path} HTTP/1.1\r\nHost: bench\r\nAccept-Language: zh-CN\r\n{extra}\r\n".encode()


class _Line:
    def __init__(self, address: tuple[str, int]) -> None:
        self.socket = socket.create_connection(address)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.received = bytearray()
        self.wanted = 0
        self.sent_at = 0.0

    def send(self, request: bytes) -> None:
        self.received.clear()
        self.wanted = 0
        self.sent_at = time.perf_counter()
        self.socket.sendall(request)

    def is_complete(self) -> bool:
        self.received += self.socket.recv(1 << 18)
        if not self.wanted:
            end = self.received.find(b"\r\n\r\n")
            if end < 0:
                return False
            head = bytes(self.received[:end]).lower()
            start = head.index(b"content-length:") + 15
            self.wanted = end + 4 + int(head[start:].split(b"\r\n", 1)[0])
        return len(self.received) >= self.wanted


def run(
    address: tuple[str, int], requests: Iterator[bytes], *, connections: int, seconds: float, status: bytes = b"201"
) -> Result:
    """Sends requests over some connections, each the next as soon as its answer is there, for some seconds."""
    selector = selectors.DefaultSelector()
    lines = [_Line(address) for _ in range(connections)]
    latencies: list[float] = []
    unwanted, first_unwanted, last_body = 0, b"", b""
    started = time.perf_counter()
    for line in lines:
        line.send(next(requests))
        selector.register(line.socket, selectors.EVENT_READ, line)
    open_lines = connections
    while open_lines:
        for key, _ in selector.select():
            line = key.data
            if not line.is_complete():
                continue
            now = time.perf_counter()
            latencies.append(now - line.sent_at)
            if line.received[9:12] != status:
                unwanted += 1
                first_unwanted = first_unwanted or bytes(line.received)
            request = next(requests, None) if now - started < seconds else None
            if request is None:
                last_body = bytes(line.received).partition(b"\r\n\r\n")[2]
                selector.unregister(line.socket)
                line.socket.close()
                open_lines -= 1
            else:
                line.send(request)
    return Result(time.perf_counter() - started, latencies, unwanted, first_unwanted, last_body)
