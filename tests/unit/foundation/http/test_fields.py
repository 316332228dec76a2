"""Fields with strict JSON types, each loaded alone: a value, or the code of its refusal."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from marshmallow import ValidationError, fields

from app.foundation.characters import hides
from app.foundation.figures.money import MAX_AMOUNT
from app.foundation.http.fields import (
    Body,
    Day,
    Flag,
    Id,
    Instant,
    Integer,
    ListOf,
    Metadata,
    Object,
    OneOf,
    QueryInteger,
    Text,
    page_query,
)
from app.foundation.http.validation import Reason

HEX = "0193f0a1b2c37d4e8f90a1b2c3d4e5f6"
NO_TEXTS = [12, 1.5, True, None, ["a"], {"a": 1}]
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


def load(field: fields.Field[Any], value: Any) -> Any:
    """What a field makes of a value. Raises ValidationError."""
    return field.deserialize(value)


def code_of(field: fields.Field[Any], value: Any) -> str:
    """The code of the refusal of a value."""
    with pytest.raises(ValidationError) as caught:
        field.deserialize(value)
    messages = caught.value.messages
    assert isinstance(messages, list)
    [reason] = messages
    assert isinstance(reason, Reason)
    return reason.code


@pytest.mark.parametrize("value", [0, 1, 12800, MAX_AMOUNT])
def test_amounts(value: int) -> None:
    assert load(Integer(), value) == value


@pytest.mark.parametrize(
    ("value", "code"),
    [
        ("12", "invalid-type"),
        ("", "invalid-type"),
        (1.5, "invalid-type"),
        (12.0, "invalid-type"),
        (1e20, "invalid-type"),
        (float("nan"), "invalid-type"),
        (float("inf"), "invalid-type"),
        (True, "invalid-type"),
        (False, "invalid-type"),
        ([12], "invalid-type"),
        ({"amount": 12}, "invalid-type"),
        (None, "null"),
        (-1, "out-of-range"),
        (MAX_AMOUNT + 1, "out-of-range"),
        (10**400, "out-of-range"),
    ],
    ids=lambda value: repr(value)[:12],
)
def test_what_is_no_amount(value: Any, code: str) -> None:
    assert code_of(Integer(), value) == code


@pytest.mark.parametrize(("value", "fits"), [(0, False), (1, True), (7, True), (8, False)])
def test_integers_have_bounds(value: int, fits: bool) -> None:
    if fits:
        assert load(Integer(1, 7), value) == value
    else:
        assert code_of(Integer(1, 7), value) == "out-of-range"


@given(JSON)
def test_an_integer_comes_out_as_it_went_in_or_not_at_all(value: Any) -> None:
    try:
        loaded = load(Integer(), value)
    except ValidationError:
        return
    assert type(loaded) is int
    assert loaded is value
    assert 0 <= loaded <= MAX_AMOUNT


@pytest.mark.parametrize(
    "value",
    [
        "a",
        "湖滨步行街",
        "two words",
        " ",
        "line\nend",
        "tab\there",
        "a\r\nb",
        "😀",
        "x" * 10,
        "漢" * 10,
        "a\u00a0b",
    ],
    ids=repr,
)
def test_texts(value: str) -> None:
    assert load(Text(10), value) == value


@pytest.mark.parametrize(
    "mark", [*map(chr, range(9)), "\v", "\f", *map(chr, range(14, 32)), "\x7f", "\x80", "\x9f"], ids=repr
)
def test_control_characters_are_in_no_text(mark: str) -> None:
    assert hides(mark)
    assert code_of(Text(10), f"a{mark}b") == "invalid-characters"
    assert code_of(Text(10, visible=True), f"a{mark}b") == "invalid-characters"


@pytest.mark.parametrize(("value", "code"), [("", "invalid-length"), ("x" * 11, "invalid-length")], ids=repr)
def test_texts_have_lengths(value: str, code: str) -> None:
    assert code_of(Text(10), value) == code


def test_lengths_are_counted_in_characters() -> None:
    assert load(Text(3, least=3), "😀漢a") == "😀漢a"
    assert code_of(Text(3, least=3), "ab") == "invalid-length"
    assert load(Text(3, least=0), "") == ""


@pytest.mark.parametrize("value", NO_TEXTS, ids=repr)
def test_what_is_no_text(value: Any) -> None:
    wanted = "null" if value is None else "invalid-type"
    for field in (Text(10), Instant(), Day(), Id("mem"), OneOf(("a",))):
        assert code_of(field, value) == wanted


@pytest.mark.parametrize(
    ("value", "is_visible"),
    [
        ("A101-20260101-0001", True),
        ("!~", True),
        ("单号 一", True),
        ("a b", True),
        ("a  b", True),
        (" a", False),
        ("a ", False),
        (" ", False),
        ("a\tb", False),
        ("a\nb", False),
        ("a\n", False),
        ("\u00a0a", False),
        ("A101-0001\u200b", False),
        ("\ufeffA101-0001", False),
    ],
    ids=repr,
)
def test_visible_texts(value: str, is_visible: bool) -> None:
    if is_visible:
        assert load(Text(255, visible=True), value) == value
    else:
        assert code_of(Text(255, visible=True), value) == "invalid-characters"


def test_flags() -> None:
    assert load(Flag(), True) is True
    assert load(Flag(), False) is False
    for value in (0, 1, "true", "", [], {}):
        assert code_of(Flag(), value) == "invalid-type"


def test_instants_come_out_in_utc() -> None:
    assert load(Instant(), "2026-01-01T20:15:00+08:00") == datetime(2026, 1, 1, 12, 15, tzinfo=UTC)


@pytest.mark.parametrize(
    "value", ["2026-01-01T20:15:00", "2026-01-01", "1767269700", "yesterday", "", "0" * 5000], ids=str
)
def test_what_is_no_instant_with_an_offset(value: str) -> None:
    assert code_of(Instant(), value) == "invalid-instant"


def test_days() -> None:
    assert load(Day(), "2024-02-29") == date(2024, 2, 29)


@pytest.mark.parametrize(
    "value",
    [
        "2026-02-29",
        "2026-1-1",
        "20260101",
        "2026-W01-1",
        "2026-001",
        "2026/01/01",
        "2026-01-01T00:00:00Z",
        "",
        "2026-01-01\n",
        "２０２６-01-01",
        "0000-01-01",
        "2026-00-10",
    ],
    ids=repr,
)
def test_what_is_no_day(value: str) -> None:
    assert code_of(Day(), value) == "invalid-date"


def test_ids() -> None:
    assert load(Id("mem"), f"mem_{HEX}") == f"mem_{HEX}"


@pytest.mark.parametrize("value", [f"mer_{HEX}", HEX, "mem_", "", f"mem_{HEX}0", f"MEM_{HEX}", "mem_\0"], ids=repr)
def test_an_id_of_another_shape_names_nothing(value: str) -> None:
    assert code_of(Id("mem"), value) == "not-found"


def test_one_of_a_few() -> None:
    field = OneOf(("live", "sandbox"))
    assert load(field, "live") == "live"
    for value in ("Live", "live ", "", "l"):
        assert code_of(field, value) == "not-a-choice"


def test_lists() -> None:
    field = ListOf(Integer(1, 7), most=3, least=1)
    assert load(field, [1, 7, 1]) == [1, 7, 1]
    for value in ([], [1, 2, 3, 4]):
        assert code_of(field, value) == "invalid-length"
    for value in ("123", {"0": 1}, (1,), 1, True):
        assert code_of(field, value) == "invalid-type"
    assert code_of(field, None) == "null"


def test_flaws_inside_a_list_name_their_place() -> None:
    with pytest.raises(ValidationError) as caught:
        load(ListOf(Integer(1, 7), most=5), [1, "2", 3, 9])
    assert {place: one[0].code for place, one in caught.value.messages_dict.items()} == {
        1: "invalid-type",
        3: "out-of-range",
    }


class Inner(Body):
    amount = Integer(required=True)


class Outer(Body):
    inner = Object(Inner)


@pytest.mark.parametrize(
    ("body", "messages"),
    [
        ({"inner": []}, {"inner": {"_schema": "invalid-type"}}),
        ({"inner": "x"}, {"inner": {"_schema": "invalid-type"}}),
        ({"inner": None}, {"inner": "null"}),
        ({"inner": {}}, {"inner": {"amount": "required"}}),
        ({"inner": {"amount": 1, "extra": 2}}, {"inner": {"extra": "unknown-field"}}),
        ({"extra": 1}, {"extra": "unknown-field"}),
    ],
    ids=str,
)
def test_objects_refuse_what_they_do_not_know(body: dict[str, Any], messages: dict[str, Any]) -> None:
    with pytest.raises(ValidationError) as caught:
        Outer().load(body)
    assert _codes(caught.value.messages) == messages


class Defaults(Body):
    needed = Integer(required=True)
    plain = Integer()
    kept = Integer(load_default=None, allow_none=True)
    count = Integer(load_default=3)
    things = ListOf(Text(5), most=2, load_default=list, data_key="of")


def test_null_is_as_good_as_leaving_out_what_has_a_default() -> None:
    loaded = Defaults().load({"needed": 1, "kept": None, "count": None, "of": None})
    assert loaded == Defaults().load({"needed": 1}) == {"needed": 1, "kept": None, "count": 3, "things": []}
    with pytest.raises(ValidationError) as caught:
        Defaults().load({"needed": None, "plain": None, "things": None})
    assert _codes(caught.value.messages) == {"needed": "null", "plain": "null", "things": "unknown-field"}


def _codes(messages: Any) -> Any:
    if isinstance(messages, dict):
        return {name: _codes(inner) for name, inner in messages.items()}
    [reason] = messages if isinstance(messages, list) else [messages]
    code: str = reason.code
    return code


@pytest.mark.parametrize("body", [None, [], "x", 1, True, [{"inner": {}}]], ids=repr)
def test_a_body_is_an_object(body: Any) -> None:
    with pytest.raises(ValidationError) as caught:
        Outer().load(body)
    assert _codes(caught.value.messages) == {"_schema": "invalid-type"}


@pytest.mark.parametrize(
    "value",
    [{}, {"a": ""}, {"k" * 40: "v" * 500}, {str(key): "x" for key in range(50)}, {"漢": "line\nend"}],
    ids=lambda value: f"{len(value)} keys",
)
def test_metadata(value: dict[str, str]) -> None:
    assert load(Metadata(), value) == value


@pytest.mark.parametrize(
    ("value", "wrong"),
    [
        ({"": "x"}, [""]),
        ({"k" * 41: "x"}, ["k" * 41]),
        ({"a": "v" * 501, "b": "fine"}, ["a"]),
        ({"a": 1, "b": None, "c": True, "d": ["x"], "e": {}}, ["a", "b", "c", "d", "e"]),
        ({"a": "x\0"}, ["a"]),
        ({"a\0": "x"}, ["a\0"]),
        ({"a\0": 1}, ["a\0"]),
    ],
    ids=lambda value: repr(value)[:20],
)
def test_metadata_that_does_not_fit(value: dict[str, Any], wrong: list[str]) -> None:
    with pytest.raises(ValidationError) as caught:
        load(Metadata(), value)
    assert list(caught.value.messages_dict) == wrong


def test_metadata_has_a_size_and_a_type() -> None:
    assert code_of(Metadata(), {str(key): "x" for key in range(51)}) == "invalid-length"
    assert code_of(Metadata(), [["a", "b"]]) == "invalid-type"
    assert code_of(Metadata(), "a=b") == "invalid-type"


def test_metadata_is_a_copy() -> None:
    given_by_caller = {"a": "b"}
    assert load(Metadata(), given_by_caller) is not given_by_caller


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("0", "out-of-range"),
        ("101", "out-of-range"),
        ("-5", "out-of-range"),
        ("", "invalid-type"),
        ("1.0", "invalid-type"),
        ("1e1", "invalid-type"),
        ("+5", "invalid-type"),
        (" 5", "invalid-type"),
        ("5\n", "invalid-type"),
        ("5_0", "invalid-type"),
        ("٥", "invalid-type"),
        ("9" * 13, "invalid-type"),
        ("ten", "invalid-type"),
    ],
    ids=repr,
)
def test_integers_in_a_query(text: str, code: str) -> None:
    assert load(QueryInteger(1, 100), "100") == 100
    assert code_of(QueryInteger(1, 100), text) == code


def test_the_query_of_a_list() -> None:
    query = page_query("mer", zone=Text(10))
    assert query.load({}) == {}
    assert query.load({"limit": "5", "starting_after": f"mer_{HEX}", "zone": "east"}) == {
        "limit": 5,
        "starting_after": f"mer_{HEX}",
        "zone": "east",
    }
    with pytest.raises(ValidationError) as caught:
        query.load({"limit": "0", "ending_before": f"str_{HEX}", "page": "2"})
    assert _codes(caught.value.messages) == {
        "limit": "out-of-range",
        "ending_before": "not-found",
        "page": "unknown-field",
    }
