"""Many items in few calls, read from an iterable no faster than they are sent."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, Generic, TypeVar

from merchant_sdk._calls.pages import Sends
from merchant_sdk._http.errors import UnexpectedAnswer

MOST_IN_BATCH = 1_000
MOST_WORKERS = 16
BATCH_SIZE = 500
WORKERS = 2

Progress = Callable[[int], None]
Body = dict[str, Any]
R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class Kind(Generic[R]):
    """What goes in batches: to which address, under which name, made of what, and read as what.

    `read(index, body, row)` makes a result of an item's place in all, what was sent of it and its row of the answer.
    """

    address: str
    name: str
    body_of: Callable[[Mapping[str, object]], Body]
    read: Callable[[int, Body, Mapping[str, Any]], R]


@dataclass(frozen=True, slots=True)
class Batch:
    """Items that go in one call; `first` is the place of the first of them in all."""

    first: int
    bodies: Sequence[Body]


def send_all(
    sender: Sends,
    kind: Kind[R],
    items: Iterable[Mapping[str, object]],
    *,
    batch_size: int,
    workers: int,
    on_progress: Progress | None,
) -> Iterator[R]:
    """See `Transactions.report_batch`."""
    if not 1 <= batch_size <= MOST_IN_BATCH:
        raise ValueError(f"batch_size: from 1 to {MOST_IN_BATCH}")
    if not 1 <= workers <= MOST_WORKERS:
        raise ValueError(f"workers: from 1 to {MOST_WORKERS}")
    return _results(sender, kind, batches_of(map(kind.body_of, items), batch_size), workers, on_progress)


def batches_of(bodies: Iterable[Body], size: int) -> Iterator[Batch]:
    """Items in batches, read one batch at a time. Raises what the iterable raises."""
    source, first = iter(bodies), 0
    while some := list(islice(source, size)):
        yield Batch(first, some)
        first += len(some)


def _results(
    sender: Sends, kind: Kind[R], batches: Iterator[Batch], workers: int, on_progress: Progress | None
) -> Iterator[R]:
    answered = 0
    pool = ThreadPoolExecutor(workers, thread_name_prefix="quantong-batch")
    flights = _Flights(batches, lambda batch: pool.submit(_send, sender, kind, batch), workers)
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
class _Flights(Generic[R]):
    """The batches in the air, `most` at a time. After a failure none takes off; those in the air may land."""

    batches: Iterator[Batch]
    start: Callable[[Batch], Future[list[R]]]
    most: int
    failure: Exception | None = None
    flying: set[Future[list[R]]] = field(default_factory=set)

    def next_finished(self) -> list[list[R]]:
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

    def _failed(self, future: Future[list[R]]) -> bool:
        error = future.exception()
        if error is not None and self.failure is None:
            assert isinstance(error, Exception)
            self.failure = error
        return error is not None


def _send(sender: Sends, kind: Kind[R], batch: Batch) -> list[R]:
    return results_of(kind, batch, sender.request("POST", kind.address, json={kind.name: batch.bodies}))


def results_of(kind: Kind[R], batch: Batch, answer: Mapping[str, Any]) -> list[R]:
    """What became of each item of a batch, in its order. Raises UnexpectedAnswer where one has no answer."""
    rows = answer.get("results")
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise UnexpectedAnswer("a batch without its results")
    if [row.get("index") for row in rows] != list(range(len(batch.bodies))):
        raise UnexpectedAnswer(f"{len(batch.bodies)} {kind.name} were sent, and other ones answered")
    return [
        kind.read(batch.first + place, body, row)
        for place, (body, row) in enumerate(zip(batch.bodies, rows, strict=True))
    ]


def status_of(row: Mapping[str, Any], name: str) -> int:
    """The status of a result. Raises UnexpectedAnswer where it has none, or neither a thing of that name nor a problem."""
    status = row.get("status")
    if not isinstance(status, int) or not isinstance(row.get(name) or row.get("problem"), dict):
        raise UnexpectedAnswer(f"a result of a batch without status, or with neither {name} nor problem")
    return status
