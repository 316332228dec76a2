"""Answers as JSON Schema (2020-12): the few words in which rooms say what theirs look like.

A shape with a `title` becomes a component of the document. Answers may gain properties with time, so none of them says
`additionalProperties: false`; the tests hold the present ones to what is written here.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

Shape = dict[str, Any]
NOTHING: Shape = {"not": {}}
"""What no value is. As a schema `false` says the same, but much-used generators of clients read objects only."""
INSTANT = "2026-01-01T12:15:00Z"
_HEX = "0193f2a1c0de7b5c9a4e2d6f81b3c507"
_UTC = r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$"


def text(example: str | None = None, **more: Any) -> Shape:
    """A text."""
    return {"type": "string", **more, **({} if example is None else {"examples": [example]})}


def integer(example: int = 0, **more: Any) -> Shape:
    """An integer: an amount in minor units, points, a count."""
    return {"type": "integer", **more, "examples": [example]}


def flag() -> Shape:
    """True or false."""
    return {"type": "boolean", "examples": [True]}


def instant(example: str = INSTANT) -> Shape:
    """An instant in UTC."""
    return {"type": "string", "format": "date-time", "pattern": _UTC, "examples": [example]}


def day(example: str = "2026-12-31") -> Shape:
    """A calendar date."""
    return {"type": "string", "format": "date", "examples": [example]}


def id_pattern(prefix: str) -> str:
    """What ids with a prefix look like."""
    return f"^{prefix}_[0-9a-f]{{32}}$"


def public_id(prefix: str) -> Shape:
    """An id of one kind."""
    return {"type": "string", "pattern": id_pattern(prefix)}


def some_id(prefix: str) -> str:
    """An id for examples."""
    return f"{prefix}_{_HEX}"


def one_of(*choices: str) -> Shape:
    """One of a few texts."""
    return {"type": "string", "enum": list(choices)}


def always(value: str) -> Shape:
    """One value and no other."""
    return {"type": "string", "const": value}


def nullable(shape: Shape) -> Shape:
    """Or null."""
    if "title" in shape or "type" not in shape:
        return {"anyOf": [shape, {"type": "null"}]}
    widened: Shape = {**shape, "type": [shape["type"], "null"]}
    if "enum" in shape:
        widened["enum"] = [*shape["enum"], None]
    return widened


def not_both(first: str, second: str) -> Shape:
    """What a body of two fields says that exclude each other."""
    given = {name: {"type": "string"} for name in (first, second)}
    return {"not": {"properties": given, "required": [first, second]}}


def list_of(shape: Shape, **more: Any) -> Shape:
    """A list."""
    return {"type": "array", "items": shape, **more}


def record(properties: Mapping[str, Shape], *, title: str | None = None, optional: Collection[str] = ()) -> Shape:
    """An object with these properties, all of them always there but the `optional` ones."""
    required = [name for name in properties if name not in optional]
    head: Shape = {} if title is None else {"title": title}
    return {**head, "type": "object", "properties": dict(properties), "required": required}


def thing(kind: str, properties: Mapping[str, Shape], *, optional: Collection[str] = ()) -> Shape:
    """What the API calls `object: kind`."""
    return record({"object": always(kind), **properties}, title=camel(kind), optional=optional)


def extended(shape: Shape, title: str, properties: Mapping[str, Shape]) -> Shape:
    """A shape with more properties, or others in place of its own."""
    required = [*shape["required"], *(name for name in properties if name not in shape["properties"])]
    return {**shape, "title": title, "properties": {**shape["properties"], **properties}, "required": required}


def without(shape: Shape, title: str, *names: str) -> Shape:
    """A shape that lacks some properties."""
    properties = {name: one for name, one in shape["properties"].items() if name not in names}
    required = [name for name in shape["required"] if name not in names]
    return {**shape, "title": title, "properties": properties, "required": required}


def page_of(shape: Shape) -> Shape:
    """One page of a list."""
    more = {"type": "boolean", "examples": [False]}
    properties = {"object": always("list"), "data": list_of(shape), "has_more": more}
    return record(properties, title=f"{shape['title']}List")


def batch_of(name: str, statuses: Collection[int], shape: Shape, **more: Shape) -> Shape:
    """What became of each item of a batch: under its `name` with one of `statuses`, or as a problem, which may say `more`."""
    index = integer(0, minimum=0)
    done = record({"index": index, "status": {"type": "integer", "enum": list(statuses)}, name: shape})
    telling = {**PROBLEM, "title": f"{camel(name)}Problem", "properties": {**PROBLEM["properties"], **more}}
    refused = record({"index": index, "status": _REFUSED, "problem": telling if more else PROBLEM})
    results = list_of({"title": f"{camel(name)}Result", "oneOf": [done, refused]})
    return record({"object": always("batch"), "results": results}, title=f"{camel(name)}Batch")


def camel(words: str) -> str:
    """`api_key` or `not-found` as `ApiKey`, `NotFound`."""
    return "".join(word[:1].upper() + word[1:] for word in words.replace("-", "_").split("_"))


PAGE: Shape = {"title": "Page", "description": "A page to read and to print."}
PICTURE: Shape = {"title": "Picture", "description": "The image, in the format that was asked for."}
"""Stands for an answer that is an image."""
FILE = "x-media-types"
"""In the shape of an answer that is a file: the types that it may have."""


def file_of(title: str, description: str, *media_types: str) -> Shape:
    """A file to be kept, of one of these types."""
    return {"title": title, "description": description, FILE: [one.partition(";")[0] for one in media_types]}


_REFUSED: Shape = {"type": "integer", "minimum": 400, "maximum": 599, "examples": [422]}
FLAW = record(
    {
        "pointer": text("/amount", description="JSON pointer (RFC 6901) to what is wrong."),
        "code": text("out-of-range"),
        "detail": text("From 0 to 10000000000 is accepted."),
    },
    title="Flaw",
)
PROBLEM: Shape = {
    **record(
        {
            "type": text("/problems/validation-failed", format="uri-reference"),
            "title": text("The input is not valid"),
            "status": _REFUSED,
            "detail": text("From 0 to 10000000000 is accepted."),
            "code": text("validation-failed"),
            "request_id": text("", description="Empty in the results of a batch: the header names the request."),
            "errors": list_of(FLAW),
        },
        title="Problem",
        optional=("errors",),
    ),
    "description": "A refusal (RFC 9457): nothing has been changed. `code` is stable, `type` leads to its page.",
}
