from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from merchant_sdk import ConnectionFailed, OfflineQueue, UnexpectedAnswer
from merchant_sdk._http.errors import ApiError, Conflict
from merchant_sdk._offline import kept
from tests.factories.offline_shop import Shop, fill, refusal


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    return Shop(tmp_path / "queue.db")


@pytest.fixture
def queue(shop: Shop) -> Iterator[OfflineQueue]:
    with shop.queue(batch_size=4) as queue:
        yield queue


def test_all_is_sent_in_order_in_batches(shop: Shop, queue: OfflineQueue) -> None:
    references = fill(queue, 10)
    report = queue.send()
    assert (report.sent, report.rejected, report.waiting, report.error) == (10, 0, 0, None)
    assert [len(batch) for batch in shop.batches] == [4, 4, 2]
    assert shop.recorder.order == references
    assert len(set(shop.keys)) == 3
    assert queue.counts().waiting == 0


def test_nothing_to_send_makes_no_call(shop: Shop, queue: OfflineQueue) -> None:
    assert queue.send().sent == 0
    assert shop.batches == []


def test_what_was_sent_is_not_kept_again_for_some_days(shop: Shop, queue: OfflineQueue) -> None:
    [reference] = fill(queue, 1)
    queue.send()
    shop.now += timedelta(days=2)
    assert queue.report(reference=reference, amount=0).id == 1  # a till that forgot that it had reported it
    assert queue.counts().waiting == 0
    shop.now += timedelta(days=2)
    fill(queue, 2)
    queue.send()
    with sqlite3.connect(shop.path) as db:
        assert db.execute("SELECT count(*) FROM sent").fetchone() == (1,)
    db.close()


def test_on_sent_is_told_of_each_and_may_fail(shop: Shop, caplog: pytest.LogCaptureFixture) -> None:
    told: list[tuple[str, int]] = []

    def on_sent(item: kept.KeptItem, result: Any) -> None:
        told.append((item.reference, result.transaction.amount))
        raise RuntimeError("the printer is out of paper")

    with shop.queue(on_sent=on_sent) as queue:
        fill(queue, 2)
        assert queue.send().sent == 2
        assert queue.counts().waiting == 0
    assert told == [("A-0", 0), ("A-1", 1)]
    assert "out of paper" in caplog.text


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (httpx.ConnectError("down"), ConnectionFailed),
        (httpx.ReadTimeout("slow"), ConnectionFailed),
        (refusal(401, "invalid-api-key"), ApiError),
        (refusal(403, "missing-scope"), ApiError),
        (refusal(404), ApiError),
        (refusal(409, "idempotency-key-in-use"), ApiError),
        (refusal(429, "rate-limited", {"Retry-After": "7"}), ApiError),
        (refusal(502), ApiError),
        (refusal(503), ApiError),
        (refusal(400), ApiError),  # a proxy's, not this API's
        (refusal(422), ApiError),
        (httpx.Response(200, text="<html>Please sign in</html>"), UnexpectedAnswer),
        (httpx.Response(200, json={"results": []}), UnexpectedAnswer),
    ],
)
def test_where_the_server_cannot_all_waits_and_goes_later(
    shop: Shop, queue: OfflineQueue, answer: Any, kind: type[Exception]
) -> None:
    references = fill(queue, 6)
    shop.before = lambda references: answer
    for _ in range(3):
        report = queue.send()
        assert (report.sent, report.rejected, report.waiting) == (0, 0, 6)
        assert isinstance(report.error, kind)
    assert len(shop.batches) == 3  # one attempt each: who waits is the thread
    assert len(set(shop.keys)) == 1  # the same batch, not answered: the same key
    shop.before = lambda references: None
    assert queue.send().sent == 6
    assert shop.recorder.order == references


