"""Bodies of this room."""

from __future__ import annotations

from typing import Any, ClassVar

from marshmallow import validates_schema

from app.foundation.http.contract.shapes import Shape
from app.foundation.http.fields import Body, Instant, Integer
from app.foundation.http.validation import Wrong
from app.foundation.i18n import words as _l
from app.sandbox.rules import MOST_YEARS

MOST_SECONDS = MOST_YEARS * 366 * 86_400


def _only(name: str, kind: str) -> Shape:
    return {"properties": {name: {"type": kind}}, "required": [name]}


WAYS = {"advance_seconds": "integer", "advance_to": "string", "begin_at": "string"}


class AdvanceBody(Body):
    """By some seconds, or to an instant; or where a new sandbox begins."""

    more_shape: ClassVar[Shape] = {"oneOf": [_only(name, kind) for name, kind in WAYS.items()]}

    advance_seconds = Integer(1, MOST_SECONDS, load_default=None, allow_none=True, example=86_400)
    advance_to = Instant(load_default=None, allow_none=True)
    begin_at = Instant(load_default=None, allow_none=True)

    @validates_schema
    def _one(self, data: dict[str, Any], **_: object) -> None:
        given = [name for name in WAYS if data.get(name) is not None]
        if not given:
            raise Wrong("required", _l("How far? advance_seconds or advance_to is needed."), "advance_seconds")
        if len(given) > 1:
            raise Wrong("one-at-most", _l("One of %(names)s, not several.", names=", ".join(WAYS)), given[1])
