"""The provider over HTTP on this machine alone: its API, the page on which a customer gives a card, and events as they happen."""

from __future__ import annotations

import html
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs

from demo.provider import moving
from demo.provider.cards import CARDS
from demo.provider.desk import Desk
from demo.provider.refusals import Refused

HOST = "127.0.0.1"


class Handler(BaseHTTPRequestHandler):
    """One request."""

    protocol_version = "HTTP/1.1"
    desk: Desk

    def do_GET(self) -> None:
        self._handle("GET")

    def do_POST(self) -> None:
        self._handle("POST")

    def do_DELETE(self) -> None:
        self._handle("DELETE")

    def log_message(self, *_: object) -> None:
        """Says nothing: who tries the product reads the product's lines."""

    def _handle(self, method: str) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
        if self.path.startswith("/pages/"):
            self._checkout(body)
            return
        with self.desk.lock:
            said = self.desk.answer(method, self.path, dict(self.headers), body)
        if said is None:
            self.close_connection = True
            return
        self._say(said.status, said.body, "application/json")

    def _checkout(self, body: str) -> None:
        account, session = self.path.split("/")[2:4]
        with self.desk.lock:
            books = next((one for one in self.desk.accounts.values() if one.account == account), None)
            try:
                if books is None or not body:
                    page = _page_of_cards()
                else:
                    number = parse_qs(body)["card"][0]
                    done = moving.complete_session(books, session, number)
                    page = f"<p>✓ <a href='{html.escape(done['success_url'] or '/')}'>→</a>"
            except Refused as refused:
                page = html.escape(refused.error["code"])
        self._say(200, f"<!doctype html><meta charset=utf-8><title>Trying</title>{page}".encode(), "text/html")

    def _say(self, status: int, body: bytes, kind: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def _page_of_cards() -> str:
    options = "".join(
        f"<option value={card.number}>{card.number} {card.code or '✓'}</option>" for card in CARDS.values()
    )
    return f"<form method=post><select name=card>{options}</select> <button>OK</button></form>"


@contextmanager
def serving(desk: Desk, port: int = 0) -> Iterator[str]:
    """Serves a desk on a port of this machine (any free one); gives its address."""
    handler = type("Bound", (Handler,), {"desk": desk})
    with ThreadingHTTPServer((HOST, port), handler) as server:
        server.daemon_threads = True
        desk.here = f"http://{HOST}:{server.server_port}"
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield desk.here
        finally:
            server.shutdown()