def test_a_lost_answer_counts_nothing_twice(shop: Shop, queue: OfflineQueue) -> None:
    fill(queue, 3)
    rows: list[Any] = []

    def lose(references: list[str]) -> Exception:
        rows.append(shop.recorder.answer([dict(item) for item in waiting_bodies(shop)]))
        return httpx.ReadTimeout("lost")

    shop.before = lose
    assert queue.send().waiting == 3
    shop.before = lambda references: None
    assert queue.send().sent == 3
    assert shop.recorder.conflicts == []
    assert list(shop.recorder.times_sent.values()) == [2, 2, 2]
    assert len(shop.recorder.bodies) == 3


def waiting_bodies(shop: Shop) -> list[dict[str, Any]]:
    db = sqlite3.connect(shop.path)
    try:
        return [json.loads(body) for (body,) in db.execute("SELECT body FROM items ORDER BY id")]
    finally:
        db.close()


def test_a_poisoned_item_steps_aside(shop: Shop, queue: OfflineQueue) -> None:
    fill(queue, 9)
    shop.instead = {"A-2": (409, "reference-conflict"), "A-5": (422, "validation-failed")}
    report = queue.send()
    assert (report.sent, report.rejected, report.waiting, report.error) == (7, 2, 0, None)
    first, second = queue.rejected()
    assert (first.reference, first.status, first.problem) == ("A-2", 409, {"code": "reference-conflict", "status": 409})
    assert isinstance(first.error, Conflict)
    assert second.reference == "A-5"
    assert (queue.counts().waiting, queue.counts().rejected, queue.counts().oldest_waiting_at) == (0, 2, None)


def test_a_rejected_item_is_retried_under_a_new_key(shop: Shop, queue: OfflineQueue) -> None:
    fill(queue, 1)
    shop.instead = {"A-0": (404, "not-found")}
    queue.send()
    [item] = queue.rejected()
    shop.instead = {}
    assert queue.retry(item.id)
    assert queue.rejected() == []
    assert queue.send().sent == 1
    assert len(set(shop.keys)) == 2  # else the server would give the stored refusal again
    assert not queue.retry(item.id)


def test_a_sale_that_was_called_without_a_time_before_is_known_again(shop: Shop, queue: OfflineQueue) -> None:
    shop.recorder.answer([{"reference": "A-0", "amount": 0}])  # the answer was lost
    shop.recorder.answer([{"reference": "A-1", "amount": 99}])
    fill(queue, 3)
    report = queue.send()
    assert (report.sent, report.rejected, report.waiting) == (2, 1, 0)
    assert shop.recorder.bodies["A-0"] == {"reference": "A-0", "amount": 0}
    [item] = queue.rejected()
    assert (item.reference, item.status) == ("A-1", 409)
    assert shop.recorder.bodies["A-1"]["amount"] == 99
    assert len(set(shop.keys)) == len(shop.keys)


def test_a_refund_that_was_called_without_a_time_before_is_known_again(shop: Shop, queue: OfflineQueue) -> None:
    refund = {"reference": "R-1", "transaction_reference": "A-0", "amount": 0}
    fill(queue, 1)
    queue.send()
    shop.recorder.answer([refund], "refunds")
    queue.refund(**refund)
    assert queue.send().sent == 1
    assert shop.recorder.refunds["R-1"] == refund


def test_a_sale_that_tells_its_time_is_not_sent_without_it(shop: Shop, queue: OfflineQueue) -> None:
    shop.recorder.answer([{"reference": "A-0", "amount": 1}])
    queue.report(reference="A-0", amount=1, occurred_at=shop.now)
    assert queue.send().rejected == 1
    assert len(shop.batches) == 1


