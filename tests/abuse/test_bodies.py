"""Bodies that two readers could read differently: refused, and nothing of them is done."""

from __future__ import annotations

from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.foundation.http.validation import parse_json
from app.foundation.problems import MalformedJson
from tests.factories.api import Api
from tests.factories.districts import District
from tests.factories.problems import check_problem

SALES = "/v1/transactions"


def text(district: District) -> bytes:
    return orjson.dumps(district.sale(metadata={"note": "a"}))


@pytest.mark.parametrize(
    ("once", "twice"),
    [
        (b'{"reference"', b'{"amount":1,"reference"'),
        (b'"note":"a"', b'"note":"a","note":"a"'),
        (b'"note":"a"', b'"note":"\\u0022\\u0022","note":"a"'),
        (b'"note":"a"', rb'"n\u006fte":"b","note":"a"'),
        (b'"note":"a"', rb'"":"\u0022\u0022\u0022\u0022","":"\\u0022"'),
    ],
)
def test_no_key_comes_twice(api: Api, untouched: District, once: bytes, twice: bytes) -> None:
    """One key with two values means one thing here and another there, at any depth and however it is written: 400."""
    assert once in text(untouched)
    body = text(untouched).replace(once, twice)
    check_problem(api.call("POST", SALES, key=untouched.key, data=body), 400, "malformed-json")
    assert api.get(SALES, untouched.key).ok(200)["data"] == []


@pytest.mark.parametrize("note", [rb"\u0022", rb"\"", rb"\\", rb"\\u0022", rb"\\\u0022", rb"\u4e2d\u6587", b'", "'])
def test_strange_texts_are_no_second_key(note: bytes) -> None:
    """Quotes and backslashes within texts are counted for what they are."""
    body = b'{"a":"' + note + b'","b":{"a":"' + note + b'"}}' if b", " not in note else b'["' + note + b'"]'
    assert parse_json(body) == orjson.loads(body)


class Pairs(list[tuple[str, Any]]):
    """An object as it is written, with keys that may come twice."""


KEYS = st.text(st.sampled_from('ab"\\u02中'), max_size=3)
TREES = st.recursive(
    st.none() | st.integers(-9, 9) | KEYS,
    lambda inner: st.lists(inner, max_size=3) | st.lists(st.tuples(KEYS, inner), max_size=4).map(Pairs),
    max_leaves=10,
)


@given(TREES, st.booleans(), st.booleans())
def test_twice_is_found_exactly_where_it_is(tree: Any, is_ascii: bool, in_digits: bool) -> None:
    """Whatever the tree and the way of writing it: refused if an object has a key twice, read otherwise."""
    body = written(tree, is_ascii, in_digits).encode()
    if has_twice(tree):
        with pytest.raises(MalformedJson):
            parse_json(body)
    else:
        assert parse_json(body) == orjson.loads(body)


def written(tree: Any, is_ascii: bool, in_digits: bool) -> str:
    if isinstance(tree, Pairs):
        pairs = (f"{word(key, is_ascii, in_digits)}:{written(value, is_ascii, in_digits)}" for key, value in tree)
        return "{" + ",".join(pairs) + "}"
    if isinstance(tree, list):
        return "[" + ",".join(written(one, is_ascii, in_digits) for one in tree) + "]"
    return word(tree, is_ascii, in_digits) if isinstance(tree, str) else orjson.dumps(tree).decode()


def word(value: str, is_ascii: bool, in_digits: bool) -> str:
    plain = "".join(f"\\u{ord(one):04x}" if is_ascii and ord(one) > 127 else _escaped(one, in_digits) for one in value)
    return f'"{plain}"'


def _escaped(one: str, in_digits: bool) -> str:
    return (f"\\u{ord(one):04x}" if in_digits else f"\\{one}") if one in '"\\' else one


def has_twice(tree: Any) -> bool:
    if isinstance(tree, Pairs):
        return len({key for key, _ in tree}) < len(tree) or any(has_twice(value) for _, value in tree)
    return isinstance(tree, list) and any(map(has_twice, tree))


@pytest.mark.parametrize(
    "kind",
    [
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/xml",
        "application/jsonx",
        "application/json; charset=gbk",
        "application/json; charset=utf-16",
        "json",
        "*/*",
    ],
)
def test_a_body_of_another_kind_is_refused(api: Api, untouched: District, kind: str) -> None:
    """What a form or a page of others can send is no call of ours: 415."""
    refused = api.call("POST", SALES, key=untouched.key, data=text(untouched), headers={"Content-Type": kind})
    check_problem(refused, 415, "unsupported-media-type")
    assert api.get(SALES, untouched.key).ok(200)["data"] == []


def test_a_packed_body_is_refused(api: Api, district: District) -> None:
    """Nothing is unpacked: 415."""
    refused = api.call("POST", SALES, key=district.key, data=text(district), headers={"Content-Encoding": "gzip"})
    check_problem(refused, 415, "unsupported-media-type")


@pytest.mark.parametrize(
    "kind",
    [
        "application/json",
        "Application/JSON",
        "application/json;charset=UTF-8",
        'application/json; charset="utf-8"; profile=x',
        "application/vnd.till+json",
        "text/json",
        "",
    ],
)
def test_json_is_json_by_any_of_its_names(api: Api, district: District, kind: str) -> None:
    """And a body that doesn't say what it is, is read as JSON."""
    headers = {"Content-Type": kind}
    api.call("POST", SALES, key=district.key, data=text(district), headers=headers).ok(201)


def test_no_body_is_of_no_kind(api: Api, district: District) -> None:
    """Who sends nothing may say anything about it."""
    refused = api.call("POST", SALES, key=district.key, headers={"Content-Type": "text/plain"})
    check_problem(refused, 422, "validation-failed")
