"""Presence tokens: they say what was signed, and nothing else is one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask

from app.config import Settings
from app.factory import create_app
from app.foundation.ids import new_id
from app.members.codes.presence_tokens import LASTS, Presence, make_token, read_token
from tests.conftest import random_key

NOON = datetime(2026, 5, 1, 4, 0, tzinfo=UTC)
DISTRICT = new_id("dis")
HERE = Presence(new_id("mem"), new_id("str"), NOON + LASTS)


@pytest.fixture
def inside(context: None) -> Iterator[None]:
    yield


@pytest.mark.usefixtures("inside")
def test_a_token_says_who_where_and_until_when() -> None:
    token = make_token(DISTRICT, HERE)
    assert read_token(DISTRICT, token) == HERE
    assert make_token(DISTRICT, HERE) == token


@pytest.mark.usefixtures("inside")
def test_what_was_not_signed_is_no_token() -> None:
    token = make_token(DISTRICT, HERE)
    assert read_token(new_id("dis"), token) is None
    for wrong in ("", "pt_", token[:-1], token + "a", token.upper(), token.replace("pt_", "pt-")):
        assert read_token(DISTRICT, wrong) is None
    for place in range(3, len(token)):
        other = "a" if token[place] != "a" else "b"
        assert read_token(DISTRICT, token[:place] + other + token[place + 1 :]) is None


def test_a_token_outlives_the_rotation_of_keys_but_not_its_key(settings: Settings) -> None:
    def product(keys: str) -> Flask:
        return create_app(replace(settings, signing_keys=keys))

    old, new = random_key(1), random_key(2)
    with product(old).app_context():
        token = make_token(DISTRICT, HERE)
    with product(f"{new},{old}").app_context():
        assert read_token(DISTRICT, token) == HERE
    with product(new).app_context():
        assert read_token(DISTRICT, token) is None


@pytest.mark.parametrize(
    ("seconds", "good"), [(-660.000001, False), (-660, True), (-600, True), (-0.000001, True), (0, False), (60, False)]
)
def test_a_token_is_good_for_ten_minutes_and_the_one_before(seconds: float, good: bool) -> None:
    assert HERE.is_good_at(HERE.expires_at + timedelta(seconds=seconds)) is good
