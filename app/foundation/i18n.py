"""Languages: Chinese first, English second."""

from __future__ import annotations

from flask import has_request_context, request
from flask_babel import Babel

LOCALES = ("zh", "en")
babel = Babel()


def choose_locale() -> str:
    """The reader's language by `Accept-Language`; Chinese where nothing fits."""
    if not has_request_context():
        return LOCALES[0]
    return request.accept_languages.best_match(LOCALES, default=LOCALES[0]) or LOCALES[0]
