"""A password has ten characters, and is none that everybody tries first."""

from __future__ import annotations

import pytest

from app.foundation.problems import ValidationFailed
from app.staff.accounts.passwords import LEAST, check_password

LOGIN = "wang.fang@example.com"


@pytest.mark.parametrize(
    "password",
    [
        "",
        "x" * (LEAST - 1),
        "aaaaaaaaaaaa",
        "1234567890",
        "0987654321",
        "QWERTYUIOP",
        "1qaz2wsx3edc",
        "password123",
        "wang.fang123",
        "Quantong-123",
        "abcabcabcabc",
    ],
)
def test_what_is_guessed_first_is_none(password: str) -> None:
    with pytest.raises(ValidationFailed) as refused:
        check_password(password, LOGIN)
    assert [flaw.pointer for flaw in refused.value.flaws] == ["/password"]


@pytest.mark.parametrize(
    "password", ["a horse that reads maps", "马读地图也读书上的字", "tr0ub4dor&3", "w-4711-f-0815"]
)
def test_what_is_long_enough_and_ones_own_is_one(password: str) -> None:
    check_password(password, LOGIN)
    check_password(password, "+8613800138000")


def test_a_phone_is_no_password_of_its_owner() -> None:
    with pytest.raises(ValidationFailed):
        check_password("13800138000", "+8613800138000")
