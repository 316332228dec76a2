"""."""

from __future__ import annotations

import pytest
from jsonschema import Draft202012Validator

from app.foundation.http.contract.components import Components
from app.foundation.http.contract.examples import example_of
from app.foundation.http.contract.shapes import (
    PROBLEM,
    Shape,
    batch_of,
    camel,
    day,
    extended,
    flag,
    instant,
    integer,
    list_of,
    not_both,
    nullable,
    one_of,
    page_of,
    public_id,
    record,
    text,
    thing,
    without,
)

THING = thing(
    "old_thing",
    {
        "id": public_id("mer"),
        "name": text("x"),
        "size": nullable(integer(3)),
        "kind": nullable(one_of("a", "b")),
        "at": instant(),
        "on": day(),
        "good": flag(),
        "why": text(),
        "inner": nullable(record({"tags": list_of(text("y"))})),
    },
    optional=("why",),
)


@pytest.mark.parametrize("shape", [THING, page_of(THING), batch_of("thing", (200, 201), THING), PROBLEM])
def test_an_example_is_what_its_shape_says(shape: Shape) -> None:
    Draft202012Validator.check_schema(shape)
    assert Draft202012Validator(shape).is_valid(example_of(shape))


def test_a_thing_says_what_it_is() -> None:
    example = example_of(THING)
    assert (THING["title"], example["object"]) == ("OldThing", "old_thing")
    assert "why" not in example
    assert "why" not in THING["required"]


@pytest.mark.parametrize("name", ["size", "kind", "inner"])
def test_null_is_allowed_where_it_is_said(name: str) -> None:
    validator = Draft202012Validator(THING)
    assert validator.is_valid({**example_of(THING), name: None})
    assert not validator.is_valid({**example_of(THING), "name": None})


def test_a_batch_s_result_is_one_of_both() -> None:
    validator = Draft202012Validator(batch_of("thing", (200,), THING))
    good, bad = {"index": 0, "status": 200, "thing": example_of(THING)}, example_of(PROBLEM)
    for result, is_valid in (
        (good, True),
        ({**good, "status": 422}, False),
        ({"index": 0, "status": 422, "problem": bad}, True),
        ({"index": 0, "status": 200, "problem": bad}, False),
    ):
        assert validator.is_valid({"object": "batch", "results": [result]}) is is_valid


def test_shapes_grow_and_shrink() -> None:
    more = extended(THING, "New", {"secret": text("s"), "name": integer()})
    assert (more["title"], more["properties"]["name"]["type"]) == ("New", "integer")
    assert more["required"] == [*THING["required"], "secret"]
    less = without(THING, "Less", "name", "why")
    assert {"name", "why"}.isdisjoint(less["properties"])
    assert "name" not in less["required"]
    assert "name" in THING["required"]


def test_fields_that_exclude_each_other() -> None:
    validator = Draft202012Validator(not_both("a", "b"))
    assert all(map(validator.is_valid, ({}, {"a": "x"}, {"b": "x"}, {"a": "x", "b": None})))
    assert not validator.is_valid({"a": "x", "b": "y"})


def test_names() -> None:
    assert [camel(one) for one in ("api_key", "not-found", "Store")] == ["ApiKey", "NotFound", "Store"]


def test_shapes_with_a_title_become_components() -> None:
    components = Components()
    inner: Shape = {"title": "Inner", **record({"title": text("a title")})}
    outer = record({"one": {**inner, "default": {}}, "two": nullable(inner)}, title="Outer")
    assert components.hoisted(outer) == {"$ref": "#/components/schemas/Outer"}
    assert components.schemas["Outer"]["properties"] == {
        "one": {"$ref": "#/components/schemas/Inner", "default": {}},
        "two": {"anyOf": [{"$ref": "#/components/schemas/Inner"}, {"type": "null"}]},
    }
    assert components.schemas["Inner"]["properties"]["title"]["examples"] == ["a title"]


def test_two_shapes_of_one_name_are_refused() -> None:
    components = Components()
    components.hoisted(record({"a": text()}, title="Same"))
    with pytest.raises(ValueError, match="Same"):
        components.hoisted(record({"b": text()}, title="Same"))


def test_examples_are_left_as_they_are() -> None:
    shape = {"type": "object", "examples": [{"title": "not a shape", "type": "x"}]}
    assert Components().hoisted(shape) == shape
