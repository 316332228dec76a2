"""Tills in processes of their own, which all start at one moment."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from types import TracebackType
from typing import IO, Any, NamedTuple
from urllib.parse import urlsplit

from tests.factories.api import Reply
from tests.factories.districts import District

PROGRAM = Path(__file__).with_name("till_process.py")


class Post(NamedTuple):
    """A POST by a key."""

    path: str
    body: Any
    key: str
    idempotency_key: str | None = None

    def as_call(self) -> dict[str, Any]:
        """What the other process sends."""
        headers = {"Authorization": f"Bearer {self.key}", "Content-Type": "application/json"}
        if self.idempotency_key:
            headers["Idempotency-Key"] = self.idempotency_key
        return {"method": "POST", "path": self.path, "body": json.dumps(self.body), "headers": headers}


def sale_at(district: District, key: str | None = None, idempotency_key: str | None = None, **sale: Any) -> Post:
    """The report of a sale."""
    return Post("/v1/transactions", district.sale(**sale), key or district.key, idempotency_key)


class Tills:
    """Some processes that wait for work. Context manager."""

    def __init__(self, base_url: str, processes: int = 4) -> None:
        address = urlsplit(base_url)
        self._where = {"host": address.hostname, "port": address.port}
        command = [sys.executable, "-S", str(PROGRAM)]
        self._processes = [
            subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
            for _ in range(processes)
        ]

    def __enter__(self) -> Tills:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for process in self._processes:
            process.terminate()
            process.communicate()

    def at_once(self, *posts: Post) -> list[Reply]:
        """Each call by a till of its own, all at one moment; the answers in their order."""
        return [answer for [answer] in self.in_turn([[post] for post in posts])]

    def in_turn(
        self, queues: Sequence[Sequence[Post]], *, patience: float = 0.0, meanwhile: Callable[[], None] | None = None
    ) -> list[list[Reply]]:
        """Each till sends its calls one after another, all tills at one time; something may be done meanwhile.

        With patience (seconds) a till sends a call again that gets no answer or a 5xx.
        """
        count = len(self._processes)
        for number, process in enumerate(self._processes):
            tills = [[post.as_call() for post in queue] for queue in queues[number::count]]
            _tell(process, json.dumps({**self._where, "patience": patience, "tills": tills}))
        for process in self._processes:
            assert _heard(process) == "ready\n"
        for process in self._processes:
            _tell(process, "go")
        answers: list[list[Reply]] = [[] for _ in queues]
        try:
            if meanwhile is not None:
                meanwhile()
        finally:
            for number, process in enumerate(self._processes):
                answers[number::count] = [[_reply(one) for one in till] for till in json.loads(_heard(process))]
        return answers


def _pipe(pipe: IO[str] | None) -> IO[str]:
    assert pipe is not None
    return pipe


def _tell(process: subprocess.Popen[str], line: str) -> None:
    _pipe(process.stdin).write(line + "\n")
    _pipe(process.stdin).flush()


def _heard(process: subprocess.Popen[str]) -> str:
    return _pipe(process.stdout).readline()


def _reply(answer: dict[str, Any]) -> Reply:
    return Reply(answer["status"], json.loads(answer["body"]) if answer["body"] else None, answer["headers"])
