"""A small server that shows webhooks to whoever writes a receiver."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from merchant_sdk import webhooks
from merchant_sdk._http.errors import QuantongError
from merchant_sdk._http.sending import utc_now

MOST_BYTES = 1 << 20
Say = Callable[[str], None]


def listener(host: str, port: int, secrets: Sequence[str], say: Say) -> ThreadingHTTPServer:
    """A server, not yet serving, that says what each message holds and answers it: 204, or 400 where it isn't signed.

    Raises OSError where the port is taken, ValueError for a secret that can't be one.
    """
    for secret in secrets:
        webhooks.sign(b"", secret, "", utc_now())

    class Handler(BaseHTTPRequestHandler):
        """One message."""

        server_version = "quantong-merchant"
        timeout = 10

        def do_POST(self) -> None:
            """Says what came."""
            length = self.headers.get("Content-Length", "")
            if not length.isascii() or not length.isdigit() or int(length) > MOST_BYTES:
                self._answer(413 if length.isdigit() else 411)
                return
            body = self.rfile.read(int(length))
            headers = dict(self.headers.items())
            try:
                event = webhooks.verify(body, headers, secrets)
            except QuantongError as error:
                say(f"NOT VERIFIED ({error}): {len(body)} bytes to {self.path}; answered 400")
                self._answer(400)
                return
            say(words_of(event))
            self._answer(204)

        def log_message(self, format: str, *args: object) -> None:
            """Says nothing of each request."""

        def _answer(self, status: int) -> None:
            self.send_response(status)
            self.send_header("Content-Length", "0")
            self.end_headers()

    return ThreadingHTTPServer((host, port), Handler)


def words_of(event: webhooks.Event) -> str:
    """An event to be read by people."""
    data = json.dumps(event.data, ensure_ascii=False, indent=2)
    return f"{event.timestamp:%Y-%m-%d %H:%M:%S} UTC  {event.type}  {event.id}  (verified)\n{data}"
