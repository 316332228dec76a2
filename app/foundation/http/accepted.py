"""Bodies and queries as JSON Schema (2020-12), made from the marshmallow schemas that check them."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields, missing

from app.foundation.http.batches import MOST_ITEMS, BatchOf
from app.foundation.http.contract.shapes import Shape, list_of, nullable, record
from app.foundation.http.fields import ListOf, Object, StrictField, Text, null_means_default

_LIMITS = frozenset({"default", "minimum", "maximum", "minLength", "maxLength"})
"""What binds who sends and isn't promised to who reads: it may widen."""


def shape_of_body(schema: Schema) -> Shape:
    """What a body may be. A class's own docstring is its description; `more_shape` says what joins its fields."""
    shape = shape_of_object(schema)
    about = type(schema).__dict__.get("__doc__")
    more: Shape = getattr(schema, "more_shape", {})
    return {"title": type(schema).__name__, **({"description": _one_line(about)} if about else {}), **shape, **more}


def shape_of_object(schema: Schema) -> Shape:
    """The properties of a schema, closed."""
    named = {one.data_key or name: one for name, one in schema.fields.items()}
    shape: Shape = {"type": "object", "properties": {name: _in_body(one) for name, one in named.items()}}
    required = [name for name, one in named.items() if one.required]
    return {**shape, **({"required": required} if required else {}), "additionalProperties": False}


def _in_body(one: fields.Field[Any]) -> Shape:
    shape = shape_of(one)
    if not null_means_default(one):
        return shape
    default = {"default": shape.pop("default")} if "default" in shape else {}
    return {**nullable(shape), **default}


def shape_of_batch(batch: BatchOf) -> Shape:
    """A list of items under the batch's name."""
    items = {"type": "array", "items": shape_of_body(batch.schema), "maxItems": MOST_ITEMS}
    return {
        "type": "object",
        "properties": {batch.name: items},
        "required": [batch.name],
        "additionalProperties": False,
    }


def shape_as_kept(schema: Schema) -> Shape:
    """What is answered where a body is kept as it was accepted: defaults filled, the rest as it was sent."""
    named = {one.data_key or name: one for name, one in schema.fields.items()}
    optional = [name for name, one in named.items() if not one.required and one.load_default is missing]
    title = type(schema).__name__.removesuffix("Body")
    title_if_free = None if title == type(schema).__name__ else title
    return record({name: _as_kept(one) for name, one in named.items()}, title=title_if_free, optional=optional)


def _as_kept(one: fields.Field[Any]) -> Shape:
    if isinstance(one, Object):
        kept = shape_as_kept(one.schema)
        return nullable(kept) if one.allow_none else kept
    if isinstance(one, ListOf):
        return list_of(_as_kept(one.inner))
    dropped = {*_LIMITS, "pattern"} if isinstance(one, Text) else _LIMITS
    return {key: value for key, value in shape_of(one).items() if key not in dropped}


def shape_of(one: fields.Field[Any]) -> Shape:
    """What a field accepts: its type, then what its declaration adds (null, a default, examples, words)."""
    shape = {**_bare(one), **one.metadata}
    if one.allow_none:
        shape = nullable(shape)
    default = one.load_default() if callable(one.load_default) else one.load_default
    says_nothing = default is missing or default == {} or default is False
    if says_nothing or (default is None and not one.allow_none):
        return shape  # generators of clients can't write an empty object down; a flag left out is no
    return {**shape, "default": default}


def _bare(one: fields.Field[Any]) -> Shape:
    if isinstance(one, Object):
        return shape_of_body(one.schema)
    if isinstance(one, ListOf):
        least = {"minItems": one.least} if one.least else {}
        return {"type": "array", "items": shape_of(one.inner), **least, "maxItems": one.most}
    assert isinstance(one, StrictField), f"{type(one).__name__} doesn't say what it accepts"
    return one.accepts()


def _one_line(text: str) -> str:
    return " ".join(text.split())
