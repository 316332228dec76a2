"""Codes of coupons: made from an id, read however they are written, and no typo looks anything up."""

from __future__ import annotations

import base64
import hmac
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.coupons.bill.codes import ALPHABET, LENGTH, code_of, hint_of, read_code, shown
from app.coupons.bill.errors import CodeMistyped
from app.foundation.ids import new_id

SECRET = bytes(range(32))
COUPON = "cpn_0193f2a1c0de7b5c9a4e2d6f81b3c507"
LOOK_ALIKES = {"0": "0Oo", "1": "1IiLl"}
codes = st.integers(0, 2**62).map(lambda number: code_of(f"cpn_{number:032x}", SECRET))


def is_read(text: str) -> bool:
    try:
        read_code(text)
    except CodeMistyped:
        return False
    return True


def test_the_code_of_the_design_is_right() -> None:
    assert read_code("7K3M-Q9ZT-H2VC-1") == "7K3MQ9ZTH2VC1"
    assert shown("7K3MQ9ZTH2VC1") == "7K3M-Q9ZT-H2VC-1"
    assert hint_of("7K3MQ9ZTH2VC1") == "…C1"


def test_a_coupon_always_has_the_same_code_under_one_secret() -> None:
    code = code_of(COUPON, SECRET)
    digest = base64.b32encode(hmac.digest(SECRET, COUPON.encode(), "sha256")).decode()
    assert code[:-1] == digest[:12].translate(str.maketrans("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", ALPHABET))
    assert code == code_of(COUPON, SECRET) == "2EYAW6PQS2SFF"
    assert code != code_of(COUPON, SECRET[::-1])
    assert code != code_of(new_id("cpn"), SECRET)


@pytest.mark.parametrize(
    "text",
    [
        "7k3m-q9zt-h2vc-1",
        " 7K3M Q9ZT H2VC 1\n",
        "7K3MQ9ZTH2VCl",
        "7K3M–Q9ZT—H2VC‐I",
        "]C17K3MQ9ZTH2VC1",
        "]Q37K3M-Q9ZT-H2VC-1",
        "\u200e7K3M-Q9ZT-H2VC-1\u200e",
        "7K3M-Q9ZT-H2VC-\uff11",
    ],
)
def test_what_scanners_and_hands_add_does_not_count(text: str) -> None:
    assert read_code(text) == "7K3MQ9ZTH2VC1"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "1",
        "7K3MQ9ZTH2VC",
        "7K3MQ9ZTH2VC11",
        "UK3MQ9ZTH2VC1",
        "7K3MQ9ZTH2VC2",
        "K73MQ9ZTH2VC1",
        "7K3M_Q9ZT_H2VC_1",
        "ß" * 13,
        "七" * 13,
    ],
)
def test_what_is_no_code_is_mistyped(text: str) -> None:
    with pytest.raises(CodeMistyped):
        read_code(text)


@given(codes, st.randoms(use_true_random=False))
def test_a_code_is_read_in_any_case_with_look_alikes_and_hyphens(code: str, chance: random.Random) -> None:
    def written(character: str) -> str:
        one = chance.choice(LOOK_ALIKES.get(character, character + character.lower()))
        return one + chance.choice(["", "", "-", " "])

    assert read_code("".join(map(written, code))) == code
    assert read_code(shown(code)) == code


@given(codes, st.integers(0, LENGTH - 1))
def test_any_single_wrong_character_is_caught(code: str, place: int) -> None:
    for wrong in set(ALPHABET + "U") - {code[place]}:
        assert not is_read(code[:place] + wrong + code[place + 1 :])


@given(codes, st.integers(0, LENGTH - 1), st.sampled_from(ALPHABET))
def test_a_character_too_few_or_too_many_is_caught(code: str, place: int, added: str) -> None:
    assert not is_read(code[:place] + code[place + 1 :])
    assert not is_read(code[:place] + added + code[place:])


@given(codes, st.integers(0, LENGTH - 2))
def test_two_that_are_swapped_are_caught_but_the_first_and_last_of_the_alphabet(code: str, place: int) -> None:
    first, second = code[place : place + 2]
    swapped = code[:place] + second + first + code[place + 2 :]
    assert is_read(swapped) == (first == second or {first, second} == {"0", "Z"})
