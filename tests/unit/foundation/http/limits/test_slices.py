"""Slices of a limit: few questions, and never more than the limit over all processes."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from flask import Flask
from limits import RateLimitItemPerHour

from app.foundation.http.limits.slices import PARTS, Slices
from app.foundation.ids import new_id
from app.foundation.valkey import Valkey

pytestmark = pytest.mark.usefixtures("context")
LIMIT = RateLimitItemPerHour(100, namespace="slices")


@pytest.fixture
def questions(monkeypatch: pytest.MonkeyPatch) -> list[Valkey]:
    """How often Valkey was asked."""
    asked, ask = [], Valkey.asked
    monkeypatch.setattr(Valkey, "asked", lambda valkey: asked.append(valkey) or ask(valkey))  # type: ignore[func-returns-value]
    return asked


def test_processes_together_let_no_more_through_than_the_limit(questions: list[Valkey]) -> None:
    caller, processes = new_id("key"), [Slices() for _ in range(3)]
    given = sum(one.take_call(LIMIT, caller).given for _ in range(LIMIT.amount) for one in processes)
    assert given == LIMIT.amount
    assert len(questions) <= PARTS + 2 * LIMIT.amount + 3


def test_a_process_asks_once_for_each_slice(questions: list[Valkey]) -> None:
    caller, process = new_id("key"), Slices()
    left = [process.take_call(LIMIT, caller).left for _ in range(LIMIT.amount)]
    assert left == list(range(LIMIT.amount - 1, -1, -1))
    assert len(questions) == PARTS
    assert process.take_call(LIMIT, caller).given == 0


def test_threads_of_one_process_share_its_slices(app: Flask) -> None:
    caller, process = new_id("key"), Slices()

    def take(_: int) -> int:
        with app.app_context():
            return process.take_call(LIMIT, caller).given

    with ThreadPoolExecutor(8) as crowd:
        given = sum(crowd.map(take, range(3 * LIMIT.amount)))
    assert given == LIMIT.amount


def test_a_crowd_that_comes_at_once_asks_once_for_each_slice(app: Flask, questions: list[Valkey]) -> None:
    caller, process, crowd = new_id("key"), Slices(), 8 * (LIMIT.amount // PARTS)
    together = threading.Barrier(crowd)

    def take(_: int) -> int:
        with app.app_context():
            together.wait()
            return process.take_call(LIMIT, caller).given

    with ThreadPoolExecutor(crowd) as threads:
        assert list(threads.map(take, range(crowd))) == [1] * crowd
    assert len(questions) == 8


def test_whoever_has_had_all_is_refused_without_a_question(questions: list[Valkey]) -> None:
    caller, process = new_id("key"), Slices()
    for _ in range(LIMIT.amount):
        process.take_call(LIMIT, caller)
    refused = [process.take_call(LIMIT, caller) for _ in range(3)]
    assert [(one.given, one.left, one.resets_ms > 0) for one in refused] == [(0, 0, True)] * 3
    assert len(questions) == PARTS


def test_a_slice_ends_with_its_window() -> None:
    now = [1000.0]
    caller, process = new_id("key"), Slices(lambda: now[0])
    assert process.take_call(LIMIT, caller).left == LIMIT.amount - 1
    now[0] += 3601
    again = process.take_call(LIMIT, caller)
    assert again.left == LIMIT.amount - LIMIT.amount // PARTS - 1, (
        "Valkey's own window goes on, and this slice is a new one"
    )
