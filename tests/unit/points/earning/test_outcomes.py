"""Outcomes as they are stored: shorter, and the same in the same order when they are read."""

from __future__ import annotations

from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.points.earning.outcomes import Outcome, given_by_rule, outcomes_of, packed, unpacked
from app.points.earning.words import CODES
from tests.factories.districts import District
from tests.factories.points import base_rule

KEYS = st.text('ab夜:,= -"\\\\', min_size=1, max_size=8)
APPLIED = st.builds(Outcome, KEYS, st.integers(1, 10**9), st.just("applied"))
SKIPPED = st.builds(Outcome, KEYS, st.just(0), st.sampled_from(sorted(CODES)))
OUTCOMES = st.lists(APPLIED | SKIPPED, max_size=30)


def in_full(outcomes: list[Outcome]) -> list[list[object]]:
    return [list(one) for one in outcomes]


@given(OUTCOMES)
def test_what_is_stored_is_read_again(outcomes: list[Outcome]) -> None:
    stored = orjson.loads(orjson.dumps(packed(outcomes_of(outcomes))))
    assert list(unpacked(stored)) == list(outcomes_of(outcomes)) == outcomes
    by_rule = tuple((one.rule_key, one.points) for one in outcomes if one.points)
    assert given_by_rule(stored) == given_by_rule(in_full(outcomes)) == outcomes_of(outcomes).given == by_rule


@given(OUTCOMES)
def test_rows_of_before_are_read_as_they_are(outcomes: list[Outcome]) -> None:
    assert unpacked(in_full(outcomes)) == outcomes_of(outcomes)


@pytest.mark.parametrize(
    ("outcomes", "stored"),
    [
        ([], []),
        ([["base", 12, "applied"]], [["base", 12, "applied"]]),
        ([["base", 0, "amount-too-small"]], ["amount-too-small\tbase"]),
        (
            [["base", 12, "applied"], ["tea", 0, "other-store"], ["app", 0, "other-store"], ["night", 3, "applied"]],
            [["base", 12, "applied"], ["night", 3, "applied"], "=\nother-store\ttea\tapp\n="],
        ),
    ],
)
def test_as_it_stands_in_the_table(outcomes: list[list[Any]], stored: list[object]) -> None:
    assert packed(outcomes_of(Outcome(*one) for one in outcomes)) == stored


def test_no_key_of_a_rule_has_tabs_or_lines(district: District) -> None:
    """What parts the words isn't in them."""
    for key in ("a\tb", "a\nb", "\tb"):
        body = {"name": "x", "rules": [base_rule(key=key)]}
        assert district.api.post("/v1/rule-sets", body, district.key).status == 422
    assert not [code for code in CODES if set(code) & set("\t\n=")]
