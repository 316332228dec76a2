"""What a campaign gives, in words."""

from __future__ import annotations

from decimal import Decimal

import pytest
from flask import Flask

from app.coupons.campaigns.words import tenths_left, worth_of
from app.foundation.i18n import register_languages, said


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


@pytest.mark.parametrize(
    ("percent", "tenths"),
    [
        (1, "9.9"),
        (5, "9.5"),
        (12, "8.8"),
        (15, "8.5"),
        (20, "8"),
        (90, "1"),
        (99, "0.1"),
        (Decimal("12.5"), "8.75"),
        (Decimal("33.3"), "6.67"),
    ],
)
def test_in_chinese_a_percentage_is_what_is_left_in_tenths(percent: int | Decimal, tenths: str) -> None:
    assert tenths_left(percent) == tenths


@pytest.mark.parametrize(
    ("percent", "least", "zh", "en"),
    [
        (20, 0, "8 折", "20% off"),
        (15, 0, "8.5 折", "15% off"),
        (12, 10_000, "满 100 打 8.8 折", "12% off from 100"),
    ],
)
def test_each_reader_hears_it_as_shops_there_say_it(percent: int, least: int, zh: str, en: str) -> None:
    app = Flask(__name__)
    register_languages(app)
    words = worth_of({"kind": "percent_off", "percent_off": percent, "min_amount": least})
    for language, wanted in (("zh", zh), ("en", en)):
        with app.test_request_context(headers={"Accept-Language": language}):
            assert said(words) == wanted
