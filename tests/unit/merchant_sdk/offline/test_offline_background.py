from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from merchant_sdk import Client, OfflineQueue
from merchant_sdk._http.errors import ConnectionFailed, RateLimited, SpoolError
from merchant_sdk._offline.background import MOST_ASKED_SECONDS, MOST_SECONDS, Background, pause_seconds
from merchant_sdk._offline.dispatch import SendReport
from tests.factories.processes import wait_until
from tests.factories.recorder import Recorder, serving

WELL = SendReport(0, 0, 0)


def test_pauses_grow_to_a_limit() -> None:
    assert [pause_seconds(failures, None, 1.0) for failures in (1, 2, 3, 6, 7, 1000)] == [1, 2, 4, 32, 60, MOST_SECONDS]
    assert pause_seconds(3, None, 0.0) == 2.0
    assert pause_seconds(1, 30.0, 0.0) == 30.5
    assert pause_seconds(1, 9e9, 0.0) == MOST_ASKED_SECONDS + 0.5


def test_it_sends_at_once_and_again_and_again() -> None:
    calls = threading.Semaphore(0)

    def send(is_stopping: Callable[[], bool]) -> SendReport:
        calls.release()
        return WELL

    background = Background(send, 0.01)
    for _ in range(3):
        assert calls.acquire(timeout=10)
    assert background.stop(10)


def test_it_is_woken() -> None:
    calls = threading.Semaphore(0)

    def send(is_stopping: Callable[[], bool]) -> SendReport:
        calls.release()
        return WELL

    background = Background(send, 3600)
    assert calls.acquire(timeout=10)
    background.wake()
    assert calls.acquire(timeout=10)
    assert background.stop(10)


@pytest.mark.parametrize(
    "failure", [ConnectionFailed("down"), RateLimited(429, {}, None, 0.01), SpoolError("gone"), ZeroDivisionError()]
)
def test_no_failure_ends_it(
    failure: Exception, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("merchant_sdk._offline.background.FIRST_SECONDS", 0.001)
    caplog.set_level(logging.WARNING)
    calls = threading.Semaphore(0)
    fate = [failure, failure, None]

    def send(is_stopping: Callable[[], bool]) -> SendReport:
        error = fate.pop(0) if fate else None
        calls.release()
        if isinstance(error, SpoolError | ZeroDivisionError):
            raise error
        return SendReport(0, 0, 1, error)  # type: ignore[arg-type]

    background = Background(send, 0.001)
    for _ in range(4):
        assert calls.acquire(timeout=10)
    assert background.stop(10)
    assert "can't send" in caplog.text


def test_a_pause_after_a_failure_is_not_cut_short_but_by_stopping() -> None:
    calls = []

    def send(is_stopping: Callable[[], bool]) -> SendReport:
        calls.append(1)
        return SendReport(0, 0, 1, RateLimited(429, {}, None, 500.0))

    background = Background(send, 0.001)
    assert wait_until(lambda: calls)
    background.wake()
    time.sleep(0.05)
    assert len(calls) == 1
    assert background.stop(10)


def test_intervals_are_more_than_nothing() -> None:
    with pytest.raises(ValueError, match="every_seconds"):
        Background(lambda is_stopping: WELL, 0)


def test_what_is_reported_during_sending_goes_at_once(tmp_path: Path) -> None:
    recorder = Recorder()
    with serving(recorder) as address, Client("k", address) as client, OfflineQueue(tmp_path / "q.db", client) as queue:
        early = queue.report(amount=1).reference
        with queue.sending(every_seconds=3600) as same:
            assert same is queue
            queue.start()  # it runs already
            assert wait_until(lambda: early in recorder.bodies)
            references = [queue.report(amount=number).reference for number in range(20)]
            assert wait_until(lambda: queue.counts().waiting == 0)
        assert recorder.order == [early, *references]
        queue.report(amount=1)
        time.sleep(0.05)
        assert queue.counts().waiting == 1  # nobody sends any more
        assert queue.stop()


def test_it_stops_between_two_batches(tmp_path: Path) -> None:
    gate, entered = threading.Event(), threading.Event()
    batches: list[Any] = []

    def handle(request: httpx.Request) -> httpx.Response:
        batches.append(request)
        entered.set()
        assert gate.wait(10)
        raise AssertionError("unreached") if len(batches) > 1 else httpx.ConnectError("down")

    client = Client("k", "http://quantong.test", transport=httpx.MockTransport(handle))
    with OfflineQueue(tmp_path / "q.db", client, batch_size=1) as queue:
        queue.report(amount=1)
        queue.start()
        assert entered.wait(10)
        assert not queue.stop(patience_seconds=0.01)  # it is on its way
        gate.set()
    assert len(batches) == 1
