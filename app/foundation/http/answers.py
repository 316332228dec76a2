"""What a view gives back, and how it becomes a response."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast

import orjson
from flask import Flask, Response, g, stream_with_context

from app.foundation.database.unit_of_work import UnitOfWork
from app.foundation.i18n import language_headers
from app.foundation.jobs.queue import Job
from app.foundation.metrics import PROBLEMS
from app.foundation.problems import DomainError
from app.foundation.symbols import Picture

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment
Replay = Callable[[UnitOfWork, dict[str, Any]], dict[str, Any]]
"""Makes the body of a stored answer again from the ids that were kept."""


@dataclass(frozen=True, slots=True)
class Download:
    """A file that is made while it is sent: after the unit of work, which holds no connection meanwhile."""

    content: Iterable[bytes]
    media_type: str
    name: str


@dataclass(frozen=True, slots=True)
class Answer:
    """A status and a body. `stored`: what an idempotency key keeps instead of the body, for the route's `replay`.

    A `refusal` is raised once what came with it has been committed, such as the count of a wrong code; no idempotency key
    keeps it. `jobs` are put into their queues after the commit.
    A GET may give a `picture` or a `download` in place of the body. `audited`: ids and figures that the audit entry of the route gets
    besides what follows from its path and body; None for no entry, where nothing was changed.
    """

    body: dict[str, Any]
    status: int = 200
    stored: dict[str, Any] | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    audited: Mapping[str, Any] | None = field(default_factory=dict)
    picture: Picture | None = None
    download: Download | None = None
    refusal: DomainError | None = None
    jobs: tuple[Job, ...] = ()

    @classmethod
    def refused(cls, error: DomainError) -> Answer:
        """A refusal that leaves something behind."""
        return cls({}, error.status, refusal=error)


class Whole(Response):
    """An answer that has all of its headers from the start, and is sent as it stands."""

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        start_response(self.status, self.headers.to_wsgi_list())
        return () if environ["REQUEST_METHOD"] == "HEAD" else cast("list[bytes]", self.response)


def respond(
    body: dict[str, Any], status: int, headers: Mapping[str, str] = {}, *, media_type: str = "application/json"
) -> Response:
    """A JSON response."""
    text = orjson.dumps(body, option=orjson.OPT_UTC_Z)
    whole = {
        "Content-Type": media_type,
        "Content-Length": str(len(text)),
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "no-store",
        "Request-Id": g.get("request_id", ""),
        **headers,
    }
    return Whole([text], status, whole)


def respond_with_picture(picture: Picture, headers: Mapping[str, str]) -> Response:
    """An image."""
    response = Response(picture.content, content_type=picture.media_type)
    response.headers.update(headers)
    return response


def respond_with_download(download: Download, headers: Mapping[str, str]) -> Response:
    """A file to be kept, and by nobody on the way."""
    response = Response(stream_with_context(iter(download.content)), content_type=download.media_type)
    named = {"Content-Disposition": f'attachment; filename="{download.name}"', "Cache-Control": "no-store"}
    response.headers.update({**named, **headers})
    return response


def respond_with_problem(error: DomainError) -> Response:
    """An RFC 9457 problem in the reader's language."""
    PROBLEMS.labels(error.code).inc()
    headers = {**language_headers(), **error.headers}
    problem = error.as_problem(g.get("request_id", ""))
    return respond(problem, error.status, headers, media_type="application/problem+json")


def guard_answers(app: Flask) -> None:
    """No answer is taken for what it doesn't say it is; JSON is kept by nobody on the way, unless it says how long."""
    app.after_request(_guard)


def _guard(response: Response) -> Response:
    if isinstance(response, Whole):
        return response
    response.headers.setdefault("X-Content-Type-Options", "nosniff")
    if response.is_json:
        response.headers.setdefault("Cache-Control", "no-store")
    return response
