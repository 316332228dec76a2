"""Files that come as a part of a form, or as the body."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from flask import Flask, request

from app.foundation.http.uploads import take_apart
from app.foundation.problems import BadRequest, ValidationFailed


@contextmanager
def sent(**parts: object) -> Iterator[bytes]:
    """The body of a form, in the request that brings it."""
    with Flask(__name__).test_request_context("/", method="POST", data=parts):
        yield request.get_data(parse_form_data=False)


@pytest.mark.parametrize("size", [1, 1 << 16, (1 << 16) + 1, 900_001, 8 << 20])
def test_a_file_of_any_size_is_taken_from_a_form(size: int) -> None:
    content = bytes(range(256)) * (size // 256 + 1)
    with sent(file=(io.BytesIO(content[:size]), "a.csv"), kind="sales") as data:
        upload, fields = take_apart(data)
    assert (upload.content, upload.name, fields) == (content[:size], "a.csv", {"kind": "sales"})


def test_a_form_that_says_too_much_beside_its_file_isn_t_read() -> None:
    with sent(file=(io.BytesIO(b"a"), "a.csv"), kind="x" * (1 << 19)) as data, pytest.raises(BadRequest):
        take_apart(data)


@pytest.mark.parametrize(
    "parts", [{"kind": "sales", "other": (io.BytesIO(b"a"), "a.csv")}, {"file": (io.BytesIO(b""), "a")}]
)
def test_a_form_without_its_file_is_told_so(parts: dict[str, object]) -> None:
    with sent(**parts) as data, pytest.raises(ValidationFailed):
        take_apart(data)
