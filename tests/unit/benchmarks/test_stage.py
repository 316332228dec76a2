"""The stage of a measurement says what was refused there."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from benchmarks import stage


class Refuses(BaseHTTPRequestHandler):
    """Refuses every call."""

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(401)
        self.end_headers()
        self.wfile.write(b'{"code": "unauthorized"}')

    def log_message(self, *_: object) -> None:
        """Nothing is logged."""


@pytest.fixture
def port() -> Iterator[int]:
    with HTTPServer(("127.0.0.1", 0), Refuses) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server.server_port
        server.shutdown()
        thread.join()


def test_a_call_that_is_refused_is_told_in_plain_words(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stage, "PORT", port)
    with pytest.raises(stage.Refused, match=r"POST /v1/districts was refused with 401: .*unauthorized"):
        stage.call("POST", "/v1/districts", "key", {"name": "Bench", "slug": "bench"})
