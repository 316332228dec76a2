"""A unit of work that is done again where a neighbour got in its way, and once for all under an idempotency key.

What differs between callers is given: how often it is tried, for whom, what of an outcome is stored under the key, and
how an outcome is made again of what is stored there.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Generic, TypeVar

from psycopg import errors as pg

from app.foundation.database import idempotency
from app.foundation.database.idempotency import StoredAnswer
from app.foundation.database.unit_of_work import Overtaken, UnitOfWork, retrying, unit_of_work
from app.foundation.problems import Busy, DomainError, IdempotencyKeyInUse
from app.foundation.tenancy import Origin, Principal

ATTEMPTS = 5
_SOON = {"Retry-After": "1"}
T = TypeVar("T")
ToStore = tuple[int, dict[str, Any]]
"""The status of an answer, and what is kept of it."""


@dataclass(frozen=True, slots=True)
class Once(Generic[T]):
    """An idempotency key, and the print that tells its request from another.

    `to_store`: what is kept of an outcome; None where it is a refusal, which is never stored: then the key is as if it
    had not been sent. `again`: the outcome of what was kept. `keep`: how long it is, if that is less than a day.
    """

    key: str
    request: bytes
    to_store: Callable[[T], ToStore | None]
    again: Callable[[UnitOfWork, StoredAnswer], T]
    keep: timedelta | None = None

    def do(self, uow: UnitOfWork, work: Callable[[UnitOfWork], T]) -> T:
        """The first outcome under the key. Raises IdempotencyKeyInUse, IdempotencyKeyReused, and what the work raises."""
        try:
            stored = idempotency.take_key(uow, self.key, self.request, keep=self.keep)
        except pg.LockNotAvailable as error:
            raise IdempotencyKeyInUse(headers=_SOON) from error
        if stored is not None:
            return self.again(uow, stored)
        outcome = work(uow)
        kept = self.to_store(outcome)
        if kept is None:
            idempotency.forget_key(uow, self.key)
        else:
            idempotency.store_answer(uow, self.key, *kept)
        return outcome


def outcome_before(principal: Principal, once: Once[T] | None) -> T | None:
    """What was done before under a key, if anything: for work in several units of work, of which the last one keeps it.

    `once` keeps nothing of None. Raises IdempotencyKeyReused, IdempotencyKeyInUse.
    """

    def nothing_yet(uow: UnitOfWork) -> Any:
        return None

    return None if once is None else do_once(principal, nothing_yet, once)


def do_once(
    principal: Principal,
    work: Callable[[UnitOfWork], T],
    once: Once[T] | None = None,
    *,
    attempts: int = ATTEMPTS,
    pipelined: bool = False,
    origin: Origin | None = None,
    locked: type[DomainError] = Busy,
) -> T:
    """Does some work in a unit of work of its own, under a key if it has one.

    Raises what the work raises, IdempotencyKeyReused, IdempotencyKeyInUse where another request under the key isn't over
    in time, and `locked` where any other lock isn't had in time; what a further try might have cured after the last.
    """
    keys: frozenset[str] = frozenset()

    def attempt() -> T:
        nonlocal keys
        try:
            with unit_of_work(principal, origin=origin, pipelined=pipelined, overtaken_by=keys) as uow:
                return work(uow) if once is None else once.do(uow, work)
        except Overtaken as overtaken:
            keys |= overtaken.keys
            raise

    try:
        return retrying(attempts, attempt)
    except pg.LockNotAvailable as error:
        raise locked(headers=_SOON) from error
