"""A receiver of webhooks in a process of its own: `python -m tests.chaos.receiver <port> <folder>`.

What it has answered with 200 stands in `received` before: id, kind, and the sale that it tells of.
"""

from __future__ import annotations

import json
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from standardwebhooks import Webhook

from tests.chaos.files import Lines


def main() -> None:
    port, folder = int(sys.argv[1]), Path(sys.argv[2])

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            secret = json.loads((folder / "secret.json").read_text())
            event = Webhook(secret).verify(body, dict(self.headers.items()))
            about = event["data"].get("transaction_id", "-")
            received.add(f"{self.headers['webhook-id']} {event['id']} {event['type']} {about}")
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    class Server(ThreadingHTTPServer):
        daemon_threads = True
        request_queue_size = 128

    with Lines(folder / "received") as received, Server(("127.0.0.1", port), Handler) as server:
        server.serve_forever()


if __name__ == "__main__":
    main()