def test_a_rejected_item_is_put_right_and_sent(shop: Shop) -> None:
    shop.now = datetime(1970, 1, 1, 8, tzinfo=UTC)  # a till whose clock has lost its battery
    with shop.queue() as queue:
        queue.report(reference="A-0", amount=100, phone="13800000000", channel="till")
        shop.now = datetime(2026, 1, 1, 12, tzinfo=UTC)
        shop.instead = {"A-0": (422, "validation-failed")}
        queue.send()
        [item] = queue.rejected()
        shop.instead = {}
        assert queue.retry(item.id, occurred_at=shop.now, channel=None)
        assert queue.send().sent == 1
    assert shop.recorder.bodies["A-0"] == {
        "reference": "A-0",
        "amount": 100,
        "phone": "13800000000",
        "occurred_at": "2026-01-01T12:00:00Z",
    }


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"reference": "B-0"}, ValueError),
        ({"occurred_at": datetime(2026, 1, 1)}, ValueError),
        ({"amount": 1.5}, TypeError),
        ({"amount": None}, TypeError),
        ({"points_to_spend": 5}, ValueError),
    ],
)
def test_what_cannot_be_sent_changes_nothing(
    shop: Shop, queue: OfflineQueue, changes: dict[str, object], error: type[Exception]
) -> None:
    fill(queue, 1)
    shop.instead = {"A-0": (404, "not-found")}
    queue.send()
    [before] = queue.rejected()
    with pytest.raises(error):
        queue.retry(before.id, **changes)
    assert queue.rejected() == [before]
    assert not queue.retry(99, amount=1)


def test_a_rejected_refund_may_name_another_sale(shop: Shop, queue: OfflineQueue) -> None:
    fill(queue, 1)
    queue.refund(reference="R-1", transaction_reference="no such", amount=0)
    shop.instead = {"R-1": (404, "not-found")}
    queue.send()
    shop.instead = {}
    assert queue.retry(queue.rejected()[0].id, transaction_reference="A-0")
    assert queue.send().sent == 1
    assert shop.recorder.refunds["R-1"]["transaction_reference"] == "A-0"


def test_a_rejected_item_is_discarded(shop: Shop, queue: OfflineQueue) -> None:
    fill(queue, 2)
    shop.instead = {"A-0": (404, "not-found")}
    queue.send()
    [item] = queue.rejected()
    assert queue.discard(item.id)
    assert queue.rejected() == []
    assert not queue.discard(item.id)
    assert queue.send().sent == 0


@pytest.mark.parametrize(("status", "code"), [(413, None), (422, "validation-failed"), (400, "malformed-json")])
@pytest.mark.parametrize("poisoned", [{"A-0"}, {"A-6"}, {"A-1", "A-2", "A-9"}, {f"A-{n}" for n in range(10)}])
def test_a_batch_refused_as_a_whole_is_divided(shop: Shop, status: int, code: str | None, poisoned: set[str]) -> None:
    shop.before = lambda references: refusal(status, code) if poisoned & set(references) else None
    with shop.queue(batch_size=10) as queue:
        references = fill(queue, 10)
        report = queue.send()
        assert (report.sent, report.rejected, report.waiting) == (10 - len(poisoned), len(poisoned), 0)
        assert {item.reference for item in queue.rejected()} == poisoned
        assert shop.recorder.order == [one for one in references if one not in poisoned]


def test_an_item_that_breaks_the_server_lets_others_pass_and_is_tried_again(shop: Shop) -> None:
    shop.before = lambda references: refusal(500, "internal-error") if "A-3" in references else None
    with shop.queue(batch_size=8) as queue:
        fill(queue, 12)
        reports = [queue.send() for _ in range(12)]
        assert reports[0].error is not None
        assert reports[-1].error is None
        assert (queue.counts().waiting, queue.rejected()) == (1, [])
        assert "A-11" in shop.recorder.bodies
        assert queue.send().sent == 0  # it has its pause
        shop.before = lambda references: None
        shop.now += timedelta(minutes=2)
        assert queue.send().sent == 1


@pytest.mark.parametrize(("status", "code"), [(500, "internal-error"), (503, "unavailable"), (429, "rate-limited"), (409, "idempotency-key-in-use"), (404, "sale-not-recorded-yet")])  # fmt: skip
def test_a_refusal_of_one_item_that_may_pass_is_no_rejection(
    shop: Shop, queue: OfflineQueue, status: int, code: str
) -> None:
    fill(queue, 3)
    shop.instead = {"A-1": (status, code)}
    report = queue.send()
    assert (report.sent, report.rejected, report.waiting, report.error) == (2, 0, 1, None)
    shop.instead = {}
    assert queue.send().sent == 0
    shop.now += timedelta(seconds=kept.FIRST_DEFER_SECONDS)
    assert queue.send().sent == 1


