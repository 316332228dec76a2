"""The reader's language."""

from __future__ import annotations

from collections.abc import Callable

import orjson
import pytest
from flask import Flask

from app.foundation.i18n import choose_locale, kept, register_languages, said, said_again, words


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
        ("en-GB,zh;q=0.4", "en"),
        ("fr,en-AU;q=0.9,zh;q=0.1", "en"),
        ("zh-TW;q=0.9,en;q=0.8", "zh"),
        ("zh_Hans_CN,en;q=0.9", "zh"),
        ("EN-us", "en"),
        ("en;q=0,zh;q=0", "zh"),
        ("zh;q=0,*;q=0.1", "en"),
        ("en;q=0.4,*;q=0.5", "zh"),
        ("en;q=2", "zh"),
        ("english", "zh"),
        ("fr," * 20_000 + "en", "zh"),
        (";;;,q=", "zh"),
    ],
)
def test_the_language_is_chinese_unless_english_is_preferred(header: str | None, locale: str) -> None:
    headers = {} if header is None else {"Accept-Language": header}
    with Flask("words").test_request_context(headers=headers):
        assert choose_locale() == locale


def test_chinese_where_nobody_asks() -> None:
    assert choose_locale() == "zh"


NESTED = words("There is no such %(what)s here.", what=words("store"))
CHINESE = "此处没有该门店。"


def in_language(language: str, speak: Callable[[], str]) -> str:
    app = Flask("words")
    register_languages(app)
    with app.test_request_context(headers={"Accept-Language": language}):
        return speak()


def test_words_are_english_as_a_text() -> None:
    assert NESTED == "There is no such store here."
    assert said(NESTED) == NESTED
    assert f"{words('From %(least)s on.', least=3)}" == "From 3 on."


def test_words_are_said_in_the_reader_s_language_with_the_words_in_them() -> None:
    assert in_language("zh", lambda: said(NESTED)) == CHINESE
    assert in_language("en", lambda: said(NESTED)) == str(NESTED)


def test_what_was_kept_is_said_to_whoever_reads_it() -> None:
    for sentence in (NESTED, words("This field is needed."), words("A period of 100%.")):
        again = orjson.loads(orjson.dumps(kept(sentence)))
        for language in ("zh", "en"):
            assert in_language(language, lambda again=again: said_again(again)) == in_language(  # type: ignore[misc]
                language,
                lambda sentence=sentence: said(sentence),  # type: ignore[misc]
            )


def test_what_was_kept_as_a_text_is_said_as_far_as_it_is_known() -> None:
    assert in_language("zh", lambda: said_again("This field is needed.")) == "该字段必填。"
    assert in_language("zh", lambda: said_again("Nobody marked this.")) == "Nobody marked this."
