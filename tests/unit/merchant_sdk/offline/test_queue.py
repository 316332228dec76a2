from __future__ import annotations

import json
import os
import sqlite3
import stat
import threading
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest

from merchant_sdk import Client, OfflineQueue
from merchant_sdk._offline.queue import BATCH_SIZE
from merchant_sdk._offline.spool import APPLICATION_ID, MIGRATIONS

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "queue.db"


def rows(path: Path) -> list[Any]:
    db = sqlite3.connect(path)
    try:
        return db.execute("SELECT kind, reference, body, state FROM items ORDER BY id").fetchall()
    finally:
        db.close()


def test_a_sale_is_on_the_disk_when_report_returns(path: Path) -> None:
    with OfflineQueue(path, now=lambda: NOON) as queue:
        item = queue.report(reference="A-1", amount=12800, phone="13800000000", items=[{"name": "面", "amount": 12800}])
        [(kind, reference, body, state)] = rows(path)  # as another connection sees it, while ours is open
    assert (kind, reference, state) == ("sale", "A-1", "waiting")
    assert json.loads(body) == {
        "reference": "A-1",
        "amount": 12800,
        "phone": "13800000000",
        "items": [{"name": "面", "amount": 12800}],
        "occurred_at": "2026-01-01T12:00:00Z",
    }
    assert (item.id, item.kind, item.reference, item.kept_at, item.error) == (1, "sale", "A-1", NOON, None)
    assert item.body == json.loads(body)


def test_reference_and_time_are_filled_in_only_where_missing(path: Path) -> None:
    at = datetime(2026, 1, 1, 20, tzinfo=timezone(timedelta(hours=8)))
    with OfflineQueue(path) as queue:
        before = datetime.now(UTC)
        made, other = queue.report(amount=1), queue.report(amount=1, reference=None, occurred_at=None)
        given = queue.report(amount=1, occurred_at=at)
    assert made.reference != other.reference
    assert made.reference.startswith("q-")
    occurred_at = datetime.fromisoformat(made.body["occurred_at"])
    assert before <= occurred_at <= datetime.now(UTC)
    assert given.body["occurred_at"] == "2026-01-01T12:00:00Z"


@pytest.mark.parametrize(
    ("sale", "error"),
    [
        ({"reference": "A", "amount": 1.5}, TypeError),
        ({"reference": "A", "amount": "12"}, TypeError),
        ({"reference": "A"}, TypeError),
        ({"reference": 7, "amount": 1}, TypeError),
        ({"reference": "A", "amount": 1, "occurred_at": datetime(2026, 1, 1)}, ValueError),
        ({"reference": "\ud800", "amount": 1}, ValueError),
        ({"reference": "A", "amount": 1, "metadata": {"till": object()}}, TypeError),
    ],
)
def test_what_cannot_be_sent_is_not_kept(path: Path, sale: dict[str, Any], error: type[Exception]) -> None:
    with OfflineQueue(path) as queue, pytest.raises(error):
        queue.report(**sale)
    assert rows(path) == []


def test_kinds_that_go_nowhere(path: Path) -> None:
    with OfflineQueue(path) as queue, pytest.raises(ValueError, match="kind: one of sale, refund"):
        queue.keep("gift", {"reference": "A"})
    assert rows(path) == []


def test_the_same_sale_is_kept_once(path: Path) -> None:
    with OfflineQueue(path) as queue:
        first = queue.report(reference="A-1", amount=5)
        again = queue.report(reference="A-1", amount=5)
        assert (again.id, again.body) == (first.id, first.body)
        assert queue.report(reference="A-1", amount=6).id != first.id  # which one counts, the server says
        assert queue.counts().waiting == 2


def test_counts(path: Path) -> None:
    clock = iter(NOON + timedelta(minutes=minute) for minute in range(9))
    with OfflineQueue(path, now=lambda: next(clock)) as queue:
        empty = queue.counts()
        assert (empty.waiting, empty.rejected, empty.oldest_waiting_at) == (0, 0, None)
        for _ in range(3):
            queue.report(amount=1)
        counts = queue.counts()
        assert (counts.waiting, counts.rejected, counts.oldest_waiting_at) == (3, 0, NOON)


def test_what_is_kept_survives_closing(path: Path) -> None:
    with OfflineQueue(path) as queue:
        queue.report(reference="A-1", amount=5)
    with OfflineQueue(str(path)) as queue:
        assert queue.counts().waiting == 1


def test_a_closed_queue_opens_again(path: Path) -> None:
    queue = OfflineQueue(path)
    queue.close()
    queue.report(amount=1)
    assert queue.counts().waiting == 1
    queue.close()


def test_the_file(path: Path) -> None:
    with OfflineQueue(path) as queue:
        queue.report(amount=1, phone="13800000000")
        for name in ("queue.db", "queue.db-wal"):
            assert stat.S_IMODE((path.parent / name).stat().st_mode) == 0o600
        assert repr(queue) == f"OfflineQueue({str(path)!r})"
        db = queue._spool._open()
        assert [db.execute(f"PRAGMA {name}").fetchone()[0] for name in ("journal_mode", "synchronous")] == ["wal", 2]
    db = sqlite3.connect(path)
    assert db.execute("PRAGMA user_version").fetchone() == (len(MIGRATIONS),)
    assert db.execute("PRAGMA application_id").fetchone() == (APPLICATION_ID,)
    db.close()


def test_threads_may_share_a_queue(path: Path) -> None:
    with OfflineQueue(path) as queue:
        work = [threading.Thread(target=lambda: [queue.report(amount=1) for _ in range(10)]) for _ in range(5)]
        for thread in work:
            thread.start()
        for thread in work:
            thread.join()
        assert queue.counts().waiting == 50


def test_a_queue_survives_a_fork(path: Path) -> None:
    with OfflineQueue(path) as queue:
        queue.report(reference="parent-1", amount=1)
        child = os.fork()
        if child == 0:
            queue.report(reference="child", amount=1)
            os._exit(0)
        assert os.waitpid(child, 0)[1] == 0
        queue.report(reference="parent-2", amount=1)
        assert {row[1] for row in rows(path)} == {"parent-1", "child", "parent-2"}


def test_a_queue_without_a_client_only_keeps(path: Path) -> None:
    with OfflineQueue(path) as queue:
        for use in (queue.send, queue.start):
            with pytest.raises(ValueError, match="only keeps"):
                use()


@pytest.mark.parametrize("size", [0, 1001])
def test_sizes_of_batches(path: Path, client: Client, size: int) -> None:
    with pytest.raises(ValueError, match="batch_size"):
        OfflineQueue(path, client, batch_size=size)
    assert 1 <= BATCH_SIZE <= 1000


def test_what_is_not_rejected_can_be_neither_retried_nor_discarded(path: Path) -> None:
    with OfflineQueue(path) as queue:
        item = queue.report(amount=1)
        assert (queue.retry(item.id), queue.discard(item.id), queue.retry(99), queue.discard(99)) == (False,) * 4
        assert (queue.rejected(), queue.counts().waiting) == ([], 1)
