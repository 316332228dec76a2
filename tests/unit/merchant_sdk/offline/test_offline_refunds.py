from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from merchant_sdk import OfflineQueue, RefundResult, SaleNotRecordedYet
from merchant_sdk._offline import kept
from merchant_sdk._offline.kept import KeptItem
from tests.factories.offline_shop import Shop, refusal

HALF = timedelta(hours=12)


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    return Shop(tmp_path / "queue.db")


@pytest.fixture
def queue(shop: Shop) -> Iterator[OfflineQueue]:
    with shop.queue(batch_size=10) as queue:
        yield queue


def sell(queue: OfflineQueue, *numbers: int) -> None:
    for number in numbers:
        queue.report(reference=f"A-{number}", amount=100)


def give_back(queue: OfflineQueue, *numbers: int) -> None:
    for number in numbers:
        queue.refund(reference=f"R-{number}", transaction_reference=f"A-{number}", amount=40)


def test_a_refund_is_on_the_disk_when_refund_returns(shop: Shop, queue: OfflineQueue) -> None:
    item = queue.refund(transaction_reference="A-1", amount=40, reason="尺码不合适")
    assert (item.kind, item.reference[:2], item.error) == ("refund", "q-", None)
    assert item.body == {
        "reference": item.reference,
        "occurred_at": "2026-01-01T12:00:00Z",
        "transaction_reference": "A-1",
        "amount": 40,
        "reason": "尺码不合适",
    }
    with sqlite3.connect(shop.path) as db:
        assert db.execute("SELECT kind, sale_reference, state FROM items").fetchall() == [("refund", "A-1", "waiting")]
    db.close()


@pytest.mark.parametrize(
    ("refund", "error"),
    [
        ({"transaction_id": "txn_1"}, TypeError),
        ({"amount": 40}, TypeError),
        ({"amount": 40, "transaction_id": "txn_1", "transaction_reference": "A-1"}, TypeError),
        ({"amount": 40, "transaction_reference": 7}, TypeError),
        ({"amount": 4.0, "transaction_reference": "A-1"}, TypeError),
        ({"amount": 40, "transaction_reference": "A-1", "reference": 7}, TypeError),
        ({"amount": 40, "transaction_reference": "\ud800"}, ValueError),
    ],
)
def test_what_cannot_be_sent_is_not_kept(queue: OfflineQueue, refund: dict[str, Any], error: type[Exception]) -> None:
    with pytest.raises(error):
        queue.refund(**refund)
    assert queue.counts().waiting == 0


@pytest.mark.parametrize("more", [{"points_to_spend": 300}, {"coupons": ["C-1"]}])
def test_points_and_coupons_are_not_spent_offline(queue: OfflineQueue, more: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="only while the server answers"):
        queue.report(reference="A-1", amount=100, **more)
    with pytest.raises(ValueError, match="only while the server answers"):
        queue.keep("sale", {"reference": "A-1", "amount": 100, **more})
    assert queue.counts().waiting == 0
    queue.report(reference="A-1", amount=100, points_to_spend=0, coupons=[])
    assert queue.counts().waiting == 1


def test_the_same_refund_is_kept_and_counts_once(shop: Shop, queue: OfflineQueue) -> None:
    sell(queue, 1)
    give_back(queue, 1, 1)
    assert queue.counts().waiting == 2
    assert queue.send().sent == 2
    give_back(queue, 1)
    assert (queue.counts().waiting, queue.send().sent) == (0, 0)
    assert shop.recorder.times_sent == {"A-1": 1, "R-1": 1}


def test_sales_and_refunds_go_in_order(shop: Shop, queue: OfflineQueue) -> None:
    sell(queue, 1, 2)
    give_back(queue, 1, 2)
    sell(queue, 3)
    give_back(queue, 3)
    report = queue.send()
    assert (report.sent, report.rejected, report.waiting, report.error) == (6, 0, 0, None)
    assert shop.batches == [["A-1", "A-2"], ["R-1", "R-2"], ["A-3"], ["R-3"]]
    assert len(set(shop.keys)) == 4


