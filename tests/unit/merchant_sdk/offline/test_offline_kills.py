"""`kill -9` at any moment: what `report` has returned is kept or sent, and counts once."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from merchant_sdk import Client, KeptItem, OfflineQueue
from merchant_sdk._offline import kept
from tests.factories.queue_tills import Tills
from tests.factories.recorder import Recorder, serving

KILLS = 40
KILLS_OF_SENDERS = 20


def waiting(queue: OfflineQueue) -> list[KeptItem]:
    """What still waits, due or not."""
    with queue._spool.reading() as db:
        return kept.next_batch(db, ["refund"], 1000, datetime.now(UTC) + timedelta(hours=1))


@pytest.fixture
def tills() -> Iterator[Tills]:
    with Tills() as tills:
        yield tills


def kept_references(path: Path) -> list[str]:
    with OfflineQueue(path) as queue, queue._spool.reading() as db:
        return [reference for (reference,) in db.execute("SELECT reference FROM items ORDER BY id")]


def test_kills_of_a_till_that_reports(tmp_path: Path, tills: Tills) -> None:
    path, draw, said = tmp_path / "queue.db", random.Random(1), list[str]()
    for kill in range(KILLS):
        pid = tills.start("till", str(path), f"T{kill:03d}")
        said += tills.kill(pid, draw.uniform(0, 0.06))
    kept = kept_references(path)
    assert len(said) >= KILLS
    assert set(said) <= set(kept)
    assert len(kept) == len(set(kept))
    assert len(kept) - len(said) <= KILLS  # each time at most the one that was being reported
    assert kept == sorted(kept)


def test_kills_of_a_till_that_reports_and_sends(tmp_path: Path, tills: Tills) -> None:
    path, draw, said, recorder = tmp_path / "queue.db", random.Random(2), list[str](), Recorder()
    with serving(recorder) as address:
        for kill in range(KILLS_OF_SENDERS):
            pid = tills.start("selling_sender", str(path), f"T{kill:03d}", address)
            said += tills.kill(pid, draw.uniform(0.02, 0.2))
        sent_by_the_killed = len(recorder.order)
        assert set(said) <= set(kept_references(path)) | recorder.bodies.keys()
        time.sleep(0.25)  # until the lease of the last one has run out
        with Client("k", address) as client, OfflineQueue(path, client) as queue:
            report = queue.send()
            assert (report.error, report.rejected, report.waiting) == (None, 0, 0)
    assert sent_by_the_killed > 0
    assert recorder.conflicts == []
    assert len(recorder.order) == len(set(recorder.order))
    assert set(said) <= set(recorder.order)
    assert recorder.order == sorted(recorder.order)


def test_kills_of_a_till_that_gives_back(tmp_path: Path, tills: Tills) -> None:
    path, draw, said, recorder = tmp_path / "queue.db", random.Random(3), list[str](), Recorder()
    with serving(recorder) as address:
        for kill in range(KILLS_OF_SENDERS):
            pid = tills.start("refunding_sender", str(path), f"T{kill:03d}", address)
            said += tills.kill(pid, draw.uniform(0.02, 0.2))
        time.sleep(0.25)  # until the lease of the last one has run out
        with Client("k", address) as client, OfflineQueue(path, client) as queue:
            report = queue.send()
            # a refund that was kept just before a kill, and its sale no more
            missed = {item.reference for item in waiting(queue)}
        assert (report.error, report.rejected) == (None, 0)
    assert {reference.removesuffix("-R") for reference in missed}.isdisjoint(recorder.bodies)
    assert recorder.conflicts == []
    assert len(recorder.order) == len(set(recorder.order))
    assert set(said) <= set(recorder.order) | missed
    assert len(recorder.refunds) > KILLS_OF_SENDERS


def test_processes_share_a_file(tmp_path: Path, tills: Tills) -> None:
    path, recorder, count = tmp_path / "queue.db", Recorder(), 60
    with serving(recorder) as address:
        first = tills.start("till", str(path), "T9")  # one dies with the file open
        tills.kill(first, 0.01)
        with Tills() as others:
            pids = [tills.start("counted_till", str(path), "T0", address, count)]
            pids_of_others = [others.start("counted_till", str(path), "T1", address, count)]
            tills.all_end(pids)
            others.all_end(pids_of_others)
    assert kept_references(path) == []
    assert recorder.most_at_once == 1  # two never send at once
    assert set(recorder.times_sent.values()) == {1}
    for name in ("T0", "T1"):
        own = [reference for reference in recorder.order if reference.startswith(f"{name}-")]
        assert own == [f"{name}-{number:05d}" for number in range(count)]
