"""A stand-in of the product for the SDK's queue: real HTTP, references that count once, and faults on demand."""

from __future__ import annotations

import json
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class Recorder:
    """What came in: `bodies` of each sale's reference and `refunds` of each refund's, how often two flew at once."""

    bodies: dict[str, Any] = field(default_factory=dict)
    refunds: dict[str, Any] = field(default_factory=dict)
    order: list[str] = field(default_factory=list)
    times_sent: Counter[str] = field(default_factory=Counter)
    conflicts: list[str] = field(default_factory=list)
    most_at_once: int = 0
    _flying: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def answer(self, rows: list[dict[str, Any]], name: str = "transactions") -> dict[str, Any]:
        """Records a batch as the product does: a known reference gives 200, with another body 409.

        A refund of a sale that isn't there is refused with 404.
        """
        one = self._refund if name == "refunds" else self._sale
        with self._lock:
            return {"results": [{"index": index, **one(row)} for index, row in enumerate(rows)]}

    def _sale(self, row: dict[str, Any]) -> dict[str, Any]:
        return self._one(self.bodies, row, "reference-conflict", transaction=transaction(row))

    def _refund(self, row: dict[str, Any]) -> dict[str, Any]:
        if row["transaction_reference"] not in self.bodies:
            self.times_sent[row["reference"]] += 1
            return refused(404, "sale-not-recorded-yet")
        return self._one(self.refunds, row, "refund-reference-conflict", refund=refund(row))

    def _one(self, known: dict[str, Any], row: dict[str, Any], conflict: str, **answer: Any) -> dict[str, Any]:
        reference = row["reference"]
        self.times_sent[reference] += 1
        before = known.get(reference)
        if before is not None and before != row:
            self.conflicts.append(reference)
            return refused(409, conflict)
        if before is None:
            known[reference] = row
            self.order.append(reference)
        return {"status": 201 if before is None else 200, **answer}

    def enter(self) -> None:
        """A batch is on its way in."""
        with self._lock:
            self._flying += 1
            self.most_at_once = max(self.most_at_once, self._flying)

    def leave(self) -> None:
        """It is answered."""
        with self._lock:
            self._flying -= 1


def transaction(row: dict[str, Any]) -> dict[str, Any]:
    """A sale as the product answers it, in short."""
    instants = {"occurred_at": row.get("occurred_at", "2026-01-01T00:00:00Z"), "recorded_at": "2026-01-01T00:00:00Z"}
    return {"id": f"txn_{row['reference']}", "reference": row["reference"], "amount": row["amount"], **instants}


def refund(row: dict[str, Any]) -> dict[str, Any]:
    """A refund as the product answers it, in short."""
    return {
        **transaction(row),
        "id": f"rfd_{row['reference']}",
        "transaction_id": f"txn_{row['transaction_reference']}",
    }


def refused(status: int, code: str) -> dict[str, Any]:
    """What a batch says of an item that is refused."""
    return {"status": status, "problem": {"code": code, "status": status}}


@contextmanager
def serving(recorder: Recorder) -> Iterator[str]:
    """The recorder on a port; gives its base URL."""

    class Handler(BaseHTTPRequestHandler):
        disable_nagle_algorithm = True  # else each answer of two parts waits 40 ms to be acknowledged
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            recorder.enter()
            try:
                [[name, rows]] = json.loads(body).items()
                answer = json.dumps(recorder.answer(rows, name)).encode()
            finally:
                recorder.leave()
            try:
                self.send_response(200)
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)
            except OSError:
                self.close_connection = True  # the sender was killed

        def log_message(self, format: str, *args: object) -> None:
            pass

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, request: object, client_address: object) -> None:
            pass  # a killed sender resets its connection

    with Server(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}"
        finally:
            server.shutdown()
            thread.join()
