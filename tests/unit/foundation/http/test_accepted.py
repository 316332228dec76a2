from __future__ import annotations

from typing import Any

import pytest
from jsonschema import Draft202012Validator
from marshmallow import fields

from app.foundation.http.accepted import shape_as_kept, shape_of, shape_of_batch, shape_of_body
from app.foundation.http.batches import BatchOf
from app.foundation.http.fields import Body, Day, Flag, Id, Instant, Integer, ListOf, Metadata, Object, OneOf, Text
from tests.factories.nasty import refused

ZEROS = "0" * 32
FIELDS: tuple[tuple[fields.Field[Any], Any], ...] = (
    (Text(5), "abcde"),
    (Text(5), "a\nb"),
    (Text(5, least=0), ""),
    (Text(9, visible=True), "é 龙 x"),
    (Integer(1, 7), 7),
    (Flag(), False),
    (Instant(), "2026-01-01T20:15:00+08:00"),
    (Day(), "2026-01-01"),
    (Id("mem"), f"mem_{ZEROS}"),
    (OneOf(("a", "b")), "b"),
    (ListOf(Integer(), most=2), [1, 2]),
    (Metadata(), {"till": "7"}),
    (Text(5, allow_none=True), None),
    (OneOf(("a",), allow_none=True), None),
)


class Inner(Body):
    """What is
    inside."""

    size = Integer(required=True)


class OuterBody(Body):
    name = Text(10, required=True, example="x", metadata={"description": "A name."})
    kind = OneOf(("a", "b"), load_default="a")
    inner = Object(Inner, load_default=None, allow_none=True)
    renamed = Text(3, data_key="from")


@pytest.mark.parametrize(("field", "value"), FIELDS)
def test_what_a_field_accepts_its_shape_accepts(field: fields.Field[Any], value: Any) -> None:
    field.deserialize(value)
    assert Draft202012Validator(shape_of(field)).is_valid(value)


@pytest.mark.parametrize("field", [field for field, _ in FIELDS if not isinstance(field, Instant | Day)])
def test_what_a_field_refuses_its_shape_refuses(field: fields.Field[Any]) -> None:
    shape = Draft202012Validator(shape_of(field))
    for value in refused(field):
        if not isinstance(value, float) and value != f"mem_{ZEROS}" and not str(value).endswith("\n"):
            assert not shape.is_valid(value), value


def test_a_body_is_closed_and_says_what_it_needs() -> None:
    shape = shape_of_body(OuterBody())
    assert (shape["title"], shape["required"], shape["additionalProperties"]) == ("OuterBody", ["name"], False)
    properties = shape["properties"]
    assert (properties["name"]["examples"], properties["name"]["description"]) == (["x"], "A name.")
    assert properties["kind"] == {"type": ["string", "null"], "enum": ["a", "b", None], "default": "a"}
    assert properties.keys() == {"name", "kind", "inner", "from"}
    inner, null = properties["inner"]["anyOf"]
    assert (inner["title"], inner["description"], null) == ("Inner", "What is inside.", {"type": "null"})
    assert properties["inner"]["default"] is None


def test_a_batch_is_a_list_of_bodies() -> None:
    shape = shape_of_batch(BatchOf("things", Inner()))
    assert shape["required"] == ["things"]
    assert shape["properties"]["things"]["maxItems"] == 1000
    assert shape["properties"]["things"]["items"]["title"] == "Inner"


def test_what_is_kept_has_its_defaults_and_no_limits() -> None:
    shape = shape_as_kept(OuterBody())
    assert (shape["title"], shape["required"]) == ("Outer", ["name", "kind", "inner"])
    assert shape["properties"]["kind"] == {"type": "string", "enum": ["a", "b"]}
    assert shape["properties"]["name"] == {"type": "string", "examples": ["x"], "description": "A name."}
    assert "additionalProperties" not in shape
