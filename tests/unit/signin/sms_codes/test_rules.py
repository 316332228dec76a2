"""Challenges, their codes, and recycled numbers."""

from __future__ import annotations

import secrets
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest

from app.foundation.ids import new_id
from app.foundation.keyring import Keyring
from app.signin.sms_codes import rules
from app.signin.sms_codes.rules import Challenge
from tests.conftest import random_key

NOW = datetime(2026, 3, 1, tzinfo=UTC)
MEMBERSHIP = {"controller": "district", "purpose": "membership", "version": "1"}


def keyring(signing: str) -> Keyring:
    return Keyring(encryption_keys=random_key(), index_keys=random_key(), signing_keys=signing)


def test_a_challenge_is_its_text_and_back() -> None:
    district = new_id("dis")
    for _ in range(100):
        challenge = rules.new_challenge(district)
        assert challenge.district_id == district
        assert rules.challenge_of(challenge.text) == challenge
    assert len({rules.new_challenge(district) for _ in range(100)}) == 100


@pytest.mark.parametrize("text", ["", "ch_", "ch_" + "a" * 51, "ch_" + "a" * 53, "ch_" + "1" * 52, "xx_" + "a" * 52])
def test_other_texts_are_none(text: str) -> None:
    assert rules.challenge_of(text) is None


def codes(signing: str, challenge: Challenge) -> list[str]:
    return list(keyring(signing).derive_all(rules.PURPOSE, challenge.subject))


def test_a_code_has_six_digits_that_follow_from_key_and_challenge() -> None:
    key, district = random_key(), new_id("dis")
    found = Counter(rules.code_of(codes(key, rules.new_challenge(district))[0]) for _ in range(2000))
    assert all(len(code) == 6 and code.isascii() and code.isdigit() for code in found)
    assert len(found) > 1990
    first = Counter(code[0] for code in found.elements())
    assert min(first.values()) > 120, "each first digit comes about 200 times"
    challenge = rules.new_challenge(district)
    assert codes(key, challenge) == codes(key, challenge)
    assert codes(key, challenge) != codes(random_key(), challenge)


def test_a_code_outlives_the_rotation_of_its_key() -> None:
    old, challenge = random_key(1), rules.new_challenge(new_id("dis"))
    code = rules.code_of(codes(old, challenge)[0])
    rotated = f"{random_key(2)},{old}"
    assert rules.is_right(codes(rotated, challenge), code)
    assert not rules.is_right(codes(random_key(2), challenge), code)


@pytest.mark.parametrize("code", ["", "0", "12345", "1234567", "١٢٣٤٥٦", "abcdef", " 123456"])
def test_other_texts_are_no_right_code(code: str) -> None:
    assert not rules.is_right(codes(random_key(), rules.new_challenge(new_id("dis"))), code)


@pytest.mark.parametrize(
    ("phone", "countries", "is_served"),
    [
        ("+8613800000000", "86", True),
        ("+8613800000000", "852, 86", True),
        ("+8613800000000", "852", False),
        ("+8613800000000", "", False),
        ("+861012345678", "86", False),
        ("+85291234567", "86,852", True),
        ("+85221234567", "86,852", False),
        ("+12025550123", "1", True),
        ("+18005550123", "1", False),
    ],
)
def test_who_is_served(phone: str, countries: str, is_served: bool) -> None:
    assert rules.is_served(phone, countries) == is_served


@pytest.mark.parametrize(
    ("changes", "gives"),
    [({}, True), ({"purpose": "marketing"}, False), ({"controller": f"mer_{'0' * 32}"}, False)],
)
def test_which_consent_makes_a_member(changes: dict[str, str], gives: bool) -> None:
    assert rules.gives_membership([{**MEMBERSHIP, **changes}]) == gives
    assert rules.gives_membership([{**MEMBERSHIP, "purpose": "x"}, {**MEMBERSHIP, **changes}]) == gives
    assert not rules.gives_membership([])


@pytest.mark.parametrize(
    ("days", "is_recycled"),
    [((180,), True), ((179,), False), ((400, 181), True), ((400, 1), False), ((None, 180), True)],
)
def test_when_a_number_counts_as_recycled(days: tuple[int | None, ...], is_recycled: bool) -> None:
    seen = [None if one is None else NOW - timedelta(days=one) for one in days]
    assert rules.is_recycled(seen, NOW, 180) == is_recycled


def test_a_second_less_is_less() -> None:
    assert not rules.is_recycled([NOW - timedelta(days=180) + timedelta(seconds=1)], NOW, 180)


def test_challenges_are_not_guessed() -> None:
    """128 random bits: nothing of the time or of the district."""
    one, other = (rules.new_challenge(new_id("dis")).id for _ in range(2))
    assert one[:12] != other[:12]
    assert len(bytes.fromhex(one[-32:])) == len(secrets.token_bytes(16))


@pytest.mark.parametrize(
    ("agent", "hint"),
    [
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 MicroMessenger/8.0",
            "WeChat, iPhone",
        ),
        ("Mozilla/5.0 (Linux; Android 14; Mate 60) AppleWebKit/537.36 AlipayClient/10.5", "Alipay, Android"),
        ("Mozilla/5.0 (Phone; OpenHarmony 5.0) AppleWebKit/537.36 ArkWeb/4.1", "HarmonyOS"),
        ("Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/130.0", "Windows"),
        ("Quantong/1.2 CFNetwork/1568 Darwin/24.0.0", "iOS"),
        ("<script>alert(1)</script> 王芳 13800138000", ""),
        ("", ""),
    ],
)
def test_a_device_is_told_in_our_own_words(agent: str, hint: str) -> None:
    assert rules.device_of(agent) == hint
