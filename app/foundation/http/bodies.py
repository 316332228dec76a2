"""A request's body as it comes: of JSON by what it says of itself, and no longer than it may be."""

from __future__ import annotations

from flask import request

from app.foundation.i18n import words as _l
from app.foundation.problems import BadRequest, BodyTooLarge, UnsupportedMediaType

JSON = "application/json"


def read_body(most: int) -> bytes:
    """The whole body, which isn't waited for where it is announced as too long."""
    length = request.content_length
    if length is None and "HTTP_TRANSFER_ENCODING" not in request.environ:
        return b""
    if length is not None and length > most:
        raise BodyTooLarge
    read, left = request.environ["wsgi.input"].read, most + 1 if length is None else length
    pieces: list[bytes] = []
    while left and (piece := read(left)):
        pieces.append(piece)
        left -= len(piece)
    if length is None and not left:
        raise BodyTooLarge
    if length is not None and left:
        raise BadRequest(_l("The body ended before the length it was announced with."))
    return b"".join(pieces)


def check_media_type() -> None:
    """A body says that it is JSON (https://mimesniff.spec.whatwg.org/#json-mime-type), in UTF-8 and not packed, or nothing."""
    is_plain = request.environ.get("CONTENT_TYPE") == JSON and "HTTP_CONTENT_ENCODING" not in request.environ
    if is_plain or not (request.content_length or "HTTP_TRANSFER_ENCODING" in request.environ):
        return
    kind = request.mimetype
    if kind and not (kind in (JSON, "text/json") or kind.endswith("+json")):
        raise UnsupportedMediaType(_l("Send the body as application/json."))
    if request.mimetype_params.get("charset", "utf-8").lower() not in ("utf-8", "utf8"):
        raise UnsupportedMediaType(_l("JSON is sent in UTF-8 (RFC 8259, 8.1)."))
    if request.headers.get("Content-Encoding", "identity").lower() != "identity":
        raise UnsupportedMediaType(_l("The body is sent as it is, without a Content-Encoding."))
