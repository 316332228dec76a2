"""What is shown of a bank account, who may be paid, and how much credit is used."""

from datetime import UTC, datetime, timedelta

import pytest

from app.settlement.accounts.rules import credit_state, exposure, masked, pays_out_from

AT = datetime(2026, 3, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("number", "shown"),
    [
        ("0012345678901234", "************1234"),
        ("00123", "***23"),
        ("12", "*2"),
        ("1", "*"),
        ("6222 0012", "*****0012"),
    ],
)
def test_of_a_number_its_end_is_shown(number: str, shown: str) -> None:
    assert masked(number) == shown


def test_payouts_wait_two_days_and_for_a_second_person() -> None:
    assert pays_out_from(AT, None) is None
    assert pays_out_from(None, None) is None
    assert pays_out_from(AT, AT + timedelta(hours=1)) == AT + timedelta(hours=48)
    assert pays_out_from(AT, AT + timedelta(hours=60)) == AT + timedelta(hours=60)


def test_the_worked_exposure() -> None:
    assert exposure(-560, -120, 500) == 180
    assert exposure(270, -100, 0) == -170


@pytest.mark.parametrize(
    ("exposed", "limit", "state"),
    [
        (180, None, "within"),
        (180, 226, "within"),
        (180, 225, "near"),
        (180, 180, "near"),
        (181, 180, "beyond"),
        (-5, 1, "within"),
    ],
)
def test_from_80_percent_on_a_limit_is_nearly_used(exposed: int, limit: int | None, state: str) -> None:
    assert credit_state(exposed, limit) == state
