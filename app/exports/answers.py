"""What exports look like."""

from __future__ import annotations

from app.exports.lists import LISTS
from app.exports.rules import FORMATS, MEDIA_TYPES, STATES
from app.foundation.http.contract.shapes import (
    file_of,
    instant,
    integer,
    nullable,
    one_of,
    page_of,
    public_id,
    some_id,
    text,
    thing,
)

EXPORT = thing(
    "export",
    {
        "id": public_id("exp"),
        "list": one_of(*LISTS),
        "format": one_of(*FORMATS),
        "filter": {
            "type": "object",
            "additionalProperties": text(),
            "examples": [{"occurred_from": "2026-01-01T00:00:00+08:00"}],
        },
        "status": one_of(*STATES),
        "rows": integer(1200, minimum=0, description="That are written."),
        "size_bytes": integer(96_000, minimum=0),
        "downloads": integer(0, minimum=0),
        "download_path": {
            **nullable(text(f"/v1/exports/{some_id('exp')}/download")),
            "description": "Once it is done, for who has asked for it, until `expires_at`.",
        },
        "created_at": instant(),
        "finished_at": nullable(instant()),
        "expires_at": nullable(instant()),
    },
)
EXPORTS = page_of(EXPORT)
FILE = file_of(
    "ExportedFile",
    "The list: names of columns in the language of who asked, times of the district.",
    *dict.fromkeys(MEDIA_TYPES.values()),
)
