"""What can't be so is never posted: a wrong figure stops before it becomes points."""

from __future__ import annotations

from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any, cast

import pytest

from app.ledger.rules import Journal
from app.points.purses.balance import Balance
from app.points.purses.lots import Lot
from app.points.purses.posting import Posting

NOW = datetime(2026, 5, 1, tzinfo=UTC)
MEMBER, JOURNAL, ACCOUNT = "mem_" + "1" * 32, "txn_" + "2" * 32, "acc_" + "3" * 32


def lot(**changes: Any) -> Lot:
    """A lot of 100 points, of which 60 are there."""
    values = {"points": 100, "remaining": 60, "available_at": NOW, "expires_at": None, **changes}
    return Lot("lot_" + "4" * 32, MEMBER, None, "district", JOURNAL, **values)


def posting(one: Lot) -> Posting:
    """A posting whose unit of work may write nothing."""
    balance = Balance(MEMBER, ledger=one.remaining, available=one.remaining)
    made = Posting(cast("Any", SimpleNamespace(now=NOW, district_id="dis_" + "5" * 32)), {MEMBER: balance}, [one])
    made.open_journal(Journal(JOURNAL, "sale", "key_" + "6" * 32, NOW))
    return made


@pytest.mark.parametrize("points", [61, 0, -1])
def test_a_lot_gives_no_more_than_it_holds(points: int) -> None:
    one = lot()
    with pytest.raises(AssertionError, match="of the 60 that it holds"):
        posting(one).debit(JOURNAL, one, points, ACCOUNT, "spend")
    assert one.remaining == 60


@pytest.mark.parametrize("points", [41, 0, -1])
def test_no_more_is_counted_as_given_back_than_has_ended(points: int) -> None:
    one = lot(expired=40)
    with pytest.raises(AssertionError, match="didn't end"):
        posting(one).reclaim(one, points)
    assert one.reclaimed == 0


def test_nothing_is_moved_by_less_than_a_point() -> None:
    with pytest.raises(AssertionError, match="owe moves 0 points"):
        posting(lot()).owe(JOURNAL, MEMBER, 0, ACCOUNT)


@pytest.mark.parametrize("changes", [{"remaining": 101}, {"remaining": -1}, {"expired": 41}, {"reclaimed": 61}])
def test_a_lot_that_can_t_be_is_not_written(changes: dict[str, int]) -> None:
    assert lot().is_sound
    assert not lot(**changes).is_sound


@pytest.mark.parametrize("changes", [{"available": 8}, {"pending": -1}, {"owed": -1}, {"spent": -1}])
def test_a_balance_that_can_t_be_is_not_written(changes: dict[str, int]) -> None:
    assert Balance(MEMBER, ledger=7, available=7).is_sound
    assert not Balance(MEMBER, **{"ledger": 7, "available": 7, **changes}).is_sound
