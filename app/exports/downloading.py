"""The file of an export as it is sent."""

from __future__ import annotations

from app.exports import queries
from app.exports.models import Export
from app.exports.rules import MEDIA_TYPES
from app.foundation.http.answers import Download


def file_of(row: Export, *, is_read: bool = True) -> Download:
    """An export as a file that is sent."""
    content = queries.file_of(row.district_id, row.id) if is_read else ()
    return Download(content, MEDIA_TYPES[row.format], f"{row.list}-{row.id[-8:]}.{row.format}")
