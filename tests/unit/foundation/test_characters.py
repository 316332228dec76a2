"""Which characters can be seen, which hide, and codes as they were meant."""

from __future__ import annotations

import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.foundation.characters import (
    PLAIN_PATTERN,
    VISIBLE_PATTERN,
    as_meant,
    composed,
    hides,
    is_visible,
    without_marks,
)

OTHERS = ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp", "Zs")
BLANK = "\u034f\u115f\u1160\u17b4\u17b5\u180b\u2800\u3164\ufe00\ufe0f\uffa0\U0001d159\U000e0100\U000e01ef"
"""Letters, marks and symbols that nobody sees."""


@given(st.characters())
def test_no_character_of_the_unseen_categories_is_visible(character: str) -> None:
    if unicodedata.category(character) in OTHERS:
        assert not is_visible(character)
        assert not is_visible(f"A{character}1") or character == " "


def test_every_character_of_the_basic_plane_is_as_unicode_says() -> None:
    selectors = {*range(0x180B, 0x1810), *range(0xFE00, 0xFE10)}
    for character in map(chr, range(0x10000)):
        is_blank = character in BLANK + "\ufffc\ufffd" or ord(character) in selectors
        is_seen = unicodedata.category(character) not in OTHERS and not is_blank
        assert is_visible(character) == is_seen, hex(ord(character))


@pytest.mark.parametrize("character", BLANK, ids=ascii)
def test_blank_letters_and_selectors_are_not_visible(character: str) -> None:
    assert not is_visible(character)
    assert not is_visible(f"A101{character}")


@pytest.mark.parametrize("text", ["A101-1", "~!", "单号 一", "a  b", "é", "１２", "👍", "한글", "e\u0301"], ids=ascii)
def test_what_is_visible(text: str) -> None:
    assert is_visible(text)


@pytest.mark.parametrize("text", ["", " ", " a", "a "], ids=ascii)
def test_what_is_not(text: str) -> None:
    assert not is_visible(text)


@pytest.mark.parametrize(
    ("text", "one"), [("e\u0301", "é"), ("\u1112\u1161\u11ab", "한"), ("\u212b", "Å"), ("１", "１")]
)
def test_a_letter_is_written_in_one_way(text: str, one: str) -> None:
    assert composed(text) == one
    assert composed(one) == one


@given(st.text(max_size=8))
def test_the_patterns_for_readers_let_through_what_is_accepted(text: str) -> None:
    assert re.search(VISIBLE_PATTERN, text) or not is_visible(text)
    assert (re.search(PLAIN_PATTERN, text) is None) == hides(text) or text.endswith("\n")


@pytest.mark.parametrize("character", [*"\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\0\x1b"], ids=ascii)
def test_what_turns_or_controls_a_text_hides_it(character: str) -> None:
    assert hides(f"王{character}芳")


@pytest.mark.parametrize("text", ["王芳", "👨\u200d👩\u200d👧", "❤\ufe0f", "a\r\n\tb", "\u200f", "\ue000"], ids=ascii)
def test_what_people_write_does_not(text: str) -> None:
    assert not hides(text)


CODE = "880000012345123456"


@pytest.mark.parametrize(
    "code",
    [
        CODE,
        f"{CODE}\r",
        f"{CODE}\r\n",
        f"\t{CODE}\t",
        f"]C1{CODE}",
        f"]Q1{CODE}\n",
        f"］Ｑ３{CODE}",
        "88-0000012345-123456",
        "88 0000012345 123456",
        "88\u30000000012345\u00a0123\u2009456",
        "88\u20110000012345\u2014123\u2212456",
        "８８００００01２３４５123456",
        f"\ufeff{CODE}\u200b",
        f"\u202d{CODE}\u202c",
    ],
    ids=ascii,
)
def test_a_code_is_read_as_it_was_scanned_or_typed(code: str) -> None:
    assert as_meant(code) == CODE


@pytest.mark.parametrize("code", ["x", f"x{CODE}", f"]{CODE}", f"]CC{CODE}", f"{CODE}]C1", "88.12"], ids=ascii)
def test_what_nobody_adds_stays(code: str) -> None:
    assert as_meant(code) == code


@pytest.mark.parametrize("code", [" ", "---", "]C1", "\u200b\r\n"], ids=ascii)
def test_a_code_never_becomes_nothing(code: str) -> None:
    assert as_meant(code) == code


@given(st.text("0189CQ] \r\n-１\u3000\ufeff", max_size=30))
def test_a_code_that_was_read_is_read_the_same_again(code: str) -> None:
    if not as_meant(code).startswith("]"):
        assert as_meant(as_meant(code)) == as_meant(code)


def test_marks_around_a_copied_number() -> None:
    assert without_marks("\u202d138\u200b00000000\u202c") == "13800000000"
