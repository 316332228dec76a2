"""Lists, newest first, fetched page by page while they are read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Protocol, TypeVar

from merchant_sdk._answers.reading import Answer
from merchant_sdk._http.errors import UnexpectedAnswer
from merchant_sdk._http.wire import encode_query

PAGE_SIZE = 100
A = TypeVar("A", bound=Answer)


class Sends(Protocol):
    """What sends a call: a Sender."""

    def request(
        self,
        method: str,
        path: str,
        *,
        json: Mapping[str, object] | None = None,
        params: Mapping[str, object] | None = None,
        idempotency_key: str | None = None,
    ) -> dict[str, Any]:
        """Sends a call and gives the JSON object of its answer."""

    def upload(
        self,
        path: str,
        content: bytes,
        *,
        params: Mapping[str, object] | None = None,
        idempotency_key: str | None = None,
    ) -> dict[str, Any]:
        """Sends a file, and gives the JSON object of the answer."""

    def fetch(
        self, path: str, media: str, *, params: Mapping[str, object] | None = None, language: str | None = None
    ) -> bytes:
        """Gets what is no JSON, of this media type."""


def read_all(sender: Sends, path: str, kind: type[A], filters: Mapping[str, object]) -> Iterator[A]:
    """All of a list; a page is fetched when its first row is asked for.

    Raises ValueError for a filter that is a naive datetime, at once; QuantongError while it is read.
    """
    return _rows(sender, path, kind, encode_query(filters))


def _rows(sender: Sends, path: str, kind: type[A], filters: Mapping[str, str]) -> Iterator[A]:
    after: str | None = None
    while True:
        page = sender.request("GET", path, params={"limit": PAGE_SIZE, "starting_after": after, **filters})
        rows = page.get("data")
        if not isinstance(rows, list):
            raise UnexpectedAnswer(f"a list of {path} without its data")
        yield from [kind.read(row) for row in rows]
        if not page.get("has_more"):
            return
        last = rows[-1].get("id") if rows else None
        if not isinstance(last, str) or last == after:
            raise UnexpectedAnswer(f"a list of {path} that says there is more, and doesn't go on")
        after = last
