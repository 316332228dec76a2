"""What a view of a door gives: a page, the way to another one, or figures for a script."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Any

import orjson
from flask import Response, render_template, request

from app.foundation.http.answers import Download, respond_with_download
from app.foundation.jobs.queue import Job
from app.foundation.problems import DomainError


@dataclass(frozen=True, slots=True)
class Cookie:
    """Something for a browser to keep, for us alone (`__Host-`): no script reads it, no other site sends it along.

    Without `seconds` it goes when the browser does; with 0 it goes now.
    """

    name: str
    value: str
    seconds: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Handed(ABC):
    """What all of them may bring: cookies, headers, jobs for after the commit, and what the audit entry gets besides."""

    cookies: tuple[Cookie, ...] = ()
    headers: Mapping[str, str] = field(default_factory=dict)
    jobs: tuple[Job, ...] = ()
    audited: Mapping[str, Any] | None = field(default_factory=dict)

    @abstractmethod
    def respond(self, frame: Mapping[str, Any]) -> Response:
        """As it is sent; a page with what stands around it."""


@dataclass(frozen=True, slots=True)
class WebPage(Handed):
    """A page: its template and what stands in it. It is written after the unit of work."""

    template: str
    values: Mapping[str, Any] = field(default_factory=dict)
    status: int = 200

    @property
    def name(self) -> str:
        """Such as `shopper-card`."""
        return self.template.removesuffix(".html").replace("/", "-").replace("_", "-")

    def respond(self, frame: Mapping[str, Any]) -> Response:
        """The page in its door's frame."""
        text = render_template(self.template, **{"page_name": self.name, **frame, **self.values})
        return Response(text, self.status, content_type="text/html; charset=utf-8")


@dataclass(frozen=True, slots=True)
class Go(Handed):
    """The way to another page of ours, by its path."""

    to: str

    def respond(self, frame: Mapping[str, Any]) -> Response:
        """303: what was done isn't done again when that page is loaded anew."""
        return Response(status=303, headers={"Location": self.to})


@dataclass(frozen=True, slots=True)
class Told(Handed):
    """Figures for a script, which asks again with their tag and is told when nothing has changed."""

    body: Mapping[str, Any]

    def respond(self, frame: Mapping[str, Any]) -> Response:
        """As JSON."""
        text = orjson.dumps(self.body, option=orjson.OPT_UTC_Z)
        response = Response(text, content_type="application/json")
        response.set_etag(blake2b(text, digest_size=12).hexdigest())
        response.headers["Cache-Control"] = "private, no-cache"
        response.make_conditional(request)
        return response


@dataclass(frozen=True, slots=True)
class File(Handed):
    """A file: a stylesheet of a district, an icon, a download."""

    content: bytes
    media_type: str

    def respond(self, frame: Mapping[str, Any]) -> Response:
        """As it is."""
        return Response(self.content, content_type=self.media_type)


@dataclass(frozen=True, slots=True)
class Saved(Handed):
    """A file to be saved, which is made while it is sent."""

    download: Download

    def respond(self, frame: Mapping[str, Any]) -> Response:
        """As it is."""
        return respond_with_download(self.download, {})


@dataclass(frozen=True, slots=True)
class Refused(Handed):
    """A refusal that leaves something behind, such as the count of a wrong code."""

    error: DomainError

    def respond(self, frame: Mapping[str, Any]) -> Response:
        """It isn't."""
        raise self.error


def add_cookies(response: Response, cookies: tuple[Cookie, ...]) -> None:
    """Hands cookies over."""
    for one in cookies:
        response.set_cookie(
            f"__Host-{one.name}", one.value, max_age=one.seconds, secure=True, httponly=True, samesite="Lax", path="/"
        )


def kept_cookie(name: str) -> str:
    """What a browser has kept; empty where it has nothing."""
    return request.cookies.get(f"__Host-{name}", "")
