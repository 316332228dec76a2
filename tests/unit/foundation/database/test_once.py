"""Work that is done once: again where a neighbour got in its way, and not again under a key that has an answer."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from psycopg import errors as pg

from app.foundation.database import idempotency
from app.foundation.database.idempotency import StoredAnswer
from app.foundation.database.once import Once, ToStore, do_once
from app.foundation.database.unit_of_work import Overtaken, UnitOfWork
from app.foundation.problems import Busy, DomainError, IdempotencyKeyInUse, IdempotencyKeyReused
from app.foundation.tenancy import system_principal
from tests.factories.districts import District

pytestmark = pytest.mark.usefixtures("context")
REQUEST = b"r" * 16


class Work:
    """Counts how often it is done; fails as told before."""

    def __init__(self, *failures: type[BaseException]) -> None:
        self.failures = list(failures)
        self.done = 0

    def __call__(self, uow: UnitOfWork) -> str:
        if self.failures:
            raise self.failures.pop(0)
        self.done += 1
        return f"done {self.done}"


def once(key: str, request: bytes = REQUEST, keep: timedelta | None = None, refusal: str = "") -> Once[str]:
    def to_store(outcome: str) -> ToStore | None:
        return None if outcome == refusal else (201, {"said": outcome})

    def again(_: UnitOfWork, stored: StoredAnswer) -> str:
        return f"{stored.answer['said']}, {stored.status} again"

    return Once(key, request, to_store, again, keep)


@pytest.mark.parametrize("pipelined", [False, True])
def test_under_a_key_the_first_outcome_is_made_again(district: District, pipelined: bool) -> None:
    principal, work = system_principal(district.id), Work()
    told = [do_once(principal, work, once("k"), pipelined=pipelined) for _ in range(3)]
    assert told == ["done 1", "done 1, 201 again", "done 1, 201 again"]
    assert do_once(principal, work, once("other"), pipelined=pipelined) == "done 2"


def test_without_a_key_it_is_done_every_time(district: District) -> None:
    work = Work()
    assert [do_once(system_principal(district.id), work) for _ in range(2)] == ["done 1", "done 2"]


def test_another_request_under_the_key_is_refused(district: District) -> None:
    principal, work = system_principal(district.id), Work()
    do_once(principal, work, once("k"))
    with pytest.raises(IdempotencyKeyReused):
        do_once(principal, work, once("k", b"s" * 16))
    assert work.done == 1


def test_a_refusal_leaves_nothing_under_the_key(district: District) -> None:
    principal, work = system_principal(district.id), Work()
    assert do_once(principal, work, once("k", refusal="done 1")) == "done 1"
    assert do_once(principal, work, once("k")) == "done 2"


def test_what_is_kept_for_a_moment_is_done_anew_after_it(district: District) -> None:
    principal, work = system_principal(district.id), Work()
    for said in ("done 1", "done 2"):
        assert do_once(principal, work, once("k", keep=timedelta(0))) == said


@pytest.mark.parametrize("keys", [(None, None), ("k", "other")])
def test_it_is_tried_as_often_as_told(district: District, keys: tuple[str | None, str | None]) -> None:
    principal, (first, second) = system_principal(district.id), [key and once(key) for key in keys]
    assert do_once(principal, Work(Overtaken, pg.UniqueViolation), first or None, attempts=3) == "done 1"
    with pytest.raises(pg.DeadlockDetected):
        do_once(principal, Work(Overtaken, pg.DeadlockDetected, Overtaken), second or None, attempts=2)


@pytest.mark.parametrize(("said", "code"), [({}, Busy), ({"locked": IdempotencyKeyInUse}, IdempotencyKeyInUse)])
def test_a_lock_that_is_not_had_is_told(district: District, said: dict[str, Any], code: type[DomainError]) -> None:
    with pytest.raises(code) as told:
        do_once(system_principal(district.id), Work(pg.LockNotAvailable), once("k"), **said)
    assert told.value.headers["Retry-After"] == "1"


def test_a_key_that_is_not_had_is_in_use(district: District, monkeypatch: pytest.MonkeyPatch) -> None:
    def held(*_: object, **__: object) -> None:
        raise pg.LockNotAvailable

    monkeypatch.setattr(idempotency, "take_key", held)
    work = Work()
    with pytest.raises(IdempotencyKeyInUse) as told:
        do_once(system_principal(district.id), work, once("k"))
    assert told.value.headers["Retry-After"] == "1"
    assert work.done == 0


def test_what_got_in_the_way_comes_with_every_further_try(district: District) -> None:
    met: list[frozenset[str]] = []

    def work(uow: UnitOfWork) -> None:
        met.append(uow.overtaken_by)
        if len(met) < 4:
            raise Overtaken([["a"], ["b", "c"], []][len(met) - 1])

    do_once(system_principal(district.id), work)
    assert met == [frozenset(), {"a"}, {"a", "b", "c"}, {"a", "b", "c"}]
