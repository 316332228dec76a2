from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from datetime import datetime
from itertools import count, islice
from typing import Any

import httpx
import pytest

from merchant_sdk import Client, ConnectionFailed, UnexpectedAnswer
from merchant_sdk._calls.batches import Batch, batches_of, results_of
from merchant_sdk._calls.transactions import SALES
from merchant_sdk._http.errors import AuthenticationError, ValidationError

SaleRow = Callable[..., dict[str, Any]]
Handle = Callable[[httpx.Request], httpx.Response]


def sale(number: int) -> dict[str, Any]:
    return {"reference": f"A-{number}", "amount": number}


def sales(most: int | None = None) -> Iterator[dict[str, Any]]:
    return map(sale, count() if most is None else range(most))


@pytest.fixture
def till(sale_row: SaleRow) -> Any:
    """A server of batches; `till.before(references)` is called before a batch is answered."""

    class Till:
        def __init__(self) -> None:
            self.batches: list[list[str]] = []
            self.keys: list[str] = []
            self.refused: set[str] = set()
            self.before: Callable[[list[str]], httpx.Response | None] = lambda references: None
            self.lock = threading.Lock()
            self.client = Client(
                "k",
                "http://quantong.test",
                transport=httpx.MockTransport(self.handle),
                sleep=lambda seconds: None,
            )

        def handle(self, request: httpx.Request) -> httpx.Response:
            assert request.url.path == "/v1/transactions/batch"
            rows = json.loads(request.content)["transactions"]
            references = [row["reference"] for row in rows]
            with self.lock:
                self.batches.append(references)
                self.keys.append(request.headers["Idempotency-Key"])
            answer = self.before(references)
            results = [self.result(index, row["reference"]) for index, row in enumerate(rows)]
            return answer or httpx.Response(200, json={"object": "batch", "results": results})

        def result(self, index: int, reference: str) -> dict[str, Any]:
            if reference in self.refused:
                return {
                    "index": index,
                    "status": 422,
                    "problem": {"code": "validation-failed", "status": 422},
                }
            return {"index": index, "status": 201, "transaction": sale_row(reference=reference)}

    return Till()


def test_every_sale_has_its_result(till: Any) -> None:
    results = list(till.client.transactions.report_batch(sales(1_050), batch_size=100, workers=4))
    assert sorted(result.index for result in results) == list(range(1_050))
    for result in results:
        assert result.reference == f"A-{result.index}" == result.transaction.reference
        assert (result.status, result.problem, result.error) == (201, None, None)
    assert sorted(map(len, till.batches)) == [50] + [100] * 10
    assert len(set(till.keys)) == 11


def test_with_one_worker_all_is_in_order(till: Any) -> None:
    results = list(till.client.transactions.report_batch(sales(25), batch_size=10, workers=1))
    assert [result.index for result in results] == list(range(25))
    assert [batch[0] for batch in till.batches] == ["A-0", "A-10", "A-20"]


def test_no_sales_no_calls(till: Any) -> None:
    assert list(till.client.transactions.report_batch([])) == []
    assert till.batches == []


def test_a_refused_sale_stops_nothing(till: Any) -> None:
    till.refused = {"A-3"}
    results = list(till.client.transactions.report_batch(sales(6), batch_size=2))
    [refused] = [result for result in results if result.problem]
    assert (refused.index, refused.reference, refused.status, refused.transaction) == (3, "A-3", 422, None)
    assert refused.problem["code"] == "validation-failed"
    assert isinstance(refused.error, ValidationError)
    assert len(results) == 6


def test_nothing_is_read_before_it_is_asked_for(till: Any) -> None:
    till.client.transactions.report_batch(iter([sale(1)]))
    assert till.batches == []


def test_an_endless_iterable_is_read_a_few_batches_ahead(till: Any) -> None:
    read = 0

    def endless() -> Iterator[dict[str, Any]]:
        nonlocal read
        for one in sales():
            read += 1
            yield one

    results = till.client.transactions.report_batch(endless(), batch_size=10, workers=3)
    for taken, _ in enumerate(islice(results, 200), start=1):
        # Batches that have landed together wait for the caller, and as many fly meanwhile.
        assert read <= taken + 2 * 3 * 10
    results.close()
    assert read <= 200 + 2 * 3 * 10


def test_batches_fly_at_the_same_time_but_no_more_than_the_workers(till: Any) -> None:
    flying, most, barrier = 0, 0, threading.Barrier(3, timeout=10)

    def before(references: list[str]) -> None:
        nonlocal flying, most
        with till.lock:
            flying += 1
            most = max(most, flying)
        barrier.wait()
        with till.lock:
            flying -= 1

    till.before = before
    assert len(list(till.client.transactions.report_batch(sales(90), batch_size=10, workers=3))) == 90
    assert most == 3


