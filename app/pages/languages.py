"""In which language a page speaks: as its reader chose (`?lang=en`), last time or now, else as the browser asks."""

from __future__ import annotations

from flask import Response, request

from app.foundation.i18n import LOCALES, choose_language

CHOICE = "lang"
_KEPT_SECONDS = 365 * 24 * 3600


def hear() -> None:
    """Takes the choice of the request at hand."""
    chosen = _chosen() or request.cookies.get(CHOICE, "")
    if chosen in LOCALES:
        choose_language(chosen)


def remember(response: Response) -> None:
    """Lets the browser keep a choice that was made now. It says nothing of anybody: scripts may read it."""
    if chosen := _chosen():
        response.set_cookie(CHOICE, chosen, max_age=_KEPT_SECONDS, samesite="Lax", path="/", secure=request.is_secure)


def _chosen() -> str | None:
    wanted = request.args.get(CHOICE)
    return wanted if wanted in LOCALES else None
