"""A receiver of webhooks on the standard library: 接收并验签 webhook。

QUANTONG_WEBHOOK_SECRET=whsec_… python webhook_receiver.py [port, default 8787]
"""

from __future__ import annotations

import os
import sys
from http.server import BaseHTTPRequestHandler, HTTPServer

from merchant_sdk import QuantongError, webhooks

seen: set[str] = set()


class Receiver(BaseHTTPRequestHandler):
    """Verifies first, then acts, once for each event."""

    def do_POST(self) -> None:
        """Takes one message."""
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))  # as it came: don't parse it before
        try:
            event = webhooks.verify(body, dict(self.headers.items()), os.environ["QUANTONG_WEBHOOK_SECRET"])
        except QuantongError as error:
            print(f"refused: {error}", flush=True)
            self._answer(400)
            return
        if event.id not in seen:  # in a shop: a table with a unique key
            seen.add(event.id)
            print(f"{event.type} {dict(event.data)}", flush=True)
        self._answer(204)

    def _answer(self, status: int) -> None:
        self.send_response(status)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Says nothing of each request."""


def main() -> None:
    """Serves until Ctrl-C."""
    port = int(sys.argv[1]) if len(sys.argv) > 1 else 8787
    with HTTPServer(("127.0.0.1", port), Receiver) as server:
        print(f"listening on {server.server_address[1]}", flush=True)
        server.serve_forever()


if __name__ == "__main__":
    main()
