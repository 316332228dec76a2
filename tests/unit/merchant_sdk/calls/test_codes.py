"""The SDK makes the same codes as a phone."""

from __future__ import annotations

import base64
import doctest
from datetime import UTC, datetime, timedelta, timezone

import pytest

from app.members.codes.rules import make_code
from merchant_sdk._calls import codes
from merchant_sdk._calls.codes import make_member_code

SECRET = b"12345678901234567890123456789012"
VECTORS = (
    (0x1, "119246"),
    (0x23523EC, "084774"),
    (0x23523ED, "062674"),
    (0x273EF07, "819424"),
    (0x3F940AA, "698825"),
    (0x27BC86AA, "737706"),
)
"""RFC 6238, appendix B, SHA-256: the last six of eight digits, at steps that are ours too."""


@pytest.mark.parametrize(("step", "digits"), VECTORS)
def test_the_published_vectors(step: int, digits: str) -> None:
    key = base64.b32encode(SECRET).decode()
    at = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(minutes=step, seconds=30)
    assert make_member_code("0000012345", key, at) == f"880000012345{digits}"
    assert make_member_code("0000012345", key.rstrip("="), at) == make_code("0000012345", SECRET, at)


def test_an_instant_is_the_same_in_every_zone() -> None:
    noon = datetime(2026, 1, 1, 12, tzinfo=UTC)
    key = base64.b32encode(SECRET).decode()
    shanghai = noon.astimezone(timezone(timedelta(hours=8)))
    assert make_member_code("1234567890", key, noon) == make_member_code("1234567890", key, shanghai)


def test_a_naive_datetime_is_no_instant() -> None:
    with pytest.raises(ValueError, match="offset"):
        make_member_code("1234567890", "GEZDGNBV", datetime(2026, 1, 1))


def test_the_example_of_its_words() -> None:
    assert doctest.testmod(codes).failed == 0
