from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

import merchant_sdk
from merchant_sdk._tables.words import WORDS, RowError, language_of, say

SOURCE = Path(merchant_sdk.__file__).parent


@pytest.mark.parametrize("code", WORDS)
def test_both_languages_tell_the_same(code: str) -> None:
    english, chinese = WORDS[code]
    names = [set(re.findall(r"{(\w+)", words)) for words in (english, chinese)]
    assert names[1] <= names[0] | {"column"}
    assert names[0] - {"field"} <= names[1] | {"column"} or code == "field"
    assert english.isascii() or "…" in english


def test_every_code_that_is_raised_has_words_and_every_words_a_use() -> None:
    used: set[str] = set()
    for file in SOURCE.rglob("*.py"):
        if file.name != "words.py":
            used |= {
                node.value
                for node in ast.walk(ast.parse(file.read_text("utf-8")))
                if isinstance(node, ast.Constant) and isinstance(node.value, str)
            }
    assert WORDS.keys() - used == set()
    raised = re.compile(r"(?:RowError|TableError|SetAside|say)\(\s*\"([a-z-]+)\"")
    for file in SOURCE.rglob("*.py"):
        assert set(raised.findall(file.read_text("utf-8"))) <= WORDS.keys()


def test_a_reason_within_a_reason_is_told_in_one_language() -> None:
    error = RowError(
        "field",
        field="amount",
        column="金额",
        why=RowError("parts-of-fen", cell="1.234", hint=RowError("unit-is-yuan")),
    )
    assert str(error) == "amount: 1.234 has parts of a fen (the unit is yuan)"
    assert error.say("zh") == "金额：1.234 不足一分的零头（单位是元）"


@pytest.mark.parametrize(
    ("environment", "language"),
    [
        ({"LANG": "zh_CN.UTF-8"}, "zh"),
        ({"LC_ALL": "C", "LANG": "zh_CN.UTF-8"}, "en"),
        ({"LC_ALL": "", "LANG": "zh_TW"}, "zh"),
        ({"LANG": "en_GB.UTF-8"}, "en"),
        ({}, "en"),
        ({"SYSTEM": "Chinese (Simplified)_China"}, "zh"),
        ({"SYSTEM": "English_United States"}, "en"),
    ],
)
def test_the_language_of_the_environment(environment: dict[str, str], language: str) -> None:
    assert language_of(environment, environment.get("SYSTEM")) == language


def test_words_are_filled_in() -> None:
    assert say("done-so-far", "en", count=7) == "7 rows are done; run it again to go on"
