"""Lists: what an address asks for, checked as the API checks it, and where its other pages and its export are."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple
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
SORT = "sort"


class Head(NamedTuple):
    """The head of a column by which a list is sorted at a click: where that leads, and how it is sorted now."""

    to: str
    direction: str


@dataclass(frozen=True, slots=True)
class Listing:
    """What a list is asked for: `form` the texts of its filter with their flaws, `query` what queries of rooms take; `own_sorts`
    are of the page alone.

    A text that the API would refuse is named at its field and asks for nothing.
    """

    path: str
    form: Form
    query: Mapping[str, Any]
    exported_as: str = ""
    newer: str = ""
    older: str = ""
    own_sorts: Collection[str] = ()

    @property
    def is_filtered(self) -> bool:
        """Whether it shows less than there is."""
        return any(text for name, text in self._filter() if name != SORT)

    @property
    def sort(self) -> str:
        """By what it is sorted; nothing for the newest first."""
        return str(self.query.get(SORT) or "")

    def heads(self, columns: Mapping[str, str], rising: Collection[str] = ()) -> dict[str, Head]:
        """Heads by the names of columns, for what they are sorted by: at the first click from the greatest, or `rising`."""
        return {name: self._head(by, is_rising=name in rising) for name, by in columns.items()}

    def _head(self, by: str, *, is_rising: bool) -> Head:
        rising, falling = by, f"-{by}"
        now = {rising: "ascending", falling: "descending"}.get(self.sort, "")
        wanted = (falling if now == "ascending" else rising) if now else rising if is_rising else falling
        others = [one for one in self._filter() if one[0] != SORT]
        return Head(f"{self.path}?{urlencode([*others, (SORT, wanted)])}", now)

    @property
    def export(self) -> str:
        """Where what is shown is exported."""
        if not self.exported_as:
            return ""
        told = [(name, text) for name, text in self._filter() if name != SORT or text not in self.own_sorts]
        return f"/console/exports/new?{urlencode([('of', self.exported_as), *told])}"

    def showing(self, ids: Sequence[Any], *, has_more: bool) -> Listing:
        """The same with the ways to its other pages, from the ids that are shown, newest first."""
        goes_back, goes_on = bool(self.query.get(_BEFORE)), bool(self.query.get(_AFTER))
        newer = self._at(_BEFORE, ids[0]) if ids and (goes_on or (goes_back and has_more)) else ""
        older = self._at(_AFTER, ids[-1]) if ids and (goes_back or has_more) else ""
        return replace(self, newer=newer, older=older)

    def _at(self, cursor: str, at: Any) -> str:
        return f"{self.path}?{urlencode([*self._filter(), (cursor, at)])}"

    def _filter(self) -> list[tuple[str, str]]:
        return [(name, text) for name, text in self.form.texts.items(multi=True) if text]


def listing(
    path: str, schema: Schema, readers: Readers | None = None, *, exported_as: str = "", sorts: Collection[str] = ()
) -> Listing:
    """What the address of the request at hand asks of a list at `path`, as `schema`, the API's query, takes it.

    `readers` make of texts what it wants, such as the beginning of a local day. `sorts`: of the page alone, beside the API's.
    Raises NotFound for ids that can't be.
    """
    sent = {name: text.strip() for name, text in request.args.items() if name in schema.fields and text.strip()}
    if request.args.get(SORT) in sorts:
        sent.pop(SORT, None)
    wanted = {name: (readers or {}).get(name, str)(text) for name, text in sent.items()}
    query, error = _checked(schema, wanted)
    if (sort := request.args.get(SORT, "")) in sorts:
        sent, query = {**sent, SORT: sort}, {**query, SORT: sort}
    texts = MultiDict([(name, text) for name, text in sent.items() if name not in _CURSORS])
    return Listing(path, Form(texts, error), {**query, "limit": ROWS}, exported_as, own_sorts=sorts)


def _checked(schema: Schema, wanted: dict[str, Any]) -> tuple[Mapping[str, Any], ValidationFailed | None]:
    try:
        return load(schema, wanted), None
    except ValidationFailed as error:
        flawed = {one.pointer.split("/")[1] for one in error.flaws}
        return load(schema, {name: value for name, value in wanted.items() if name not in flawed}), error