def test_a_sale_and_a_refund_may_share_a_reference(shop: Shop, queue: OfflineQueue) -> None:
    queue.report(reference="A-1", amount=100)
    queue.refund(reference="A-1", transaction_reference="A-1", amount=100)
    assert queue.send().sent == 2
    assert (list(shop.recorder.bodies), list(shop.recorder.refunds)) == (["A-1"], ["A-1"])


def test_a_refund_kept_before_its_sale_goes_after_it(shop: Shop, queue: OfflineQueue) -> None:
    give_back(queue, 2, 1)
    sell(queue, 1, 2)
    assert queue.send().sent == 4
    assert shop.batches == [["A-1", "A-2"], ["R-2", "R-1"]]
    assert set(shop.recorder.times_sent.values()) == {1}


def test_a_refund_waits_with_its_sale_and_others_pass(shop: Shop, queue: OfflineQueue) -> None:
    shop.instead = {"A-1": (500, "internal-error")}
    sell(queue, 1, 2)
    give_back(queue, 1, 2)
    report = queue.send()
    assert (report.sent, report.rejected, report.waiting, report.error) == (2, 0, 2, None)
    assert shop.recorder.order == ["A-2", "R-2"]
    assert "R-1" not in shop.recorder.times_sent
    shop.instead = {}
    shop.now += timedelta(minutes=1)
    assert queue.send().sent == 2
    assert shop.recorder.order == ["A-2", "R-2", "A-1", "R-1"]


def test_a_sale_at_another_till_is_waited_for(shop: Shop, queue: OfflineQueue) -> None:
    give_back(queue, 1)
    sell(queue, 2)
    report = queue.send()
    assert (report.sent, report.rejected, report.waiting, report.error) == (1, 0, 1, None)
    assert queue.send().sent == 0  # it has its pause
    shop.recorder.answer([{"reference": "A-1", "amount": 100, "occurred_at": "2026-01-01T00:00:00Z"}])
    shop.now += timedelta(seconds=kept.FIRST_DEFER_SECONDS)
    assert queue.send().sent == 1
    assert len(set(shop.keys)) == len(shop.keys)  # an answer that was stored isn't asked for again


def test_a_refund_that_has_missed_its_sale_goes_at_once_when_that_has_gone(shop: Shop, queue: OfflineQueue) -> None:
    give_back(queue, 1)
    queue.send()
    sell(queue, 1)
    assert queue.send().sent == 2


def test_a_sale_that_never_comes_is_not_waited_for_for_ever(shop: Shop, queue: OfflineQueue) -> None:
    give_back(queue, 1)
    shop.now += timedelta(days=30)  # the till was offline: the other one may have been, too
    assert queue.send().waiting == 1
    for _ in range(2):
        shop.now += HALF - timedelta(hours=1)
        assert (queue.send().waiting, queue.rejected()) == (1, [])
    shop.now += timedelta(hours=2)
    report = queue.send()
    assert (report.rejected, report.waiting) == (1, 0)
    [item] = queue.rejected()
    assert (item.reference, item.status) == ("R-1", 404)
    assert isinstance(item.error, SaleNotRecordedYet)
    assert queue.retry(item.id)
    assert (queue.send().rejected, queue.counts().waiting) == (0, 1)  # its patience is new


def test_how_long_a_sale_is_waited_for_may_be_said(shop: Shop) -> None:
    with shop.queue(refund_patience_seconds=0) as queue:
        give_back(queue, 1)
        assert queue.send().rejected == 0
        shop.now += timedelta(minutes=1)
        assert queue.send().rejected == 1


def test_other_answers_do_not_renew_its_patience_and_a_clock_set_back_does(shop: Shop, queue: OfflineQueue) -> None:
    give_back(queue, 1)
    queue.send()
    shop.instead = {"R-1": (429, "rate-limited")}
    shop.now += HALF
    queue.send()
    shop.instead = {}
    shop.now += HALF
    assert queue.send().rejected == 1
    queue.retry(queue.rejected()[0].id)
    queue.send()
    shop.now -= timedelta(days=400)
    queue.send()
    shop.now += HALF
    assert queue.send().rejected == 0
    shop.now += HALF
    assert queue.send().rejected == 1


