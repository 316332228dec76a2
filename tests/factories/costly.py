"""Bodies of allowed size that ask for as much work as they can, made from the schemas that judge them; and how much it was."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from marshmallow import Schema, fields

from app.foundation.http.fields import Id, ListOf, Metadata, Object

LONG = "9" * 100_000
FILLERS: tuple[Any, ...] = ({}, [], None, 0, -1, 1.5, True, "", "x", LONG, [[]], {"": {}}, {LONG: 0}, "+86" + "1" * 37)


class Work:
    """How many values a schema has looked at."""

    def __init__(self) -> None:
        self.values = 0


@contextmanager
def counted() -> Iterator[Work]:
    """Counts what marshmallow looks at meanwhile."""
    work = Work()
    deserialize = fields.Field.deserialize

    def counting(self: fields.Field[Any], *args: Any, **options: Any) -> Any:
        work.values += 1
        return deserialize(self, *args, **options)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(fields.Field, "deserialize", counting)
        yield work


def worst_bodies(schema: Schema) -> Iterator[Any]:
    """Each filler everywhere, lists filled to the brim; many fields that there are not; and what is no object."""
    yield from FILLERS
    yield {f"{number}": 0 for number in range(100_000)}
    yield {**{f"{number}": None for number in range(100_000)}, **_filled(schema, {})}
    yield {LONG[number:]: 0 for number in range(10)}
    for filler in FILLERS:
        yield _filled(schema, filler)


def random_body(schema: Schema, dice: random.Random) -> Any:
    """A body in which every field is missing, right in its shape, or a filler."""
    body: dict[str, Any] = {}
    for name, one in schema.fields.items():
        if dice.random() < 0.8:
            body[one.data_key or name] = _random(one, dice)
    if dice.random() < 0.2:
        body |= {f"more-{number}": dice.choice(FILLERS) for number in range(dice.choice((1, 30, 3_000)))}
    return body


def _random(one: fields.Field[Any], dice: random.Random) -> Any:
    if isinstance(one, Object) and dice.random() < 0.9:
        return random_body(one.schema, dice)
    if isinstance(one, ListOf) and dice.random() < 0.9:
        piece = _random(one.inner, dice)
        return [piece] * dice.choice((1, one.most, one.most + 1))
    if isinstance(one, Id) and dice.random() < 0.5:
        return f"{one.prefix}_{dice.getrandbits(128):032x}"
    return dice.choice(FILLERS)


def _filled(schema: Schema, filler: Any) -> dict[str, Any]:
    return {one.data_key or name: _full(one, filler) for name, one in schema.fields.items()}


def _full(one: fields.Field[Any], filler: Any) -> Any:
    if isinstance(one, Object):
        return _filled(one.schema, filler)
    if isinstance(one, ListOf):
        return [_full(one.inner, filler)] * one.most
    if isinstance(one, Metadata):
        return {f"{number}": filler for number in range(50)}
    return filler
