"""`/problems/<code>`: the `type` of a problem leads to its page (RFC 9457, 3.1.1)."""

from __future__ import annotations

from pathlib import Path

from flask import Blueprint, Response

from app.foundation.i18n import words as _l
from app.foundation.problems import NotFound

PAGES = Path(__file__).parents[4] / "docs" / "problems"
problem_pages = Blueprint("problem_pages", __name__, url_prefix="/problems")


@problem_pages.get("/<code>")
def page(code: str) -> Response:
    """The page of a problem, as Markdown."""
    known = {path.stem: path for path in PAGES.glob("*.md")}
    if code not in known:
        raise NotFound(_l("There is no page of that problem."))
    return Response(known[code].read_text(encoding="utf-8"), content_type="text/markdown; charset=utf-8")
