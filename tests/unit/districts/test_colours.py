"""Colours in which everybody can read."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.districts.colours import LEAST_CONTRAST, PAPER, PINE, can_be_read, contrast, mixed

COLOURS = st.integers(0, 0xFFFFFF).map(lambda number: f"#{number:06x}")


@pytest.mark.parametrize(
    ("one", "other", "figure"),
    [("#000000", "#ffffff", 21.0), ("#777777", "#ffffff", 4.48), ("#ffffff", "#ffffff", 1.0)],
)
def test_contrast_is_that_of_the_guidelines(one: str, other: str, figure: float) -> None:
    assert round(contrast(one, other), 2) == round(contrast(other, one), 2) == figure


@given(COLOURS)
def test_whatever_can_be_read_can_be_read_wherever_pages_use_it(colour: str) -> None:
    if can_be_read(colour):
        deep, tint = mixed(colour, "#000000", 25), mixed(colour, "#ffffff", 90)
        pairs = [(colour, "#ffffff"), (colour, PAPER), (deep, tint), (deep, "#ffffff")]
        assert all(contrast(*pair) >= LEAST_CONTRAST for pair in pairs)


def test_pine_can_be_read_and_gold_can_t() -> None:
    assert (can_be_read(PINE), can_be_read("#d4a017")) == (True, False)
