"""Codes of coupons under keys that rotate."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest

from app.config import Settings
from app.coupons.bill.errors import CodeMistyped
from app.coupons.issuing import code_index
from app.factory import create_app
from tests.conftest import random_key

DISTRICT, OTHER, COUPON = f"dis_{1:032x}", f"dis_{2:032x}", f"cpn_{1:032x}"
OLD, NEW = random_key(1), random_key(2)


@contextmanager
def under(settings: Settings, *keys: str) -> Iterator[None]:
    with create_app(replace(settings, signing_keys=",".join(keys))).app_context():
        yield


def test_a_code_stays_when_keys_are_rotated(settings: Settings) -> None:
    with under(settings, OLD):
        made = code_index.make(DISTRICT, COUPON)
        code = code_index.code_again(COUPON, made.key)
    assert code is not None
    with under(settings, NEW, OLD):
        assert code_index.code_again(COUPON, made.key) == code
        assert made.code_index in code_index.indexes_of(DISTRICT, code.lower())
        assert code_index.make(DISTRICT, COUPON).key == 2
    with under(settings, NEW):
        assert code_index.code_again(COUPON, made.key) is None
        assert made.code_index not in code_index.indexes_of(DISTRICT, code)


def test_an_index_says_nothing_in_another_district(settings: Settings) -> None:
    with under(settings, OLD):
        made = code_index.make(DISTRICT, COUPON)
        code = code_index.code_again(COUPON, made.key) or ""
        assert made.code_index not in code_index.indexes_of(OTHER, code)
        assert code_index.make(OTHER, COUPON).code_index != made.code_index


def test_a_mistyped_code_is_not_looked_up(settings: Settings) -> None:
    with under(settings, OLD), pytest.raises(CodeMistyped):
        code_index.indexes_of(DISTRICT, "7K3M")
