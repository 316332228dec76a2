"""Languages: Chinese first, English second. Words are marked where they arise and said when somebody reads them."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

from babel import Locale
from flask import Flask, g, has_request_context, request
from flask_babel import Babel, force_locale, get_locale, get_translations, refresh
from werkzeug.http import parse_accept_header

LOCALES = ("zh", "en")
_PARSED = {name: Locale.parse(name) for name in LOCALES}
"""Names of languages, read once: each reading asks the disk."""
CATALOGUES = Path(__file__).parents[1] / "translations"
_MOST_READ = 500
"""Characters of an `Accept-Language`: browsers send less, and reading 64 KiB of them costs half a second."""
babel = Babel()


def register_languages(app: Flask) -> None:
    """Lets an application speak to each reader in its language."""
    babel.init_app(
        app,
        default_locale=LOCALES[0],
        default_translation_directories=str(CATALOGUES),
        locale_selector=lambda: _PARSED[choose_locale()],
    )
    app.jinja_env.install_gettext_callables(  # type: ignore[attr-defined]  # by jinja2.ext.i18n
        gettext=lambda message: _translated(choose_locale(), message),
        ngettext=lambda one, many, count: get_translations().ungettext(one, many, count),
        newstyle=True,
    )


def choose_locale() -> str:
    """The reader's language: the one that a page was asked for in, else by `Accept-Language`; Chinese where nothing fits."""
    if not has_request_context():
        return LOCALES[0]
    chosen: str | None = g.get("language")
    return chosen or _preferred(request.headers.get("Accept-Language", "")[:_MOST_READ])


def choose_language(language: str) -> None:
    """Lets the request at hand be answered in a language that its reader has chosen."""
    g.language = language
    refresh()


@lru_cache(maxsize=256)
def _preferred(header: str) -> str:
    """Chinese, unless English in any of its kinds (`en-GB`) is liked better than Chinese in any of its."""
    liked = {"*": 0.0}
    for tag, quality in parse_accept_header(header):
        language = re.split("[-_]", tag.lower(), maxsplit=1)[0]
        liked[language] = max(quality, liked.get(language, 0.0))
    return max(LOCALES, key=lambda locale: liked.get(locale, liked["*"]))


def language_headers() -> dict[str, str]:
    """What an answer that holds words says of their language."""
    return {"Content-Language": choose_locale(), "Vary": "Accept-Language"}


class Words(str):
    """A sentence for readers. As a text it is what stands in the code, in English, as logs and documents have it;
    `said` puts it into the reader's language, for which the message and the values in it are kept apart.
    """

    __slots__ = ("message", "values")
    message: str
    values: Mapping[str, Any]


def words(message: str, **values: Any) -> Words:
    """Marks a message for the catalogue, under the name `_l`; values stand in it as `%(name)s` and may be words, too."""
    marked = Words(message % values if values else message)
    marked.message, marked.values = message, values
    return marked


def in_every_language(sentence: Words) -> list[str]:
    """A sentence in each language, for a reader of whom nothing is known."""
    told = []
    for locale in LOCALES:
        with force_locale(locale):
            told.append(said(sentence))
    return told


def speaker() -> Callable[[Words], str]:
    """Says sentences in the language of who asks; as they are where nobody does."""
    locale = get_locale()
    return str if locale is None else partial(_said, locale.language)


def said(sentence: Words) -> str:
    """A sentence in the language of who asks."""
    return speaker()(sentence)


def _said(language: str, sentence: Words) -> str:
    message = _translated(language, sentence.message)
    if not sentence.values:
        return message
    return message % {
        name: _said(language, one) if isinstance(one, Words) else one for name, one in sentence.values.items()
    }


@lru_cache(maxsize=8192)
def _translated(language: str, message: str) -> str:
    """A message in the reader's language, which is `language`: a thousand refusals or pages look it up once."""
    return str(get_translations().ugettext(message))


Kept = str | list[Any]
"""A sentence as JSON: its message, or that and its values."""


def kept(sentence: Words) -> Kept:
    """A sentence to be stored, and said to whoever reads it then."""
    return _apart(sentence) if sentence.values else sentence.message


def _apart(sentence: Words) -> list[Any]:
    values = {name: _apart(one) if isinstance(one, Words) else one for name, one in sentence.values.items()}
    return [sentence.message, values]


def said_again(sentence: Kept) -> str:
    """A stored sentence in the language of who asks now."""
    return said(words(sentence) if isinstance(sentence, str) else _together(*sentence))


def _together(message: str, values: Mapping[str, Any]) -> Words:
    return words(message, **{name: _together(*one) if isinstance(one, list) else one for name, one in values.items()})
