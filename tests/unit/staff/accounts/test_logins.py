"""Logins as people write them, and as others may see them."""

from __future__ import annotations

import pytest

from app.staff.accounts.logins import EMAIL, MOST, PHONE, KnownAs, NotALogin, parse_login


@pytest.mark.parametrize(
    ("text", "known_as", "hint"),
    [
        ("138 0013-8000", (PHONE, "+8613800138000"), "138****8000"),
        ("+86 13800138000", (PHONE, "+8613800138000"), "138****8000"),
        (" Wang.Fang@Example.COM ", (EMAIL, "wang.fang@example.com"), "w***@example.com"),
        ("ｗ＠example.com", None, ""),
        ("王芳@example.com", (EMAIL, "王芳@example.com"), "王***@example.com"),
    ],
)
def test_however_it_is_written_it_is_the_same(text: str, known_as: tuple[str, str] | None, hint: str) -> None:
    if known_as is None:
        with pytest.raises(NotALogin):
            parse_login(text)
        return
    assert parse_login(text) == known_as
    assert KnownAs(*known_as).hint == hint


@pytest.mark.parametrize(
    "text",
    ["", "@", "a@b", "a b@example.com", "a@example.com\nBcc: x@y.cn", "12345", "x" * MOST + "@example.com", "a@-b.cn"],
)
def test_what_is_no_login(text: str) -> None:
    with pytest.raises(NotALogin):
        parse_login(text)
