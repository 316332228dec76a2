"""Units of work: what commits, what falls, what errors come out as, and doing one again."""

from __future__ import annotations

from datetime import UTC, datetime

import psycopg
import pytest
from psycopg import errors as pg

from app.districts.models import Merchant
from app.foundation.database import unit_of_work as unit_of_work_file
from app.foundation.database.unit_of_work import Overtaken, _set_district, retrying, unit_of_work
from app.foundation.ids import new_id
from app.foundation.tenancy import system_principal
from tests.factories.districts import District
from tests.factories.foundation import keep, kept

pytestmark = pytest.mark.usefixtures("context")
BOTH_WAYS = pytest.mark.parametrize("pipelined", [False, True])
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


@pytest.mark.parametrize("failure", [pg.DeadlockDetected, pg.SerializationFailure, pg.UniqueViolation, Overtaken])
def test_a_neighbour_in_the_way_means_again(failure: type[Exception]) -> None:
    work = Work(failure, failure)
    assert retrying(3, work) == "done"
    assert work.calls == 3


def test_the_pause_before_a_further_attempt_grows_by_chance(monkeypatch: pytest.MonkeyPatch) -> None:
    """Up to 1 ms, 2, 4 … 100: neighbours who met at one moment don't all come again at another."""
    paused: list[float] = []
    monkeypatch.setattr(unit_of_work_file.time, "sleep", paused.append)
    assert retrying(12, Work(*[Overtaken] * 11)) == "done"
    most = [0.001, 0.002, 0.004, 0.008, 0.016, 0.032, 0.064, 0.1, 0.1, 0.1, 0.1]
    assert all(0 <= one <= longest for one, longest in zip(paused, most, strict=True))
    assert len(set(paused)) == len(paused)
    retrying(3, Work())
    assert len(paused) == 11


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


@pytest.mark.parametrize("text", ["", HEX, f"mer_{HEX}", f"dis_{HEX}'", "dis_'; RESET ROLE; --", f"dis_{HEX}\n"])
def test_what_is_no_district_never_reaches_sql(text: str) -> None:
    with pytest.raises(ValueError, match="not the id of a district"):
        _set_district(text)


@pytest.fixture
def nowhere() -> str:
    """The id of a district that nobody made."""
    return new_id("dis")


@BOTH_WAYS
def test_a_clean_exit_commits(superuser: psycopg.Connection, nowhere: str, pipelined: bool) -> None:
    with unit_of_work(system_principal(nowhere), pipelined=pipelined) as uow:
        keep(uow, "a")
        keep(uow, "b")
        assert kept(superuser, nowhere) == []
    assert kept(superuser, nowhere) == ["a", "b"]


@BOTH_WAYS
@pytest.mark.parametrize("error", [KeyError, KeyboardInterrupt, GeneratorExit])
def test_an_exception_rolls_back(
    superuser: psycopg.Connection, nowhere: str, pipelined: bool, error: type[BaseException]
) -> None:
    with pytest.raises(error), unit_of_work(system_principal(nowhere), pipelined=pipelined) as uow:
        keep(uow, "a")
        uow.rows("SELECT 1")
        raise error
    assert kept(superuser, nowhere) == []
    with unit_of_work(system_principal(nowhere), pipelined=pipelined) as uow:
        keep(uow, "b")
    assert kept(superuser, nowhere) == ["b"]


def test_what_the_session_holds_commits_with_the_rest(district: District, superuser: psycopg.Connection) -> None:
    merchant = Merchant(
        district_id=district.id, id=new_id("mer"), code="M", name="M", category=None, created_at=datetime.now(UTC)
    )
    with unit_of_work(system_principal(district.id)) as uow:
        uow.session.add(merchant)
        [(seen,)] = uow.rows("SELECT count(*) FROM merchants WHERE id = %s", (merchant.id[4:],))
        assert seen == 1, "SQL sees what the session holds back"
        keep(uow, "m")
    assert kept(superuser, district.id)[-1:] == ["m"]
    with pytest.raises(RuntimeError), unit_of_work(system_principal(district.id), pipelined=True) as uow:
        assert uow.session


