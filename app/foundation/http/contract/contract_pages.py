"""`/openapi.json`: what this product's routes promise. `/docs`: a page to try them, from files of our own."""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import blake2b
from pathlib import Path

import orjson
from flask import Blueprint, Flask, Response, current_app, render_template, request, send_file

from app.foundation.http.contract.openapi import document
from app.foundation.http.routing import Routes, RouteSpec
from app.foundation.i18n import words as _l
from app.foundation.problems import NotFound

STATIC = Path(__file__).parents[3] / "static"
ASSETS = {
    "docs.css": STATIC / "docs.css",
    "docs.js": STATIC / "docs.js",
    "swagger-ui.css": STATIC / "vendor" / "swagger-ui" / "swagger-ui.css",
    "swagger-ui-bundle.js": STATIC / "vendor" / "swagger-ui" / "swagger-ui-bundle.js",
}
"""What the page of `/docs` is made of, by the names under which it asks for it."""
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
contract_pages = Blueprint("contract_pages", __name__)
_KEPT = "quantong_contract"


def specs_of(app: Flask) -> Iterator[RouteSpec]:
    """What the application's routes promise, room by room."""
    for blueprint in app.blueprints.values():
        if isinstance(blueprint, Routes):
            yield from blueprint.specs


@contract_pages.get("/openapi.json")
def openapi() -> Response:
    """The contract as an OpenAPI 3.1 document: made once a process, and named by its content."""
    kept = current_app.extensions.get(_KEPT)
    if kept is None:
        text = orjson.dumps(document(specs_of(current_app)))
        kept = current_app.extensions[_KEPT] = (text, blake2b(text, digest_size=16).hexdigest())
    response = Response(kept[0], content_type="application/json")
    response.set_etag(kept[1])
    response.headers["Cache-Control"] = "no-cache"
    response.make_conditional(request)
    return response


@contract_pages.get("/docs")
def docs() -> Response:
    """The page; where its viewer isn't installed, it says so."""
    page = render_template("docs.html", has_viewer=all(path.exists() for path in ASSETS.values()))
    response = Response(page, content_type="text/html; charset=utf-8")
    response.headers["Content-Security-Policy"] = POLICY
    response.headers["Referrer-Policy"] = "no-referrer"
    return response


@contract_pages.get("/docs/<name>")
def asset(name: str) -> Response:
    """A part of the page."""
    if name not in ASSETS or not ASSETS[name].exists():
        raise NotFound(_l("There is no such part of the page."))
    return send_file(ASSETS[name], conditional=True)
