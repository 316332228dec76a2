"""A queue, a server that stands in for the product, and a clock."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx

from merchant_sdk import Client, OfflineQueue
from tests.factories.recorder import Recorder

Answer = Callable[[list[str]], httpx.Response | Exception | None]


@dataclass
class Shop:
    """A queue, the server behind it, and a clock. `before(references)` may answer in the server's place.

    `after(references)` may do so when the work is done: then its answer is lost.
    """

    path: Path
    recorder: Recorder = field(default_factory=Recorder)
    batches: list[list[str]] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)
    before: Answer = lambda references: None
    after: Answer = lambda references: None
    instead: dict[str, tuple[int, str]] = field(default_factory=dict)
    now: datetime = datetime(2026, 1, 1, 12, tzinfo=UTC)
    told: list[str] = field(default_factory=list)

    def handle(self, request: httpx.Request) -> httpx.Response:
        [[name, rows]] = json.loads(request.content).items()
        assert request.url.path == f"/v1/{name}/batch"
        references = [row["reference"] for row in rows]
        self.batches.append(references)
        self.keys.append(request.headers["Idempotency-Key"])
        if answer := self.before(references):
            return given(answer)
        results = []
        for index, row in enumerate(rows):
            if row["reference"] in self.instead:
                status, code = self.instead[row["reference"]]
                results.append({"index": index, "status": status, "problem": {"code": code, "status": status}})
            else:
                results.append({**self.recorder.answer([row], name)["results"][0], "index": index})
        return given(self.after(references) or httpx.Response(200, json={"object": "batch", "results": results}))

    def queue(self, **more: Any) -> OfflineQueue:
        client = Client("k", "http://quantong.test", transport=httpx.MockTransport(self.handle), retries=4)
        return OfflineQueue(self.path, client, now=lambda: self.now, **more)


def given(answer: httpx.Response | Exception) -> httpx.Response:
    """An answer, raised where it is an exception."""
    if isinstance(answer, Exception):
        raise answer
    return answer


def fill(queue: OfflineQueue, count: int) -> list[str]:
    return [queue.report(reference=f"A-{number}", amount=number).reference for number in range(count)]


def refusal(status: int, code: str | None = None, headers: dict[str, str] | None = None) -> httpx.Response:
    return httpx.Response(status, json={"code": code, "status": status} if code else {}, headers=headers)
