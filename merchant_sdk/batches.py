"""Many sales in few calls, read from an iterable no faster than they are sent."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from merchant_sdk.errors import UnexpectedAnswer
from merchant_sdk.pages import Sends
from merchant_sdk.sale_answers import BatchResult, Transaction
from merchant_sdk.sales import body_of
from merchant_sdk.wire import path

MOST_IN_BATCH = 1_000
MOST_WORKERS = 16
BATCH_SIZE = 500
WORKERS = 2

Progress = Callable[[int], None]
Results = list[BatchResult]


@dataclass(frozen=True, slots=True)
class Batch:
    """Sales that go in one call; `first` is the place of the first of them in all."""

    first: int
    sales: Sequence[dict[str, Any]]


def report_all(
    sender: Sends,
    sales: Iterable[Mapping[str, object]],
    *,
    batch_size: int,
    workers: int,
    on_progress: Progress | None,
) -> Iterator[BatchResult]:
    """See `Transactions.report_batch`."""
    if not 1 <= batch_size <= MOST_IN_BATCH:
        raise ValueError(f"batch_size: from 1 to {MOST_IN_BATCH}")
    if not 1 <= workers <= MOST_WORKERS:
        raise ValueError(f"workers: from 1 to {MOST_WORKERS}")
    return _results(sender, batches_of(sales, batch_size), workers, on_progress)


def batches_of(sales: Iterable[Mapping[str, object]], size: int) -> Iterator[Batch]:
    """Sales in batches, read one batch at a time. Raises as `body_of`, and what the iterable raises."""
    source, first = iter(sales), 0
    while bodies := [body_of(sale) for sale in islice(source, size)]:
        yield Batch(first, bodies)
        first += len(bodies)


def _results(
    sender: Sends, batches: Iterator[Batch], workers: int, on_progress: Progress | None
) -> Iterator[BatchResult]:
    answered = 0
    pool = ThreadPoolExecutor(workers, thread_name_prefix="quantong-batch")
    flights = _Flights(batches, lambda batch: pool.submit(_send, sender, batch), workers)
    try:
        while finished := flights.next_finished():
            for results in finished:
                answered += len(results)
                yield from results
                if on_progress is not None:
                    on_progress(answered)
        if flights.failure is not None:
            raise flights.failure
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


@dataclass(slots=True)
class _Flights:
    """The batches in the air, `most` at a time. After a failure none takes off; those in the air may land."""

    batches: Iterator[Batch]
    start: Callable[[Batch], Future[Results]]
    most: int
    failure: Exception | None = None
    flying: set[Future[Results]] = field(default_factory=set)

    def next_finished(self) -> list[Results]:
        """The results of the batches that land next; none when all is over."""
        while True:
            self._fill()
            if not self.flying:
                return []
            landed, self.flying = wait(self.flying, return_when=FIRST_COMPLETED)
            finished = [future.result() for future in landed if not self._failed(future)]
            if finished:
                # The next ones fly while the caller looks at these.
                self._fill()
                return finished

    def _fill(self) -> None:
        while self.failure is None and len(self.flying) < self.most:
            try:
                batch = next(self.batches, None)
            except Exception as error:
                self.failure = error
                return
            if batch is None:
                return
            self.flying.add(self.start(batch))

    def _failed(self, future: Future[Results]) -> bool:
        error = future.exception()
        if error is not None and self.failure is None:
            assert isinstance(error, Exception)
            self.failure = error
        return error is not None


def _send(sender: Sends, batch: Batch) -> Results:
    answer = sender.request("POST", path("transactions", "batch"), json={"transactions": batch.sales})
    return results_of(batch, answer)


def results_of(batch: Batch, answer: Mapping[str, Any]) -> Results:
    """What became of each sale of a batch, in its order. Raises UnexpectedAnswer where one has no answer."""
    rows = answer.get("results")
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise UnexpectedAnswer("a batch without its results")
    if [row.get("index") for row in rows] != list(range(len(batch.sales))):
        raise UnexpectedAnswer(f"{len(batch.sales)} sales were sent, and other ones answered")
    return [_result(batch, position, row) for position, row in enumerate(rows)]


def _result(batch: Batch, position: int, row: Mapping[str, Any]) -> BatchResult:
    transaction, problem = row.get("transaction"), row.get("problem")
    if not isinstance(row.get("status"), int) or not isinstance(transaction or problem, dict):
        raise UnexpectedAnswer("a result of a batch without status, or with neither transaction nor problem")
    return BatchResult(
        index=batch.first + position,
        reference=batch.sales[position].get("reference"),
        status=row["status"],
        transaction=Transaction.read(transaction) if transaction else None,
        problem=None if transaction else problem,
    )
