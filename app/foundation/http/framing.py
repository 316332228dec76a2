"""Where one request ends and the next begins, and to whom it speaks: what two servers might read differently is refused.

A proxy and the server behind it that don't agree on a request let somebody hide a second one in it (RFC 9112, 11.2). What
the web server in front of us already refuses, such as two lengths that differ, doesn't come here.

A request that is refused by its head doesn't wait for its body. Its answer says that the connection ends with it, or what
still comes would be taken for the next request.
"""

from __future__ import annotations

import re

from flask import Flask, Response, g, request

from app.foundation.i18n import words as _l
from app.foundation.problems import BadRequest

_HOST = re.compile(r"[\w.-]+(:[0-9]{1,5})?|\[[0-9A-Fa-f:.]+\](:[0-9]{1,5})?", re.ASCII)


def check_framing(app: Flask) -> None:
    """Call it before other things are registered: what comes first after a view is done last."""
    app.before_request(_refuse_ambiguous)
    app.after_request(_end_unread)


def body_is_read() -> None:
    """Whoever reads a body whole says so."""
    g.body_is_read = True


def _refuse_ambiguous() -> None:
    host = request.environ.get("HTTP_HOST", "")
    if not _HOST.fullmatch(host) and (host or request.environ.get("SERVER_PROTOCOL") == "HTTP/1.1"):
        raise BadRequest(_l("One Host header with a name and perhaps a port is needed."))
    if request.environ["PATH_INFO"].startswith("//"):
        raise BadRequest(_l("The path begins with two slashes."))
    if request.environ.get("HTTP_TRANSFER_ENCODING", "chunked").lower() != "chunked":
        raise BadRequest(_l("The only Transfer-Encoding is chunked, once."))


def _end_unread(response: Response) -> Response:
    in_chunks = "HTTP_TRANSFER_ENCODING" in request.environ
    is_unread = bool(request.content_length) and not g.get("body_is_read", False)
    if in_chunks or is_unread:  # a length beside chunks isn't shown to us: RFC 9112, 6.1 wants the end after both
        response.headers["Connection"] = "close"
    return response
