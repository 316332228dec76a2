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
