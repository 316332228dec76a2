"""`/openapi.json`: what this product's routes promise. `/docs`: a page to try them, from files of our own."""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import blake2b

import orjson
from flask import Blueprint, Flask, Response, current_app, request

from app.foundation.http.openapi import document
from app.foundation.http.routing import Room, RouteSpec

contract_pages = Blueprint("contract_pages", __name__)
_KEPT = "quantong_contract"


def specs_of(app: Flask) -> Iterator[RouteSpec]:
    """What the application's routes promise, room by room."""
    for blueprint in app.blueprints.values():
        if isinstance(blueprint, Room):
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
