"""How templates write what isn't a word."""

from __future__ import annotations

import pytest
from flask import Flask
from flask_babel import Babel

from app.pages import formats


@pytest.mark.parametrize(
    ("language", "days", "words"),
    [
        ("en", [1, 2, 3, 4, 5], "Mon–Fri"),
        ("en", [7, 1, 3, 4], "Mon, Wed–Thu, Sun"),
        ("zh", [6, 7], "周六–周日"),
        ("zh", [1, 3], "周一、周三"),
        ("en", [1, 2, 3, 4, 5, 6, 7], "Mon–Sun"),
    ],
)
def test_days_on_end_are_said_as_from_one_to_another(language: str, days: list[int], words: str) -> None:
    app = Flask("formats")
    Babel(app, default_locale=language)
    with app.test_request_context():
        assert formats.weekdays(days) == words


@pytest.mark.parametrize(
    ("value", "unit", "shown", "drawn"),
    [
        (1_234_567, "count", "1,234,567", "1234567"),
        (1_234_567, "minor", "¥12,345.67", "12345.67"),
        (0.1234, "share", "12.3%", "12.34"),
        (7.456, "ratio", "7.46", "7.456"),
        (-5, "points", "\N{MINUS SIGN}5", "-5"),
        (None, "minor", "–", ""),
    ],
)
def test_quantities_are_written_and_drawn_by_their_units(
    value: float | None, unit: str, shown: str, drawn: str
) -> None:
    app = Flask("formats")
    Babel(app, default_locale="zh")
    with app.test_request_context():
        assert (formats.quantity(value, unit), formats.drawn(value, unit)) == (shown, drawn)


@pytest.mark.parametrize(
    ("now", "before", "words"),
    [(1124, 1000, "+12.4%"), (968, 1000, "\N{MINUS SIGN}3.2%"), (5, 5, "0.0%"), (5, 0, ""), (-5, -10, "+50.0%")],
)
def test_changes_are_told_against_what_was(now: int, before: int, words: str) -> None:
    app = Flask("formats")
    Babel(app, default_locale="en")
    with app.test_request_context():
        assert formats.change(now, before) == words
