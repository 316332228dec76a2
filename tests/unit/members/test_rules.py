"""Phones, member numbers and changes of birthdays."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.members.rules import (
    BIRTHDAY_RESTS,
    NotAPhone,
    birthday_rests_until,
    mask_name,
    mask_phone,
    new_number,
    parse_phone,
)


@pytest.mark.parametrize(
    ("text", "e164"),
    [
        ("13800000000", "+8613800000000"),
        ("138 0000 0000", "+8613800000000"),
        ("138-0000-0000", "+8613800000000"),
        (" 13800000000 ", "+8613800000000"),
        ("+86 13800000000", "+8613800000000"),
        ("8613800000000", "+8613800000000"),
        ("008613800000000", "+8613800000000"),
        ("１３８００００００００", "+8613800000000"),
        ("（+86）138.0000.0000", "+8613800000000"),
        ("+86-138–0000–0000", "+8613800000000"),
        ("138\u30000000\u30000000\n", "+8613800000000"),
        ("0571-8765 4321", "+8657187654321"),
        ("+852 9123 4567", "+85291234567"),
        ("+1 415 555 2671", "+14155552671"),
        ("+44 20 7946 0958", "+442079460958"),
    ],
)
def test_a_phone_is_one_however_it_is_written(text: str, e164: str) -> None:
    assert parse_phone(text) == e164
    assert parse_phone(e164) == e164


@pytest.mark.parametrize(
    "text",
    [
        "",
        "phone",
        "1380000000",
        "138000000000",
        "23800000000",
        "+999 13800000000",
        "+1 138 0000 0000",
        "13800000000 ext 5",
        "13800000000转5",
        "18612249027ab",
        "13800138000a",
        "138call0000",
        "1380013ABCD",
        "１３８ｃａｌｌ００００",
        "138****0000",
        "138+00000000",
        "13800000000/13900000000",
        "4008001234",
        "400-800-1234",
        "8008101234",
        "+1 800 555 2671",
        "+1 900 555 2671",
        "95588",
        "9" * 300,
        "110",
    ],
    ids=lambda text: repr(text[:20]),
)
def test_what_is_no_phone(text: str) -> None:
    with pytest.raises(NotAPhone):
        parse_phone(text)


def test_a_refusal_does_not_repeat_the_phone() -> None:
    with pytest.raises(NotAPhone) as caught:
        parse_phone("1380000000")
    assert "138" not in str(caught.value)


@given(st.text(max_size=30))
def test_any_text_is_a_phone_or_not(text: str) -> None:
    try:
        assert re.fullmatch(r"\+[1-9][0-9]{4,16}", parse_phone(text))
    except NotAPhone:
        return


@pytest.mark.parametrize(
    ("e164", "masked"),
    [
        ("+8613800000000", "138****0000"),
        ("+8615912345678", "159****5678"),
        ("+8657187654321", "571****4321"),
        ("+14155552671", "+1****2671"),
        ("+442079460958", "+44****0958"),
        ("+85291234567", "+852****67"),
        ("+6591234567", "+65****67"),
    ],
)
def test_a_phone_as_others_may_see_it(e164: str, masked: str) -> None:
    assert mask_phone(e164) == masked


@given(st.sampled_from(["130", "138", "150", "159", "186", "199"]), st.integers(0, 10**8 - 1))
def test_four_digits_of_a_mobile_are_always_hidden(head: str, rest: int) -> None:
    digits = f"{head}{rest:08d}"
    assert mask_phone("+86" + digits) == f"{digits[:3]}****{digits[7:]}"


def test_member_numbers_have_ten_digits_and_no_order() -> None:
    numbers = [new_number() for _ in range(200)]
    assert all(re.fullmatch(r"[0-9]{10}", one) for one in numbers)
    assert len(set(numbers)) == len(numbers)
    assert numbers != sorted(numbers)


@pytest.mark.parametrize(
    ("name", "masked"),
    [("王芳", "王*"), ("王小明", "王**"), ("欧阳锋利", "欧**"), ("王", "*"), ("Alice Smith", "A**"), ("é", "*")],
)
def test_a_cashier_sees_the_first_character_of_a_name(name: str, masked: str) -> None:
    assert mask_name(name) == masked


@pytest.mark.parametrize(
    ("ago", "rests"),
    [
        (None, False),
        (timedelta(0), True),
        (BIRTHDAY_RESTS - timedelta(microseconds=1), True),
        (BIRTHDAY_RESTS, False),
        (3 * BIRTHDAY_RESTS, False),
    ],
)
def test_a_birthday_that_was_changed_rests_for_a_year(ago: timedelta | None, rests: bool) -> None:
    now = datetime(2026, 6, 1, 12, tzinfo=UTC)
    changed_at = None if ago is None else now - ago
    until = birthday_rests_until(changed_at, now)
    assert until == (changed_at + timedelta(days=365) if changed_at and rests else None)