def test_a_clock_set_back_ends_a_pause(shop: Shop, queue: OfflineQueue) -> None:
    fill(queue, 1)
    shop.instead = {"A-0": (429, "rate-limited")}
    queue.send()
    shop.instead = {}
    shop.now -= timedelta(days=1)
    assert queue.send().sent == 1


def test_a_key_used_for_another_body_is_changed(shop: Shop, queue: OfflineQueue) -> None:
    fill(queue, 2)
    answers = [refusal(422, "idempotency-key-reused")]
    shop.before = lambda references: answers.pop() if answers else None
    assert queue.send().sent == 2
    assert len(set(shop.keys)) == 2


def test_an_item_that_someone_has_written_into_is_rejected(shop: Shop, queue: OfflineQueue) -> None:
    fill(queue, 3)
    with sqlite3.connect(shop.path) as db:
        db.execute("""UPDATE items SET body = '{"reference": "A-1", "amount": 1.5}' WHERE reference = 'A-1'""")
    db.close()
    report = queue.send()
    assert (report.sent, report.rejected, report.waiting) == (2, 1, 0)
    assert queue.rejected()[0].problem["code"] == "unreadable"  # type: ignore[index]


def test_kinds_that_this_version_does_not_know_stay(shop: Shop, queue: OfflineQueue) -> None:
    fill(queue, 2)
    with sqlite3.connect(shop.path) as db:
        db.execute("UPDATE items SET kind = 'gift' WHERE reference = 'A-0'")
    db.close()
    report = queue.send()
    assert (report.sent, report.waiting) == (1, 1)


def test_big_items_go_in_small_batches(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept, "MOST_BYTES", 1000)
    with shop.queue() as queue:
        for number in range(4):
            queue.report(reference=f"A-{number}", amount=1, metadata={"note": "注" * 130})
        queue.report(reference="A-big", amount=1, metadata={"note": "x" * 3000})
        assert queue.send().sent == 5
    assert [len(batch) for batch in shop.batches] == [2, 2, 1]


def test_one_sends_at_a_time(shop: Shop, queue: OfflineQueue) -> None:
    fill(queue, 1)
    with shop.queue() as other:
        inner: list[Any] = []
        shop.before = lambda references: inner.append(other.send())
        assert queue.send().sent == 1
    [report] = inner
    assert (report.sent, report.waiting, report.another_sends) == (0, 1, True)
    assert len(shop.batches) == 1


def test_the_lease_of_a_killed_sender_runs_out(shop: Shop, queue: OfflineQueue) -> None:
    fill(queue, 1)
    with queue._spool.writing() as db:
        assert kept.take_lease(db, "killed", 60, shop.now)
    assert queue.send().another_sends
    shop.now += timedelta(seconds=59)
    assert queue.send().another_sends
    shop.now += timedelta(seconds=2)
    assert queue.send().sent == 1


def test_a_clock_set_back_ends_a_lease(shop: Shop, queue: OfflineQueue) -> None:
    fill(queue, 1)
    with queue._spool.writing() as db:
        kept.take_lease(db, "killed", 60, shop.now)
    shop.now -= timedelta(hours=1)
    assert queue.send().sent == 1


def test_who_loses_the_lease_notes_its_answers_and_stops(shop: Shop, queue: OfflineQueue) -> None:
    fill(queue, 8)

    def stall(references: list[str]) -> None:
        shop.now += timedelta(seconds=61)
        with queue._spool.writing() as db:
            assert kept.take_lease(db, "other", 60, shop.now)

    shop.before = stall
    report = queue.send()
    assert (report.sent, report.waiting) == (4, 4)
    assert queue.send().another_sends
