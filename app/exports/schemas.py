"""Bodies and queries of this room."""

from __future__ import annotations

from app.exports.lists import LISTS
from app.exports.rules import FORMATS, STATES
from app.foundation.http.fields import Body, Metadata, OneOf, page_query


class ExportBody(Body):
    """Which list, as what, and of it what its own query would show."""

    list = OneOf(tuple(LISTS), required=True)
    format = OneOf(FORMATS, load_default="csv")
    filter = Metadata(
        load_default=dict,
        example={"occurred_from": "2026-01-01T00:00:00+08:00"},
        metadata={"description": "As the query of the list takes it."},
    )


EXPORTS = page_query("exp", list=OneOf(tuple(LISTS)), status=OneOf(STATES))
