"""Examples made from schemas: the values that leaves name, put together."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from app.foundation.http.contract.shapes import INSTANT, Shape, some_id

_ID = re.compile(r"\^(\w+)_\[0-9a-f\]\{32\}\$")
_BY_FORMAT = {"date-time": INSTANT, "date": "2026-01-01", "uri": "https://example.com/"}


def example_of(shape: Shape) -> Any:
    """A value of a shape. Of an object's properties those that are required or name an example themselves."""
    for key in ("examples", "enum"):
        if key in shape:
            return shape[key][0]
    if "const" in shape:
        return shape["const"]
    if "type" not in shape:
        [first, *_] = shape["oneOf"] if "oneOf" in shape else shape["anyOf"]
        return example_of(first)
    kind = shape["type"] if isinstance(shape["type"], str) else shape["type"][0]
    return _BY_TYPE[kind](shape)


def _object(shape: Shape) -> dict[str, Any]:
    required = set(shape.get("required", ()))
    return {
        name: example_of(one)
        for name, one in shape.get("properties", {}).items()
        if name in required or "examples" in one
    }


def _array(shape: Shape) -> list[Any]:
    return [] if shape.get("maxItems") == 0 else [example_of(shape["items"])]


def _text(shape: Shape) -> str:
    found = _ID.fullmatch(shape.get("pattern", ""))
    if found:
        return some_id(found[1])
    return _BY_FORMAT.get(shape.get("format", ""), "text")


def _integer(shape: Shape) -> int:
    return int(max(shape.get("minimum", 0), min(shape.get("maximum", 100), 100)))


_BY_TYPE: dict[str, Callable[[Shape], Any]] = {
    "object": _object,
    "array": _array,
    "string": _text,
    "integer": _integer,
    "boolean": lambda shape: True,
    "null": lambda shape: None,
}
