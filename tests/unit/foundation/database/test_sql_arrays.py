"""Arrays, read back by small readers: of PostgreSQL's grammar of literals (documentation, 8.15.2 and 8.15.6), and of
what `array_recv` takes."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from struct import unpack_from

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from app.foundation.database.sql_arrays import (
    Packed,
    bytes_array,
    id_array,
    instant_array,
    json_array,
    number_array,
    text_array,
)

HEX = "0193f0a1b2c37d4e8f90a1b2c3d4e5f6"
TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=30)
NASTY = st.text(st.sampled_from("\\\"{},' \t\nNULLx漢😀"), max_size=20)


def read_array(literal: str) -> list[str | None]:
    """The elements of a one-dimensional array literal. Raises ValueError where PostgreSQL would refuse it."""
    if not (literal.startswith("{") and literal.endswith("}")):
        raise ValueError("an array stands in braces")
    if literal == "{}":
        return []
    elements: list[str | None] = []
    place = 1
    while True:
        if literal[place] == '"':
            element, place = _quoted(literal, place + 1)
            elements.append(element)
        else:
            element, place = _bare(literal, place)
            elements.append(None if element.upper() == "NULL" else element)
        if literal[place] == "}":
            break
        if literal[place] != ",":
            raise ValueError(f"unexpected {literal[place]!r} after an element")
        place += 1
    if place != len(literal) - 1:
        raise ValueError("junk after the closing brace")
    return elements


def _quoted(literal: str, place: int) -> tuple[str, int]:
    read = []
    while literal[place] != '"':
        if literal[place] == "\\":
            place += 1
        read.append(literal[place])
        place += 1
    return "".join(read), place + 1


def _bare(literal: str, place: int) -> tuple[str, int]:
    start = place
    while literal[place] not in ",}":
        if literal[place] in '{"\\' or literal[place].isspace():
            raise ValueError("this character needs quotes")
        place += 1
    if place == start:
        raise ValueError("an empty element needs quotes")
    return literal[start:place], place


def read_packed(array: Packed | None, type_: int, length: int) -> list[bytes | None]:
    """The elements of a one-dimensional array in the binary format. Raises ValueError where PostgreSQL would refuse it."""
    if array is None:
        return [None] * length
    dimensions, has_nulls, of, size, first = unpack_from(">iiiii", array)
    if (dimensions, of, size, first) != (1, type_, length, 1):
        raise ValueError("another head is needed")
    elements: list[bytes | None] = []
    place = 20
    for _ in range(size):
        [many] = unpack_from(">i", array, place)
        elements.append(None if many < 0 else array[place + 4 : place + 4 + many])
        place += 4 + max(many, 0)
    if place != len(array) or has_nulls != (None in elements):
        raise ValueError("the head doesn't tell what follows")
    return elements


def read_back(literal: str | None, length: int) -> list[str | None]:
    """Elements as `unnest` gives them beside columns of `length` rows: NULL is padded."""
    return [None] * length if literal is None else read_array(literal)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "NULL",
        "null",
        "a,b",
        "{x}",
        'say "no"',
        "back\\slash",
        "\\",
        '"',
        '\\"',
        "\\x00",
        " ",
        "a\nb",
        "漢字",
        "'",
    ],
    ids=repr,
)
def test_a_text_comes_back(text: str) -> None:
    literal = text_array([text])
    assert literal is not None
    assert read_array(literal) == [text]


@given(st.lists(st.none() | TEXTS | NASTY, max_size=8))
@example([None, "NULL"])
@example(["", None, ""])
def test_any_texts_come_back(texts: list[str | None]) -> None:
    assert read_back(text_array(texts), len(texts)) == texts


@given(st.lists(st.none() | st.integers(-(2**63), 2**63 - 1), max_size=8))
def test_numbers_come_back(numbers: list[int | None]) -> None:
    read = read_back(number_array(numbers), len(numbers))
    assert [None if one is None else int(one) for one in read] == numbers


@given(st.lists(st.none() | st.binary(max_size=20), max_size=8))
def test_bytes_come_back(values: list[bytes | None]) -> None:
    assert read_packed(bytes_array(values), 17, len(values)) == values


@given(
    st.lists(st.none() | st.datetimes(timezones=st.just(UTC)), max_size=8),
)
def test_instants_come_back(instants: list[datetime | None]) -> None:
    read = read_back(instant_array(instants), len(instants))
    assert [None if one is None else datetime.fromisoformat(one) for one in read] == instants


@given(st.lists(st.none() | st.uuids().map(lambda one: f"txn_{one.hex}"), max_size=8))
def test_ids_lose_their_prefix(ids: list[str | None]) -> None:
    read = read_packed(id_array(ids), 2950, len(ids))
    assert [None if one is None else one.hex() for one in read] == [None if one is None else one[4:] for one in ids]


@given(st.lists(st.none() | st.dictionaries(st.text('ab\\"漢'), st.integers(0, 9)), max_size=8))
def test_json_comes_back_after_its_version(values: list[dict[str, int] | None]) -> None:
    read = read_packed(json_array(values), 3802, len(values))
    assert all(one is None or one[:1] == b"\x01" for one in read)
    assert [None if one is None else json.loads(one[1:]) for one in read] == values


def test_bare_hexadecimal_ids_stay() -> None:
    assert id_array([HEX]) == id_array([f"mem_{HEX}"])
    assert read_packed(id_array([HEX]), 2950, 1) == [bytes.fromhex(HEX)]


@pytest.mark.parametrize("text", ["mem_", f"mem_{HEX[:-1]} ", f"{HEX[:-2]} 1", f"{HEX[:-1]}x"])
def test_what_is_no_id_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        id_array([text])


@pytest.mark.parametrize("make", [id_array, number_array, instant_array, bytes_array, json_array, text_array])
def test_nothing_is_an_empty_array_and_only_none_is_null(make) -> None:  # type: ignore[no-untyped-def]
    array = make([])
    assert array == "{}" or (type(array) is Packed and read_packed(array, unpack_from(">i", array, 8)[0], 0) == [])
    assert make([None]) is None
    assert make([None, None]) is None


def test_none_beside_a_value_is_the_bare_word() -> None:
    assert text_array([None, "NULL"]) == '{null,"NULL"}'
    assert number_array([1, None, -2]) == "{1,null,-2}"
    assert instant_array([datetime(2026, 1, 1, tzinfo=UTC), None]) == '{"2026-01-01T00:00:00+00:00",null}'


@pytest.mark.parametrize("literal", ["", "{", "{a b}", "{,}", "{a,}", '{"a"b}', "{a}b}", "{a{b}"], ids=repr)
def test_the_reader_of_this_test_is_strict(literal: str) -> None:
    with pytest.raises((ValueError, IndexError)):
        read_array(literal)