def test_a_slow_batch_holds_up_no_other(till: Any) -> None:
    gate = threading.Event()

    def before(references: list[str]) -> None:
        if "A-0" in references:
            assert gate.wait(10)

    till.before = before
    results = till.client.transactions.report_batch(sales(50), batch_size=10, workers=2)
    first = [next(results).index for _ in range(40)]
    assert sorted(first) == list(range(10, 50))
    gate.set()
    assert [result.index for result in results] == list(range(10))


def test_an_exception_of_the_iterable_comes_after_what_is_known(till: Any) -> None:
    def broken() -> Iterator[dict[str, Any]]:
        yield from sales(25)
        raise LookupError("the file ends here")

    known = []
    with pytest.raises(LookupError, match="the file ends here"):
        known.extend(till.client.transactions.report_batch(broken(), batch_size=10))
    assert sorted(result.index for result in known) == list(range(20))


def test_a_naive_datetime_is_one(till: Any) -> None:
    naive = {**sale(1), "occurred_at": datetime(2026, 1, 1)}
    with pytest.raises(ValueError, match="no time zone"):
        list(till.client.transactions.report_batch([naive]))
    assert till.batches == []


@pytest.mark.parametrize("workers", [1, 3])
def test_a_batch_that_finally_fails_is_raised_after_what_is_known(till: Any, workers: int) -> None:
    def before(references: list[str]) -> None:
        if "A-20" in references:
            raise httpx.ConnectError("refused")

    till.before = before
    known = []
    with pytest.raises(ConnectionFailed):
        for result in till.client.transactions.report_batch(sales(), batch_size=10, workers=workers):
            known.append(result.index)
    assert set(range(20)) <= set(known)
    assert set(range(20, 30)).isdisjoint(known)
    sent = {reference for batch in till.batches for reference in batch}
    assert sent == {f"A-{index}" for index in known} | {f"A-{index}" for index in range(20, 30)}
    failed = [key for key, batch in zip(till.keys, till.batches, strict=True) if batch[0] == "A-20"]
    assert len(failed) == 5
    assert len(set(failed)) == 1


def test_a_refused_call_stops_all(till: Any) -> None:
    till.before = lambda references: httpx.Response(401)
    with pytest.raises(AuthenticationError):
        list(till.client.transactions.report_batch(sales(), batch_size=10, workers=2))
    assert len(till.batches) <= 2


def test_leaving_early_waits_for_what_flies(till: Any) -> None:
    results = till.client.transactions.report_batch(sales(), batch_size=10, workers=2)
    next(results)
    results.close()
    sent = len(till.batches)
    assert sent <= 4
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("quantong-batch")]
    assert len(till.batches) == sent


def test_progress_is_told_in_the_callers_thread(till: Any) -> None:
    told: list[tuple[int, str]] = []

    def on_progress(answered: int) -> None:
        told.append((answered, threading.current_thread().name))

    list(till.client.transactions.report_batch(sales(25), batch_size=10, on_progress=on_progress))
    assert told[-1][0] == 25
    assert [answered for answered, _ in told] == sorted({answered for answered, _ in told})
    assert {name for _, name in told} == {threading.current_thread().name}


@pytest.mark.parametrize("wrong", [{"batch_size": 0}, {"batch_size": 1001}, {"workers": 0}, {"workers": 17}])
def test_limits_are_checked_at_once(till: Any, wrong: dict[str, int]) -> None:
    with pytest.raises(ValueError, match="from 1 to"):
        till.client.transactions.report_batch(sales(), **wrong)


def test_batches_keep_place_and_order() -> None:
    found = list(batches_of(sales(5), 2))
    assert [(batch.first, [row["amount"] for row in batch.bodies]) for batch in found] == [
        (0, [0, 1]),
        (2, [2, 3]),
        (4, [4]),
    ]


@pytest.mark.parametrize(
    "results",
    [
        None,
        [],
        [None, None],
        [{"index": 0, "status": 422, "problem": {}}],
        [{"index": 0, "status": 422, "problem": {"code": "x"}}],
        [
            {"index": 1, "status": 422, "problem": {"code": "x"}},
            {"index": 0, "status": 422, "problem": {"code": "x"}},
        ],
        [{"index": 0, "status": 201}, {"index": 1, "status": 201}],
        [{"index": 0, "problem": {"code": "x"}}, {"index": 1, "problem": {"code": "x"}}],
        [
            {"index": 0, "status": 201, "transaction": {}},
            {"index": 1, "status": 201, "transaction": {"id": "t"}},
        ],
    ],
)
def test_answers_that_leave_a_sale_without_one(results: Any) -> None:
    with pytest.raises(UnexpectedAnswer):
        results_of(SALES, Batch(0, [sale(0), sale(1)]), {"results": results})


def test_a_sale_without_reference_is_the_servers_to_refuse() -> None:
    answer = {"results": [{"index": 0, "status": 422, "problem": {"code": "validation-failed"}}]}
    [result] = results_of(SALES, Batch(7, [{"amount": 1}]), answer)
    assert (result.index, result.reference, result.status) == (7, None, 422)
