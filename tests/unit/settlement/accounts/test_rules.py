"""What is shown of a bank account, and who may be paid."""

from datetime import UTC, datetime, timedelta

import pytest

from app.settlement.accounts.rules import masked, pays_out_from

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
