"""Many sales in one request, in pieces of one commit each."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import nullcontext
from typing import Any, NamedTuple

from app.foundation.database.idempotency import StoredAnswer
from app.foundation.database.once import Once, ToStore, do_once
from app.foundation.database.unit_of_work import RETRYABLE, UnitOfWork
from app.foundation.http.turns import stepping_aside, take_turns
from app.foundation.problems import Busy, DomainError, told_again
from app.foundation.tenancy import Principal
from app.transactions import metrics
from app.transactions.sales import desk, queries
from app.transactions.sales.desk import Outcome
from app.transactions.sales.sale import Sale
from app.transactions.sales.watching import watched

ATTEMPTS = 8
MOST_IN_PIECE = 500
MANY = 10
"""Where more than one in so many sales of a batch is put off, the district's batches take turns."""
_PIECE = "\x1f"
"""Between an idempotency key and the number of a piece: no caller can send this character."""
Item = Sale | DomainError
Result = Outcome | dict[str, Any] | None
"""What became of an item: an outcome, a problem kept from an earlier answer, or None where it was put off."""


class BatchAnswer(NamedTuple):
    """Results in the order of the items."""

    results: Sequence[Result]
    is_replay: bool = False


def report_batch(principal: Principal, items: Sequence[Item], key: str | None, request: bytes) -> BatchAnswer:
    """Records the sales of a batch in order; items that are refusals already stay so.

    It waits for nobody at first: sales to members whom a neighbour holds are put off until all others are done, and once
    more if they are still held, so that two batches that share members don't stand in each other's way. Without an
    idempotency key a piece that found no way in is a problem at each of its items. Under a key each piece is one commit
    with its answer: a batch that broke off goes on where it was when it is sent again.
    """
    pieces = _Pieces(principal, key, request)
    with watched(item for item in items if isinstance(item, Sale)):
        results = pieces.report(items, wait=False)
        if sum(one is None for one in results) * MANY > len(results):
            take_turns(principal.district_id)
        for wait in (False, True):
            late = [number for number, one in enumerate(results) if one is None]
            if late:
                with stepping_aside() if wait else nullcontext():
                    done = pieces.report([items[number] for number in late], wait=wait)
                for number, one in zip(late, done, strict=True):
                    results[number] = one
    return BatchAnswer(results, is_replay=pieces.are_replays)


class _Pieces:
    """The pieces of one batch as they come, numbered, for each has an idempotency key of its own where the batch has."""

    def __init__(self, principal: Principal, key: str | None, request: bytes) -> None:
        self._principal = principal
        self._key = key
        self._request = request
        self._number = 0
        self.are_replays = True

    def report(self, items: Sequence[Item], *, wait: bool) -> list[Result]:
        """Results of items, piece by piece. A stored answer covers as many of them as it did when it was given."""
        results: list[Result] = []
        while True:
            answer = self._report(items[len(results) : len(results) + MOST_IN_PIECE], wait=wait)
            self.are_replays &= answer.is_replay
            results += answer.results
            if len(results) >= len(items):
                return results

    def _report(self, items: Sequence[Item], *, wait: bool) -> BatchAnswer:
        number, self._number = self._number, self._number + 1

        def work(uow: UnitOfWork) -> BatchAnswer:
            return BatchAnswer(_results(uow, items, wait=wait))

        try:
            return do_once(self._principal, work, self._once(number), attempts=ATTEMPTS, pipelined=True)
        except (Busy, *RETRYABLE):
            if self._key is not None:
                raise
        busy = Busy(headers={"Retry-After": "1"})
        return BatchAnswer([busy if isinstance(item, Sale) else item for item in items])

    def _once(self, number: int) -> Once[BatchAnswer] | None:
        if self._key is None:
            return None
        key = f"{self._key}{_PIECE}{number}" if number else self._key
        return Once(key, self._request, _to_store, _again)


def _results(uow: UnitOfWork, items: Sequence[Item], *, wait: bool) -> list[Outcome | None]:
    metrics.SHARED.labels("batch").observe(len(items))
    sales = [item for item in items if isinstance(item, Sale)]
    report = desk.report if wait else desk.report_free
    outcomes = iter(report(uow, sales))
    return [next(outcomes) if isinstance(item, Sale) else item for item in items]


def _to_store(answer: BatchAnswer) -> ToStore:
    return 200, {"results": [_kept(one) for one in answer.results]}


def _kept(result: Result) -> dict[str, Any] | None:
    if result is None or isinstance(result, dict):
        return result
    if isinstance(result, DomainError):
        return {"problem": result.as_kept()}
    return {**desk.to_store(result), "status": result.status}


def _again(uow: UnitOfWork, stored: StoredAnswer) -> BatchAnswer:
    kept: list[dict[str, Any] | None] = stored.answer["results"]
    found = queries.records(uow, [one["transaction"] for one in kept if one is not None and "transaction" in one])

    def result(one: dict[str, Any] | None) -> Result:
        if one is None or "problem" in one:
            return one and told_again(one["problem"])
        return desk.as_answered(found[one["transaction"]], one["status"], one)

    return BatchAnswer([result(one) for one in kept], is_replay=True)
