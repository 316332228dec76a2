"""Times of day in bodies, and the daily windows between two of them."""

from __future__ import annotations

import re
from typing import Any

from marshmallow import validates_schema

from app.foundation.http.contract.shapes import Shape
from app.foundation.http.fields import Body, Text
from app.foundation.http.validation import Wrong
from app.foundation.i18n import words as _l

_CLOCK = re.compile(r"([01]\d|2[0-3]):[0-5]\d", re.ASCII)


class Clock(Text):
    """A time of day, `HH:MM`."""

    def __init__(self, **options: Any) -> None:
        super().__init__(5, **options)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **options: Any) -> str:
        text = super()._deserialize(value, attr, data, **options)
        if not _CLOCK.fullmatch(text):
            raise Wrong("invalid-clock", _l("A time of day HH:MM is needed."))
        return text

    def accepts(self) -> Shape:
        return {"type": "string", "pattern": "^([01][0-9]|2[0-3]):[0-5][0-9]$", "examples": ["18:00"]}


class DailyWindowBody(Body):
    start = Clock(required=True, data_key="from")
    until = Clock(required=True, data_key="to")

    @validates_schema
    def _lasts(self, data: dict[str, Any], **_: object) -> None:
        if data.get("start") == data.get("until"):
            raise Wrong("empty-window", _l("A window ends at another time than it starts."), "to")
