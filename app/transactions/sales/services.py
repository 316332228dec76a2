"""Reporting one sale: those of a moment are folded into one unit of work."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import lru_cache
from threading import BoundedSemaphore
from typing import TypeVar

from app.foundation.database.folding import Folder, LeaderLost
from app.foundation.database.once import do_once
from app.foundation.database.unit_of_work import RETRYABLE, UnitOfWork
from app.foundation.problems import Busy, IdempotencyKeyInUse
from app.foundation.tenancy import Principal, system_principal
from app.transactions import metrics
from app.transactions.sales import desk
from app.transactions.sales.desk import Outcome
from app.transactions.sales.sale import Sale
from app.transactions.sales.watching import watched

ATTEMPTS = 8
MOST_FOLDED = 64
PATIENCE_SECONDS = 0.002
"""So long those who had their answers together are waited for to come again together: a set takes some 3 ms."""
MOST_PATIENT = 3
"""So many sales of a process wait at a time for members whom a neighbour holds: the other connections serve the rest."""
_patience = BoundedSemaphore(MOST_PATIENT)


def report_one(sale: Sale) -> Outcome:
    """Records one sale, together with those that come to this process at the same time for the same district.

    None of them waits for another's member: a sale that has to waits by itself.
    """
    with watched([sale]):
        outcome = None
        with suppress(LeaderLost):
            outcome = _folder(sale.principal.district_id).do(sale)
        return _report_patiently(sale) if outcome is None else outcome


@lru_cache(maxsize=4096)
def _folder(district_id: str) -> Folder[Sale, Outcome | None]:
    return Folder(lambda sales: _report_folded(district_id, sales), most=MOST_FOLDED, patience_seconds=PATIENCE_SECONDS)


def _report_folded(district_id: str, sales: Sequence[Sale]) -> Sequence[Outcome | None]:
    """Sales of several callers in one commit; None for each that has to wait for a member whom a neighbour holds.

    None for all of them if the commit fails: then each is tried by itself, and nobody pays for another's trouble.
    """
    principal = sales[0].principal if len(sales) == 1 else system_principal(district_id)
    try:
        return _report_retrying(principal, sales, desk.report_free)
    except Exception:
        if len(sales) == 1:
            raise
    return [None] * len(sales)


def _report_patiently(sale: Sale) -> Outcome:
    try:
        with _patience:
            return _report_retrying(sale.principal, [sale], desk.report)[0]
    except RETRYABLE:
        return Busy(headers={"Retry-After": "1"})


O = TypeVar("O")  # noqa: E741


def _report_retrying(
    principal: Principal, sales: Sequence[Sale], report: Callable[[UnitOfWork, Sequence[Sale]], list[O]]
) -> list[O]:
    """Sales in one commit, with their idempotency keys, which are written last of all: any lock may be one of theirs."""
    locked = IdempotencyKeyInUse if any(sale.idempotency_key for sale in sales) else Busy
    outcomes = do_once(principal, lambda uow: report(uow, sales), attempts=ATTEMPTS, pipelined=True, locked=locked)
    metrics.SHARED.labels("folded").observe(len(sales))
    return outcomes
