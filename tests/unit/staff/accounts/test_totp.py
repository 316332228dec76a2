"""An authenticator's codes are those of RFC 6238, and each works once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from app.staff.accounts.totp import AROUND, STEP, code_at, link_of, right_step, secret_of, secret_text, step_at

SECRET = b"12345678901234567890"
AT = datetime(2026, 1, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("second", "code"),
    [(59, "287082"), (1_111_111_109, "081804"), (1_234_567_890, "005924"), (20_000_000_000, "353130")],
)
def test_the_codes_of_the_rfc(second: int, code: str) -> None:
    """Appendix B, of which six digits are shown."""
    assert code_at(SECRET, second // 30) == code


def test_clocks_may_differ_by_a_step_and_no_more() -> None:
    now = step_at(AT)
    for away in range(-3, 4):
        found = right_step(SECRET, code_at(SECRET, now + away), AT, after=0)
        assert found == (now + away if abs(away) <= AROUND else None)


def test_a_code_that_was_used_is_none_nor_is_one_before_it() -> None:
    now = step_at(AT)
    assert right_step(SECRET, code_at(SECRET, now), AT, after=now) is None
    assert right_step(SECRET, code_at(SECRET, now - 1), AT, after=now) is None
    assert right_step(SECRET, code_at(SECRET, now + 1), AT + STEP, after=now) == now + 1


@pytest.mark.parametrize("code", ["", "12345", "1234567", "ä23456", " 23456"])
def test_what_is_no_code(code: str) -> None:
    assert right_step(SECRET, code, AT, after=0) is None


def test_a_key_is_typed_and_scanned() -> None:
    assert secret_of(secret_text(SECRET)) == SECRET
    link = link_of(SECRET, issuer="Quantong", account="w***@example.com")
    assert link == f"otpauth://totp/Quantong%3Aw%2A%2A%2A%40example.com?secret={secret_text(SECRET)}&issuer=Quantong"


def test_a_step_begins_on_the_half_minute() -> None:
    assert step_at(AT + STEP - timedelta(microseconds=1)) == step_at(AT)
    assert step_at(AT + STEP) == step_at(AT) + 1