def test_the_clock_is_passed_in(nowhere: str) -> None:
    moment = datetime(2026, 1, 1, tzinfo=UTC)
    with unit_of_work(system_principal(nowhere), clock=lambda: moment) as uow:
        assert uow.now is moment


def test_a_snapshot_sees_one_moment_and_writes_nothing(nowhere: str) -> None:
    count = "SELECT count(*) FROM idempotency_keys"
    with unit_of_work(system_principal(nowhere), snapshot=True) as reading:
        assert reading.rows(count) == [(0,)]
        with unit_of_work(system_principal(nowhere)) as writing:
            keep(writing, "a")
        assert reading.rows(count) == [(0,)]
    with unit_of_work(system_principal(nowhere)) as uow:
        assert uow.rows(count) == [(1,)]
    with pytest.raises(pg.ReadOnlySqlTransaction), unit_of_work(system_principal(nowhere), snapshot=True) as uow:
        keep(uow, "b")


def test_writes_are_gathered_until_something_is_asked(nowhere: str) -> None:
    with unit_of_work(system_principal(nowhere), pipelined=True) as uow:
        keep(uow, "a")
        keep(uow, "b")
        assert uow.rows("SELECT key FROM idempotency_keys ORDER BY key") == [("a",), ("b",)]


@BOTH_WAYS
@pytest.mark.parametrize(
    ("query", "error"),
    [
        ("SELECT 1 / 0", pg.DivisionByZero),
        ("SELECT * FROM nothing", pg.UndefinedTable),
        ("SELECT %(d)s::uuid::text::integer", pg.InvalidTextRepresentation),
        ("INSERT INTO merchants (district_id) VALUES (%(d)s)", pg.NotNullViolation),
        ("DELETE FROM transfers", pg.InsufficientPrivilege),
    ],
)
def test_errors_are_psycopg_s_own(
    superuser: psycopg.Connection, nowhere: str, pipelined: bool, query: str, error: type[Exception]
) -> None:
    with pytest.raises(error), unit_of_work(system_principal(nowhere), pipelined=pipelined) as uow:
        keep(uow, "a")
        uow.execute(query, {"d": nowhere[4:]})
    assert kept(superuser, nowhere) == []


@BOTH_WAYS
def test_a_row_twice_is_told_at_the_latest_at_the_commit(
    superuser: psycopg.Connection, nowhere: str, pipelined: bool
) -> None:
    with unit_of_work(system_principal(nowhere)) as uow:
        keep(uow, "a")
    with pytest.raises(pg.UniqueViolation), unit_of_work(system_principal(nowhere), pipelined=pipelined) as uow:
        keep(uow, "b")
        keep(uow, "a")
    assert kept(superuser, nowhere) == ["a"]


def test_errors_met_through_the_session_are_psycopg_s_own(district: District) -> None:
    twice = Merchant(
        district_id=district.id, id=new_id("mer"), code="A101", name="x", category=None, created_at=datetime.now(UTC)
    )
    with pytest.raises(pg.UniqueViolation), unit_of_work(system_principal(district.id)) as uow:
        uow.session.add(twice)


def test_a_lock_not_had_in_time_is_told(nowhere: str) -> None:
    with unit_of_work(system_principal(nowhere)) as holder:
        holder.execute("SELECT pg_advisory_xact_lock(7)")
        with pytest.raises(pg.LockNotAvailable), unit_of_work(system_principal(nowhere)) as uow:
            uow.execute("SET LOCAL lock_timeout = '20ms'")
            uow.execute("SELECT pg_advisory_xact_lock(7)")


def test_a_second_try_sees_what_the_neighbour_did(superuser: psycopg.Connection, nowhere: str) -> None:
    tries: list[list[str]] = []

    def work() -> str:
        with unit_of_work(system_principal(nowhere)) as uow:
            tries.append([row[0] for row in uow.rows("SELECT key FROM idempotency_keys")])
            if not tries[-1]:
                with unit_of_work(system_principal(nowhere)) as neighbour:
                    keep(neighbour, "a")
                keep(uow, "a")
            return "done"

    assert retrying(3, work) == "done"
    assert tries == [[], ["a"]]
    assert kept(superuser, nowhere) == ["a"]
