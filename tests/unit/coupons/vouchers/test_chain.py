"""What outsiders see of members in evidence."""

from __future__ import annotations

from app.coupons.vouchers.chain import masked_number


def test_of_a_member_s_number_four_digits_show() -> None:
    assert masked_number("0000012345") == "******2345"
