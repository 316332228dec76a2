"""Pairing codes, PINs and the ends of shifts, by figures."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from app.staff.tills import rules

SHANGHAI = ZoneInfo("Asia/Shanghai")


def test_a_pairing_code_is_read_as_people_type_it() -> None:
    code = rules.new_pairing_code()
    assert len(code) == 16
    grouped = " ".join(code[start : start + 4] for start in range(0, 16, 4))
    assert rules.pairing_digits(grouped) == rules.pairing_digits(grouped.replace(" ", "-")) == code


@pytest.mark.parametrize("text", ["", "1" * 15, "1" * 17, "x" * 16, "١" * 16, "²" * 16])
def test_what_is_no_pairing_code(text: str) -> None:
    assert rules.pairing_digits(text) is None


@pytest.mark.parametrize("pin", ["0000", "111111", "1234", "4321", "890123", "9876", "9012"])
def test_pins_that_are_tried_first(pin: str) -> None:
    assert rules.is_simple(pin)


@pytest.mark.parametrize("pin", ["2580", "1357", "1122", "123457", "1243"])
def test_pins_that_are_not(pin: str) -> None:
    assert not rules.is_simple(pin)


def test_the_fifth_wrong_pin_locks_and_each_further_one_twice_as_long() -> None:
    minutes = [rules.lock_after(wrong) for wrong in range(1, 9)]
    assert minutes == [None] * 4 + [timedelta(minutes=one) for one in (1, 2, 4, 8)]
    assert rules.lock_after(1000) == rules.LONGEST_LOCK


@pytest.mark.parametrize(
    ("opened", "closes_at", "hours"),
    [
        ("09:00", None, 16),
        ("09:00", "22:30", 13.5),
        ("22:30", "22:30", 16),
        ("23:00", "02:00", 3),
        ("01:00", "02:00", 1),
    ],
)
def test_a_shift_ends_at_closing_time_or_after_sixteen_hours(opened: str, closes_at: str | None, hours: float) -> None:
    at = datetime.fromisoformat(f"2026-03-01T{opened}").replace(tzinfo=SHANGHAI).astimezone(UTC)
    assert rules.end_of_shift(at, SHANGHAI, closes_at) == at + timedelta(hours=hours)
