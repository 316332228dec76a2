"""Member codes against the published vectors, and at the edges of their minutes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.members.codes.rules import (
    AROUND,
    NOBODY,
    SECRET_BYTES,
    TOLD_FOR,
    CodeKey,
    MemberCode,
    digits_at,
    make_code,
    new_secret,
    parse_code,
    right_at,
    right_lately,
    secret_of,
    secret_text,
    start_of_step,
    step_at,
)

VECTORS = (
    (0x1, "46119246"),
    (0x23523EC, "68084774"),
    (0x23523ED, "67062674"),
    (0x273EF07, "91819424"),
    (0x3F940AA, "90698825"),
    (0x27BC86AA, "77737706"),
)
"""RFC 6238, appendix B, SHA-256: steps in hexadecimal and eight digits."""
SECRET = b"12345678901234567890123456789012"
NOON = datetime(2026, 5, 1, 4, 0, tzinfo=UTC)
KEYS = (CodeKey(SECRET),)
NUMBER = "0000012345"


@pytest.mark.parametrize(("step", "digits"), VECTORS)
def test_the_published_vectors(step: int, digits: str) -> None:
    assert digits_at(SECRET, step, 8) == digits
    assert digits_at(SECRET, step) == digits[2:]


def test_a_code_is_the_prefix_the_number_and_six_digits() -> None:
    code = make_code(NUMBER, SECRET, NOON)
    assert code == "88" + NUMBER + digits_at(SECRET, step_at(NOON))
    assert len(code) == 18
    assert parse_code(code) == MemberCode(NUMBER, code[12:])


@pytest.mark.parametrize(
    "text",
    [
        "",
        "88",
        "8800000123451234567",
        "88000001234512345",
        "130000012345123456",
        "280000012345123456",
        "88000001234512345x",
        "88٠000012345123456",
        "88-0000012345-123456",
        "880000012345123456\n",
    ],
)
def test_what_is_no_member_code(text: str) -> None:
    assert parse_code(text) is None


@pytest.mark.parametrize("second", [0, 1, 59, 59.999999])
def test_a_code_is_right_in_its_minute_and_those_beside_it(second: float) -> None:
    digits = digits_at(SECRET, step_at(NOON))
    moment = NOON + timedelta(seconds=second)
    for minutes in (-1, 0, 1):
        assert right_at(KEYS, digits, moment + timedelta(minutes=minutes)) == step_at(NOON)
    for minutes in (-2, 2, 3, 60):
        assert right_at(KEYS, digits, moment + timedelta(minutes=minutes)) is None


def test_a_screenshot_is_of_no_use_two_minutes_later() -> None:
    shown_at = NOON + timedelta(seconds=59)
    digits = digits_at(SECRET, step_at(shown_at))
    assert right_at(KEYS, digits, shown_at + timedelta(minutes=2)) is None
    assert right_lately(KEYS, digits, shown_at + timedelta(minutes=2), shown_at + timedelta(minutes=2))


def test_a_code_that_was_right_is_told_apart_for_some_hours() -> None:
    digits = digits_at(SECRET, step_at(NOON))
    assert right_lately(KEYS, digits, NOON + TOLD_FOR, NOON + TOLD_FOR)
    later = NOON + TOLD_FOR + timedelta(minutes=1)
    assert not right_lately(KEYS, digits, later, later)


def test_a_code_beside_the_moment_that_a_report_names_is_told_apart_however_late() -> None:
    digits, week_later = digits_at(SECRET, step_at(NOON)), NOON + timedelta(days=7)
    for named in (NOON - AROUND, NOON + AROUND):
        assert right_lately(KEYS, digits, week_later, named)
    beyond = NOON + AROUND + timedelta(minutes=1)
    assert not right_lately(KEYS, digits, week_later, beyond)


def test_nobody_learns_what_will_be_right() -> None:
    for minutes in range(2, 70):
        digits = digits_at(SECRET, step_at(NOON) + minutes)
        if not any(digits == digits_at(SECRET, step_at(NOON) - ago) for ago in range(400)):
            assert not right_lately(KEYS, digits, NOON, NOON + timedelta(minutes=minutes))


def test_a_replaced_key_is_good_for_the_time_before_its_end() -> None:
    ended = NOON + timedelta(seconds=30)
    keys = (CodeKey(new_secret()), CodeKey(SECRET, ended))
    digits = digits_at(SECRET, step_at(NOON))
    assert right_at(keys, digits, NOON + timedelta(seconds=29)) == step_at(NOON)
    assert right_at(keys, digits, ended) is None
    assert right_lately(keys, digits, ended + timedelta(minutes=5), ended + timedelta(minutes=5))
    after = digits_at(SECRET, step_at(NOON) + 2)
    assert right_at(keys, after, NOON + timedelta(minutes=2)) is None
    assert not right_lately(keys, after, NOON + timedelta(minutes=9), NOON + timedelta(minutes=9))


def test_near_1970_nothing_breaks() -> None:
    first = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(minutes=1)
    assert right_at(KEYS, digits_at(SECRET, 0), first) == 0
    assert not right_lately(NOBODY, digits_at(SECRET, 5), first, first)


@given(st.integers(2, 2**40))
def test_steps_are_whole_minutes(step: int) -> None:
    if step < step_at(datetime(9999, 1, 1, tzinfo=UTC)):
        assert step_at(start_of_step(step)) == step
        assert step_at(start_of_step(step) - timedelta(microseconds=1)) == step - 1


def test_a_key_is_written_as_base32_without_padding() -> None:
    secret = new_secret()
    assert len(secret) == SECRET_BYTES
    assert "=" not in secret_text(secret)
    assert secret_of(secret_text(secret)) == secret
    assert new_secret() != secret
