"""Doing a unit of work again, and naming its district; what needs a database is in the journeys."""

from __future__ import annotations

import pytest
from psycopg import errors as pg

from app.foundation.unit_of_work import Overtaken, _set_district, retrying

HEX = "0193f0a1b2c37d4e8f90a1b2c3d4e5f6"


class Work:
    """Fails as told, then answers."""

    def __init__(self, *failures: type[BaseException]) -> None:
        self.failures = list(failures)
        self.calls = 0

    def __call__(self) -> str:
        self.calls += 1
        if self.failures:
            raise self.failures.pop(0)
        return "done"


@pytest.mark.parametrize(
    "failure", [pg.DeadlockDetected, pg.SerializationFailure, pg.UniqueViolation, Overtaken]
)
def test_a_neighbour_in_the_way_means_again(failure: type[Exception]) -> None:
    work = Work(failure, failure)
    assert retrying(3, work) == "done"
    assert work.calls == 3


def test_the_last_failure_is_raised() -> None:
    work = Work(*[Overtaken] * 9)
    with pytest.raises(Overtaken):
        retrying(3, work)
    assert work.calls == 3


@pytest.mark.parametrize("failure", [pg.LockNotAvailable, pg.CheckViolation, ValueError, KeyboardInterrupt])
def test_other_failures_are_raised_at_once(failure: type[BaseException]) -> None:
    work = Work(failure)
    with pytest.raises(failure):
        retrying(3, work)
    assert work.calls == 1


def test_success_is_not_repeated() -> None:
    work = Work()
    assert retrying(5, work) == "done"
    assert work.calls == 1


def test_the_district_is_set_for_this_transaction_alone() -> None:
    assert _set_district(f"dis_{HEX}") == f"SET LOCAL app.district = '{HEX}'"


@pytest.mark.parametrize(
    "text", ["", HEX, f"mer_{HEX}", f"dis_{HEX}'", "dis_'; RESET ROLE; --", f"dis_{HEX}\n"]
)
def test_what_is_no_district_never_reaches_sql(text: str) -> None:
    with pytest.raises(ValueError, match="not the id of a district"):
        _set_district(text)
