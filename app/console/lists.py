"""Lists: what an address asks for, checked as the API checks it, and where its other pages and its export are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from flask import request
from marshmallow import Schema
from werkzeug.datastructures import MultiDict

from app.foundation.http.validation import load
from app.foundation.problems import ValidationFailed
from app.pages.forms import Form, Readers

ROWS = 50
_AFTER, _BEFORE = "starting_after", "ending_before"
_CURSORS = {_AFTER, _BEFORE, "limit"}


@dataclass(frozen=True, slots=True)
class Listing:
    """What a list is asked for: `form` the texts of its filter with their flaws, `query` what queries of rooms take.

    A text that the API would refuse is named at its field and asks for nothing.
    """

    path: str
    form: Form
    query: Mapping[str, Any]
    exported_as: str = ""
    newer: str = ""
    older: str = ""

    @property
    def is_filtered(self) -> bool:
        """Whether it shows less than there is."""
        return any(self.form.texts.values())

    @property
    def export(self) -> str:
        """Where what is shown is exported."""
        if not self.exported_as:
            return ""
        return f"/console/exports/new?{urlencode([('of', self.exported_as), *self._filter()])}"

    def showing(self, ids: Sequence[Any], *, has_more: bool) -> Listing:
        """The same with the ways to its other pages, from the ids that are shown, newest first."""
        goes_back, goes_on = bool(self.query.get(_BEFORE)), bool(self.query.get(_AFTER))
        newer = self._at(_BEFORE, ids[0]) if ids and (goes_on or (goes_back and has_more)) else ""
        older = self._at(_AFTER, ids[-1]) if ids and (goes_back or has_more) else ""
        return Listing(self.path, self.form, self.query, self.exported_as, newer, older)

    def _at(self, cursor: str, at: Any) -> str:
        return f"{self.path}?{urlencode([*self._filter(), (cursor, at)])}"

    def _filter(self) -> list[tuple[str, str]]:
        return [(name, text) for name, text in self.form.texts.items(multi=True) if text]


def listing(path: str, schema: Schema, readers: Readers | None = None, *, exported_as: str = "") -> Listing:
    """What the address of the request at hand asks of a list at `path`, as `schema`, the API's query, takes it.

    `readers` make of texts what it wants, such as the beginning of a local day. Raises NotFound for ids that can't be.
    """
    sent = {name: text.strip() for name, text in request.args.items() if name in schema.fields and text.strip()}
    wanted = {name: (readers or {}).get(name, str)(text) for name, text in sent.items()}
    query, error = _checked(schema, wanted)
    texts = MultiDict([(name, text) for name, text in sent.items() if name not in _CURSORS])
    return Listing(path, Form(texts, error), {**query, "limit": ROWS}, exported_as)


def _checked(schema: Schema, wanted: dict[str, Any]) -> tuple[Mapping[str, Any], ValidationFailed | None]:
    try:
        return load(schema, wanted), None
    except ValidationFailed as error:
        flawed = {one.pointer.split("/")[1] for one in error.flaws}
        return load(schema, {name: value for name, value in wanted.items() if name not in flawed}), error
