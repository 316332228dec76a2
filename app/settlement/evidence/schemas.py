"""Queries of this wing."""

from __future__ import annotations

from app.foundation.http.fields import Body, OneOf
from app.settlement.evidence.files import FORMATS


class FileQuery(Body):
    """As what."""

    format = OneOf(FORMATS, required=True)
