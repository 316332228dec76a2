"""What a campaign gives, in words."""

from __future__ import annotations

import pytest

from app.coupons.campaigns.words import worth_of


@pytest.mark.parametrize(
    ("kind", "terms", "words"),
    [
        ("amount_off", {"amount_off": 1_000, "min_amount": 10_000}, "10 off from 100"),
        ("amount_off", {"amount_off": 1_050, "min_amount": 0}, "10.5 off"),
        ("percent_off", {"percent_off": 12, "min_amount": 0}, "12% off"),
        ("percent_off", {"percent_off": 50, "min_amount": 9_999}, "50% off from 99.99"),
        ("exchange", {"exchange_price": 100, "min_amount": 0}, "One for 1"),
        ("exchange", {"exchange_price": 0, "min_amount": 0}, "One as a gift"),
    ],
)
def test_a_campaign_says_what_it_gives(kind: str, terms: dict[str, int], words: str) -> None:
    assert worth_of({"kind": kind, **terms}) == words
