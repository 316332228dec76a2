"""What the command `quantong-merchant` reaches in tests, and the file of refused rows that it leaves."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from tests.factories.recorder import Recorder


@dataclass
class Product:
    """What the command reaches: a recorder behind a mock transport, refusing some references."""

    recorder: Recorder = field(default_factory=Recorder)
    refused: dict[str, dict[str, Any]] = field(default_factory=dict)
    batches: list[list[dict[str, Any]]] = field(default_factory=list)
    fault: Callable[[], httpx.Response | None] = lambda: None

    def handle(self, request: httpx.Request) -> httpx.Response:
        assert request.headers["Authorization"] == "Bearer sk_test_1"
        fault = self.fault()
        if fault is not None:
            return fault
        if request.method == "GET":
            return httpx.Response(200, json={"object": "list", "data": [], "has_more": False})
        [[name, rows]] = json.loads(request.content).items()
        assert request.url.path == f"/v1/{name}/batch"
        self.batches.append(rows)
        return httpx.Response(200, json={"results": [self.one(index, row, name) for index, row in enumerate(rows)]})

    def one(self, index: int, row: dict[str, Any], name: str) -> dict[str, Any]:
        if row["reference"] in self.refused:
            problem = self.refused[row["reference"]]
            return {"index": index, "status": problem["status"], "problem": problem}
        row = {"occurred_at": "2026-01-01T00:00:00Z", **row}
        return {**self.recorder.answer([row], name)["results"][0], "index": index}


def rejected_rows(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.reader(file))
