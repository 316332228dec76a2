"""Tokens of staff: an invitation carries its district, a session's token nothing."""

from __future__ import annotations

import pytest

from app.staff.sessions.tokens import INVITED, OPEN, WAITING, district_of_invitation, new_invitation, new_token

DISTRICT = "dis_" + "0193f2a1" * 4


def test_tokens_are_all_different_and_say_what_they_are() -> None:
    made = {new_token(head) for head in (OPEN, WAITING) for _ in range(50)}
    assert len(made) == 100
    assert {one[:3] for one in made} == {OPEN, WAITING}
    assert {len(one) for one in made} == {3 + 52}, "256 bits in base32"


def test_an_invitation_says_its_district() -> None:
    made = {new_invitation(DISTRICT) for _ in range(50)}
    assert len(made) == 50
    assert {district_of_invitation(one) for one in made} == {DISTRICT}


@pytest.mark.parametrize(
    "secret",
    ["", INVITED, INVITED + "a" * 57, INVITED + "a" * 59, "ss_" + "a" * 58, INVITED + "1" * 58, INVITED + "ä" * 58],
)
def test_what_is_no_invitation_leads_nowhere(secret: str) -> None:
    assert district_of_invitation(secret) is None
