"""Bodies and queries of this room."""

from __future__ import annotations

from typing import Any

from marshmallow import validates_schema

from app.exports.lists import LISTS
from app.exports.rules import FORMATS, STATES
from app.foundation.http.fields import Body, Id, Metadata, OneOf, page_query
from app.foundation.http.validation import Wrong
from app.foundation.i18n import words as _l


class ExportBody(Body):
    """Which list, as what, and of it what its own query would show; or the books of a closed period."""

    kind = OneOf(("list", "books"), load_default="list")
    list = OneOf(tuple(one for one in LISTS if one != "books"))
    period_id = Id("per")
    format = OneOf(FORMATS, load_default="csv")
    filter = Metadata(
        load_default=dict,
        example={"occurred_from": "2026-01-01T00:00:00+08:00"},
        metadata={"description": "As the query of the list takes it."},
    )

    @validates_schema
    def _is_one_of_both(self, data: dict[str, Any], **_: object) -> None:
        needed = "period_id" if data["kind"] == "books" else "list"
        if needed not in data:
            raise Wrong("required", _l("This field is needed."), needed)


EXPORTS = page_query("exp", list=OneOf(tuple(LISTS)), status=OneOf(STATES))
