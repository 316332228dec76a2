"""Canonical rows and their digests, held against RFC 8785 and a chain by hand."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.foundation.figures.chains import BEFORE_ALL, canonical, digest_after

TEXTS = st.text(st.characters(exclude_categories=["Cs"]))
VALUES = st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | TEXTS
ROWS = st.dictionaries(st.text(st.characters(max_codepoint=127)), VALUES | st.lists(VALUES))


@pytest.mark.parametrize(
    ("row", "text"),
    [
        ({"b": 1, "a": [None, True, "圈"]}, '{"a":[null,true,"圈"],"b":1}'),
        # RFC 8785, 3.2.2
        (
            {"string": "\u20ac$\u000f\u000aA'\u0042\u0022\u005c\\\"\u002f"},
            '{"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}',
        ),
        ({"a": "\u0080\u2028\U0001f600"}, '{"a":"\u0080\u2028\U0001f600"}'),
        ({"a": -10_000_000_000}, '{"a":-10000000000}'),
    ],
)
def test_a_row_is_written_as_the_standard_has_it(row: dict[str, Any], text: str) -> None:
    assert canonical(row) == text


@given(ROWS)
def test_python_s_own_json_comes_to_the_same(row: dict[str, Any]) -> None:
    assert canonical(row) == json.dumps(row, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def test_each_digest_takes_in_those_before() -> None:
    first = hashlib.sha256(bytes(32) + '{"a":"圈"}'.encode()).digest()
    assert digest_after(BEFORE_ALL, '{"a":"圈"}') == first
    assert digest_after(first, "{}") == hashlib.sha256(first + b"{}").digest()
