"""Whether a page of ours has sent a request. Browsers send cookies along whoever made them call: what changes something
must come from here.

Browsers say so by `Sec-Fetch-Site` (https://www.w3.org/TR/fetch-metadata/), which no script can set; those without it by
`Origin`. Who says neither is no browser of these years, and has no business with a cookie: it is refused. As
CrossOriginProtection of Go 1.25 does it, but for that. No tokens in forms: a page that was cached would hold a stale one.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import Request

from app.foundation.i18n import words as _l
from app.pages.errors import ForeignOrigin

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
_OURS = frozenset({"same-origin", "none"})


def check_origin(request: Request) -> None:
    """Raises ForeignOrigin for a request that changes something and wasn't sent by one of our pages."""
    if request.method in SAFE:
        return
    site, origin = request.headers.get("Sec-Fetch-Site"), request.headers.get("Origin")
    if not (_is_own(origin, request.host) if site is None else site in _OURS):
        raise ForeignOrigin(_l("Open the page itself, and do it there."))


def _is_own(origin: str | None, host: str) -> bool:
    return origin is not None and urlsplit(origin).netloc == host
