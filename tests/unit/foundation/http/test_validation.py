"""From bytes to a checked body, and from marshmallow's messages to flaws with JSON pointers (RFC 6901)."""

from __future__ import annotations

from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.foundation.http.fields import Body, Id, Integer, ListOf, Metadata, Object, Text
from app.foundation.http.validation import MAX_FLAWS, load, parse_json
from app.foundation.problems import DomainError, MalformedJson, NotFound, ValidationFailed

HEX = "0193f0a1b2c37d4e8f90a1b2c3d4e5f6"


class Line(Body):
    amount = Integer(required=True)
    store_id = Id("str")


class Order(Body):
    reference = Text(10, required=True)
    lines = ListOf(Object(Line), most=1000)
    metadata = Metadata()
    store_id = Id("str")


ORDER = Order()


def refusal(body: Any) -> DomainError:
    with pytest.raises(DomainError) as caught:
        load(ORDER, body)
    return caught.value


def flaws(body: Any) -> set[tuple[str, str]]:
    return {(flaw.pointer, flaw.code) for flaw in refusal(body).flaws}


@pytest.mark.parametrize(
    ("data", "value"),
    [
        (b"{}", {}),
        (b' {"a": [1, null, true]}\n', {"a": [1, None, True]}),
        ('{"名": "街"}'.encode(), {"名": "街"}),
        (b"12", 12),
    ],
    ids=repr,
)
def test_json_is_read(data: bytes, value: Any) -> None:
    assert parse_json(data) == value


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b" ",
        b"{",
        b"{'a': 1}",
        b'{"a": 1,}',
        b"a=1",
        b'{"a": NaN}',
        b'{"a": Infinity}',
        b'{"a": 012}',
        b"{} {}",
        b'"\xff"',
        b'"\xed\xa0\x80"',
        b'"\\ud800"',
        b'"a\nb"',
        b"\xef\xbb\xbf{}",
        b"\0",
        b"[" * 100_000,
    ],
    ids=lambda data: repr(data[:12]),
)
def test_what_is_no_json(data: bytes) -> None:
    with pytest.raises(MalformedJson) as caught:
        parse_json(data)
    assert "at character" in caught.value.detail


def test_numbers_too_large_for_an_integer_are_none() -> None:
    value = parse_json(b'{"amount": 123456789012345678901234567890}')
    assert refusal({"reference": "x", "lines": [value]}).flaws[0].code == "invalid-type"


def test_a_body_that_is_valid() -> None:
    body = {"reference": "A1", "lines": [{"amount": 5}], "metadata": {"a/b": "c"}}
    assert load(ORDER, body) == body


@pytest.mark.parametrize(
    ("body", "wanted"),
    [
        ({}, {("/reference", "required")}),
        ({"reference": None}, {("/reference", "null")}),
        ({"reference": 1, "x": 1}, {("/reference", "invalid-type"), ("/x", "unknown-field")}),
        ({"reference": "a", "lines": {}}, {("/lines", "invalid-type")}),
        ({"reference": "a", "lines": [{"amount": 1}, 5]}, {("/lines/1", "invalid-type")}),
        (
            {"reference": "a", "lines": [{}, {"amount": "1"}]},
            {("/lines/0/amount", "required"), ("/lines/1/amount", "invalid-type")},
        ),
        ([], {("", "invalid-type")}),
        (None, {("", "invalid-type")}),
        ({"reference": "a", "metadata": {"k": 1}}, {("/metadata/k", "invalid-metadata")}),
        ({"reference": "a", "": 1}, {("/", "unknown-field")}),
        ({"reference": "a", "a/b": 1}, {("/a~1b", "unknown-field")}),
        ({"reference": "a", "a~b": 1}, {("/a~0b", "unknown-field")}),
        ({"reference": "a", "~1": 1}, {("/~01", "unknown-field")}),
        ({"reference": "a", "metadata": {"m~/n": 1}}, {("/metadata/m~0~1n", "invalid-metadata")}),
    ],
    ids=lambda value: "" if isinstance(value, set) else str(value),
)
def test_flaws_point_to_their_place(body: Any, wanted: set[tuple[str, str]]) -> None:
    assert flaws(body) == wanted


@given(st.text(min_size=1, max_size=12).filter(lambda name: name not in {"_schema", *Order().fields}))
def test_a_pointer_leads_back_to_the_field(name: str) -> None:
    [flaw] = refusal({"reference": "a", name: 1}).flaws
    steps = [step.replace("~1", "/").replace("~0", "~") for step in flaw.pointer.split("/")]
    assert steps == ["", name]


def test_one_flaw_speaks_for_itself_and_several_share_a_sentence() -> None:
    one, several = refusal({}), refusal({"x": 1})
    assert one.detail == one.flaws[0].detail
    assert several.detail == "Several fields are not valid."
    assert all(isinstance(error, ValidationFailed) for error in (one, several))


@pytest.mark.parametrize("store_id", [f"mer_{HEX}", "str_1", "str_" + "G" * 32])
def test_ids_that_name_nothing_are_not_found(store_id: str) -> None:
    error = refusal({"reference": "a", "store_id": store_id, "lines": [{"amount": 1, "store_id": store_id}]})
    assert isinstance(error, NotFound)
    assert {flaw.pointer for flaw in error.flaws} == {"/store_id", "/lines/0/store_id"}


def test_an_id_among_other_flaws_is_one_of_them() -> None:
    error = refusal({"store_id": "str_1"})
    assert isinstance(error, ValidationFailed)
    assert {flaw.code for flaw in error.flaws} == {"not-found", "required"}


def test_an_answer_names_a_hundred_flaws_at_most() -> None:
    error = refusal({"reference": "a", "lines": [{}] * 500})
    assert len(error.flaws) == MAX_FLAWS == 100


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"]), max_size=12),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["reference", "lines", "metadata", "store_id", "amount", "~", "_schema"]),
            inner,
            max_size=5,
        )
    ),
    max_leaves=12,
)


@given(JSON)
def test_any_json_is_loaded_or_refused_with_flaws(value: Any) -> None:
    body = parse_json(orjson.dumps(value))
    try:
        load(ORDER, body)
    except (ValidationFailed, NotFound) as error:
        assert error.flaws
        assert all(flaw.pointer == "" or flaw.pointer.startswith("/") for flaw in error.flaws)
        assert all(flaw.code and flaw.detail for flaw in error.flaws)