def test_a_refund_whose_sale_was_rejected_is_rejected_in_time_and_goes_with_it(shop: Shop, queue: OfflineQueue) -> None:
    shop.instead = {"A-1": (404, "not-found")}
    sell(queue, 1)
    give_back(queue, 1)
    report = queue.send()
    assert (report.rejected, report.waiting) == (1, 1)
    shop.instead = {}
    assert queue.retry(queue.rejected()[0].id)
    assert queue.send().sent == 2


def test_a_poisoned_refund_steps_aside(shop: Shop, queue: OfflineQueue) -> None:
    sell(queue, 1, 2, 3)
    give_back(queue, 1, 2, 3)
    sell(queue, 4)
    shop.instead = {"R-2": (422, "validation-failed")}
    report = queue.send()
    assert (report.sent, report.rejected, report.waiting) == (6, 1, 0)
    assert [item.reference for item in queue.rejected()] == ["R-2"]


def test_a_batch_of_refunds_refused_as_a_whole_is_divided(shop: Shop, queue: OfflineQueue) -> None:
    sell(queue, 1, 2, 3)
    give_back(queue, 1, 2, 3)
    sell(queue, 4)
    shop.before = lambda references: refusal(400, "malformed-json") if "R-3" in references else None
    report = queue.send()
    assert (report.sent, report.rejected, report.waiting) == (6, 1, 0)


@pytest.mark.parametrize("status", [404, 405])
def test_a_server_that_knows_no_refunds_yet_gets_the_sales(
    shop: Shop, queue: OfflineQueue, status: int, caplog: pytest.LogCaptureFixture
) -> None:
    sell(queue, 1)
    give_back(queue, 1)
    sell(queue, 2)
    shop.before = lambda references: refusal(status, "not-found") if "R-1" in references else None
    report = queue.send()
    assert (report.sent, report.rejected, report.waiting, report.error) == (2, 0, 1, None)
    assert "doesn't know any refund" in caplog.text
    shop.before = lambda references: None
    shop.now += timedelta(minutes=1)
    assert queue.send().sent == 1


def test_a_stranger_s_page_stops_refunds_as_sales(shop: Shop, queue: OfflineQueue) -> None:
    give_back(queue, 1)
    shop.before = lambda references: refusal(404)
    report = queue.send()
    assert (report.waiting, report.error is not None) == (1, True)


def test_on_sent_is_given_the_refund(shop: Shop) -> None:
    told: list[tuple[str, Any]] = []

    def on_sent(item: KeptItem, result: Any) -> None:
        told.append((item.kind, result))

    with shop.queue(on_sent=on_sent) as queue:
        sell(queue, 1)
        give_back(queue, 1)
        queue.send()
    [_, (kind, result)] = told
    assert (kind, type(result), result.reference) == ("refund", RefundResult, "R-1")
    assert result.refund.transaction_id == "txn_A-1"


def test_a_file_of_the_first_version_goes_on_with_refunds(shop: Shop) -> None:
    with sqlite3.connect(shop.path) as db:
        db.executescript(Path(__file__).with_name("spool_v1.sql").read_text(encoding="utf-8"))
    db.close()
    shop.now += timedelta(days=305)  # the day after the file was made
    with shop.queue(batch_size=10) as queue:
        counts = queue.counts()
        assert (counts.waiting, counts.rejected) == (3, 1)
        assert [item.reference for item in queue.rejected()] == ["A-2"]
        assert queue.retry(2)
        give_back(queue, 2, 5)
        report = queue.send()
        assert (report.sent, report.rejected, report.waiting, report.error) == (6, 0, 0, None)
    assert shop.recorder.order == ["A-2", "A-3", "A-4", "A-5", "R-2", "R-5"]
    assert shop.recorder.bodies["A-4"]["items"] == [{"name": "龙井", "amount": 400}]
