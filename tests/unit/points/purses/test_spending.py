"""What may be spent on a bill, and what it takes off."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.foundation.problems import DomainError, ValidationFailed
from app.members.errors import MemberIsFrozen
from app.points.earning.rounding import value_of
from app.points.errors import SpendLocked
from app.points.purses.balance import Balance
from app.points.purses.spending import SpendingTerms, spend_value
from tests.factories.clock import now

TERMS = SpendingTerms(Decimal(1), 100, 0, needs_proof=True)
PURSE = Balance("mem_1", ledger=500, available=500)


def value(
    points: int, bill: int = 10_000, balance: Balance | None = PURSE, *, is_proven: bool = True, **terms: Any
) -> int:
    return spend_value(points, bill, balance, replace(TERMS, **terms), is_proven=is_proven, now=now())


def code(points: int, **given: Any) -> str:
    """Why points may not be spent; always at their field."""
    with pytest.raises(ValidationFailed) as refused:
        value(points, **given)
    [flaw] = refused.value.flaws
    assert flaw.pointer == "/points_to_spend"
    return flaw.code


@pytest.mark.parametrize(
    ("points", "point_value", "fen"),
    [(300, "1", 300), (3, "0.35", 1), (2, "0.35", 0), (3, "0.3333", 0), (10_000, "0.3333", 3_333), (7, "2.5", 17)],
)
def test_what_points_take_off_a_bill_is_rounded_down_once(points: int, point_value: str, fen: int) -> None:
    assert value_of(points, Decimal(point_value)) == fen
    assert value(points, balance=replace(PURSE, available=10_000), point_value=Decimal(point_value)) == fen


def test_no_points_need_no_member_no_proof_and_no_minimum() -> None:
    assert value(0, balance=None, is_proven=False, min_points=100) == 0


@pytest.mark.parametrize(
    ("points", "given", "why"),
    [
        (1, {"balance": None}, "member-needed"),
        (1, {"is_proven": False}, "proof-needed"),
        (99, {"min_points": 100}, "below-minimum"),
        (501, {}, "not-enough-points"),
        (401, {"balance": replace(PURSE, owed=100)}, "not-enough-points"),
        (1, {"balance": replace(PURSE, available=0, pending=500)}, "not-enough-points"),
        (101, {"bill": 100}, "above-share"),
        (50, {"bill": 99, "max_percent": 50}, "above-share"),
        (1, {"max_percent": 0}, "above-share"),
        (41, {"bill": 100, "point_value": Decimal("2.5")}, "above-share"),
    ],
)
def test_what_is_refused(points: int, given: dict[str, Any], why: str) -> None:
    assert code(points, **given) == why


@pytest.mark.parametrize(
    ("points", "given", "fen"),
    [
        (100, {"min_points": 100}, 100),
        (500, {}, 500),
        (400, {"balance": replace(PURSE, owed=100)}, 400),
        (100, {"bill": 100}, 100),
        (49, {"bill": 99, "max_percent": 50}, 49),
        (1, {"is_proven": False, "needs_proof": False}, 1),
        (40, {"bill": 100, "point_value": Decimal("2.5")}, 100),
    ],
)
def test_what_just_fits(points: int, given: dict[str, Any], fen: int) -> None:
    assert value(points, **given) == fen


@pytest.mark.parametrize(
    ("hold", "error"), [({"is_frozen": True}, MemberIsFrozen), ({"is_spend_locked": True}, SpendLocked)]
)
def test_a_purse_that_is_held_gives_nothing(hold: dict[str, bool], error: type[DomainError]) -> None:
    with pytest.raises(error):
        value(1, balance=replace(PURSE, **hold))
    assert value(0, balance=replace(PURSE, **hold)) == 0


@given(
    points=st.integers(1, 10**10),
    bill=st.integers(0, 10**10),
    available=st.integers(0, 10**10),
    owed=st.integers(0, 10**10),
    percent=st.integers(0, 100),
    point_value=st.decimals("0.0001", "999999", places=4),
)
def test_nothing_is_trimmed_and_no_limit_is_passed(
    points: int, bill: int, available: int, owed: int, percent: int, point_value: Decimal
) -> None:
    purse = replace(PURSE, ledger=available, available=available, owed=owed)
    try:
        fen = value(points, bill, purse, max_percent=percent, point_value=point_value)
    except ValidationFailed:
        assert points > max(0, available - owed) or points * Fraction(point_value) >= bill * percent // 100 + 1
    else:
        assert points <= available - owed
        assert fen <= bill * Fraction(percent, 100)
        assert 0 <= points * Fraction(point_value) - fen < 1
