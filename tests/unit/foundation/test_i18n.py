"""The reader's language."""

from __future__ import annotations

import pytest
from flask import Flask

from app.foundation.i18n import choose_locale


@pytest.mark.parametrize(
    ("header", "locale"),
    [
        (None, "zh"),
        ("", "zh"),
        ("zh-CN,zh;q=0.9,en;q=0.8", "zh"),
        ("en-GB,en;q=0.9", "en"),
        ("en;q=0.3,zh;q=0.7", "zh"),
        ("fr", "zh"),
        ("fr,en;q=0.2", "en"),
        ("zh;q=0,en", "en"),
        ("*", "zh"),
        (";;;,q=", "zh"),
    ],
)
def test_the_language_is_chinese_unless_english_is_preferred(header: str | None, locale: str) -> None:
    headers = {} if header is None else {"Accept-Language": header}
    with Flask("words").test_request_context(headers=headers):
        assert choose_locale() == locale


def test_chinese_where_nobody_asks() -> None:
    assert choose_locale() == "zh"
