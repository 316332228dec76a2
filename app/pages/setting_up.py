"""What templates of doors know, and static files, for an application."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any
from urllib.parse import urlencode

from flask import Flask, request

from app.foundation.clock import parse_instant
from app.foundation.i18n import said
from app.pages import formats
from app.pages.assets import Assets, static_files
from app.pages.doors import ONCE, new_once
from app.pages.languages import CHOICE


def open_pages(app: Flask) -> None:
    """Serves static files and tells templates what they may say."""
    found = app.extensions["quantong_assets"] = Assets.of()
    app.register_blueprint(static_files)
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.filters |= {"said": said, "instant": parse_instant, "day_of": date.fromisoformat}
    app.jinja_env.globals |= {
        "asset": found.url,
        "has_asset": found.files.__contains__,
        "imports_of": found.imports,
        "in_language": in_language,
        "new_once": new_once,
        "ONCE": ONCE,
        **{one.__name__: one for one in _FORMATS},
    }


_FORMATS: tuple[Callable[..., Any], ...] = (
    formats.language,
    formats.number,
    formats.signed,
    formats.money,
    formats.round_money,
    formats.exact_money,
    formats.quantity,
    formats.drawn,
    formats.change,
    formats.day,
    formats.span,
    formats.weekdays,
    formats.clock,
    formats.moment,
    formats.last_day,
)


def in_language(language: str) -> str:
    """The address of the page at hand in another language."""
    asked: dict[str, Any] = {**request.args.to_dict(flat=False), CHOICE: [language]}
    pairs = [(name, value) for name, values in asked.items() for value in values]
    return "?" + urlencode(pairs)
