"""What a caller sends that nobody reads, of a request that is refused by its head or that needs no body.

A server that answers and leaves it closes the connection under the next request, of which the caller then hears nothing.
So a little is read and dropped; where it is much, the answer says that the connection ends with it (RFC 9112, 9.6).
"""

from __future__ import annotations

from flask import Flask, Response, g, request

MOST_DROPPED = 1 << 16


def drop_leftovers(app: Flask) -> None:
    """Call it before other things are registered: what comes first is done last."""
    app.after_request(_drop)


def body_is_read() -> None:
    """Whoever reads a body whole says so."""
    g.body_is_read = True


def _drop(response: Response) -> Response:
    length = request.content_length
    if (not length and "Transfer-Encoding" not in request.headers) or g.get("body_is_read", False):
        return response
    if length is None or length > MOST_DROPPED:
        response.headers["Connection"] = "close"
    else:
        request.environ["wsgi.input"].read(length)
    return response
