"""Group commit with threads that are held at gates, so that no test depends on how fast a machine is."""

from __future__ import annotations

import random
import threading
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor

import pytest

from app.foundation.database.folding import Folder, LeaderLost

PATIENCE_SECONDS = 60
A_MOMENT = 0.001


class Works:
    """Work that answers `answer(item)`, and keeps what sets it saw and how many were under way at once."""

    def __init__(self, *, held: bool = False, refuse: Sequence[int] = ()) -> None:
        self.sets: list[list[int]] = []
        self.most_under_way = 0
        self.gate = threading.Semaphore(0) if held else None
        self.begun = threading.Semaphore(0)
        self._refuse = set(refuse)
        self._under_way = 0
        self._lock = threading.Lock()

    def __call__(self, items: Sequence[int]) -> list[str]:
        with self._lock:
            self.sets.append(list(items))
            self._under_way += 1
            self.most_under_way = max(self.most_under_way, self._under_way)
        self.begun.release()
        if self.gate is not None:
            assert self.gate.acquire(timeout=PATIENCE_SECONDS)
        with self._lock:
            self._under_way -= 1
        if self._refuse & set(items):
            raise LookupError(f"refused: {sorted(items)}")
        return [answer(item) for item in items]

    def wait_until_begun(self) -> None:
        assert self.begun.acquire(timeout=PATIENCE_SECONDS)

    def let(self, sets: int) -> None:
        assert self.gate is not None
        self.gate.release(sets)


def answer(item: int) -> str:
    return f"answer to {item}"


def waiting(folder: Folder[int, str], number: int) -> None:
    """Returns once that many callers wait in a folder."""
    tick, patience = threading.Event(), PATIENCE_SECONDS * 1000
    while len(folder._waiting) < number:
        tick.wait(0.001)
        patience -= 1
        assert patience, "the callers never came"


def held_up(works: Works, *, most: int, followers: int, pool: ThreadPoolExecutor) -> list[Future[str]]:
    """Callers 0 to `followers`: the first is at work behind the gate, the others wait for it in order."""
    folder: Folder[int, str] = Folder(works, most=most, patience_seconds=A_MOMENT)
    calls = [pool.submit(folder.do, 0)]
    works.wait_until_begun()
    for item in range(1, followers + 1):
        calls.append(pool.submit(folder.do, item))
        waiting(folder, item)
    return calls


def test_alone_an_item_is_done_at_once_by_its_caller() -> None:
    threads = []

    def work(items: Sequence[int]) -> list[str]:
        threads.append(threading.current_thread())
        return [answer(item) for item in items]

    folder = Folder(work, most=10, patience_seconds=A_MOMENT)
    assert [folder.do(item) for item in range(3)] == [answer(item) for item in range(3)]
    assert threads == [threading.current_thread()] * 3


def test_who_comes_meanwhile_is_done_in_one_set_in_order_of_coming() -> None:
    works = Works(held=True)
    with ThreadPoolExecutor(8) as pool:
        calls = held_up(works, most=10, followers=5, pool=pool)
        works.let(2)
        assert [call.result(PATIENCE_SECONDS) for call in calls] == [answer(item) for item in range(6)]
    assert works.sets == [[0], [1, 2, 3, 4, 5]]


def test_a_set_is_never_larger_than_most() -> None:
    works = Works(held=True)
    with ThreadPoolExecutor(8) as pool:
        calls = held_up(works, most=2, followers=5, pool=pool)
        works.let(4)
        assert [call.result(PATIENCE_SECONDS) for call in calls] == [answer(item) for item in range(6)]
    assert works.sets == [[0], [1, 2], [3, 4], [5]]


def test_a_failure_reaches_every_caller_of_that_set_and_no_other() -> None:
    works = Works(held=True, refuse=[3])
    with ThreadPoolExecutor(8) as pool:
        calls = held_up(works, most=3, followers=6, pool=pool)
        works.let(3)
        for call in calls[1:4]:
            with pytest.raises(LookupError, match=r"refused: \[1, 2, 3\]"):
                call.result(PATIENCE_SECONDS)
        for item in (0, 4, 5, 6):
            assert calls[item].result(PATIENCE_SECONDS) == answer(item)


def test_a_failed_leader_still_hands_over() -> None:
    works = Works(held=True, refuse=[0])
    with ThreadPoolExecutor(8) as pool:
        calls = held_up(works, most=3, followers=2, pool=pool)
        works.let(2)
        with pytest.raises(LookupError):
            calls[0].result(PATIENCE_SECONDS)
        assert [call.result(PATIENCE_SECONDS) for call in calls[1:]] == [answer(1), answer(2)]


@pytest.mark.parametrize("answers", [0, 1, 3], ids=["none", "too few", "too many"])
def test_work_that_miscounts_its_answers_fails_for_all(answers: int) -> None:
    gate, begun = threading.Event(), threading.Event()

    def work(items: Sequence[int]) -> list[str]:
        if len(items) == 2:
            return ["x"] * answers
        begun.set()
        assert gate.wait(PATIENCE_SECONDS)
        return ["x"]

    folder = Folder(work, most=2, patience_seconds=A_MOMENT)
    with ThreadPoolExecutor(3) as pool:
        first = pool.submit(folder.do, 0)
        assert begun.wait(PATIENCE_SECONDS)
        others = [pool.submit(folder.do, item) for item in (1, 2)]
        waiting(folder, 2)
        gate.set()
        assert first.result(PATIENCE_SECONDS) == "x"
        for call in others:
            with pytest.raises(ValueError, match="argument"):
                call.result(PATIENCE_SECONDS)


@pytest.mark.parametrize("failure", [SystemExit, KeyboardInterrupt, GeneratorExit])
def test_even_an_exit_leaves_the_folder_usable(failure: type[BaseException]) -> None:
    def work(items: Sequence[int]) -> list[str]:
        if items[0] == 0:
            raise failure
        return [answer(item) for item in items]

    folder = Folder(work, most=5, patience_seconds=A_MOMENT)
    with pytest.raises(failure):
        folder.do(0)
    assert folder.do(1) == answer(1)


def test_who_waits_learns_that_its_leader_has_left() -> None:
    """The exit is the leader's own; the others are told that nobody knows, and may ask again."""
    gate, begun = threading.Event(), threading.Event()

    def work(items: Sequence[int]) -> list[str]:
        if len(items) > 1:
            raise SystemExit
        begun.set()
        assert gate.wait(PATIENCE_SECONDS)
        return [answer(item) for item in items]

    folder: Folder[int, str] = Folder(work, most=5, patience_seconds=A_MOMENT)
    with ThreadPoolExecutor(4) as pool:
        first = pool.submit(folder.do, 0)
        assert begun.wait(PATIENCE_SECONDS)
        others = []
        for item in (1, 2, 3):
            others.append(pool.submit(folder.do, item))
            waiting(folder, item)
        gate.set()
        assert first.result(PATIENCE_SECONDS) == answer(0)
        failed = [type(call.exception(PATIENCE_SECONDS)) for call in others]
    assert failed == [SystemExit, LeaderLost, LeaderLost]
    assert folder.do(4) == answer(4)


def test_a_leader_that_is_stopped_while_it_waits_holds_up_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    folder: Folder[int, str] = Folder(Works(), most=5, patience_seconds=A_MOMENT)

    def stopped() -> None:
        monkeypatch.undo()
        raise MemoryError

    monkeypatch.setattr(folder, "_wait_for_others", stopped)
    with pytest.raises(MemoryError):
        folder.do(0)
    assert [folder.do(item) for item in (1, 2)] == [answer(1), answer(2)]


class Lost(Exception):
    """Stands for a connection that breaks."""


FAILURES: tuple[type[BaseException], ...] = (Lost, SystemExit, MemoryError, GeneratorExit, KeyboardInterrupt)


@pytest.mark.parametrize("patience_seconds", [0, A_MOMENT])
def test_leaders_that_fail_in_any_way_leave_nobody_waiting(patience_seconds: float) -> None:
    """A third of all sets fail, each in its way; every caller hears what became of its item, and it was done once at most."""
    done: list[int] = []
    dice = random.Random(3)

    def work(items: Sequence[int]) -> list[str]:
        if dice.random() < 1 / 3:
            raise dice.choice(FAILURES)
        done.extend(items)
        return [answer(item) for item in items]

    folder: Folder[int, str] = Folder(work, most=8, patience_seconds=patience_seconds)
    heard: dict[int, str | type[BaseException]] = {}
    start = threading.Barrier(24)

    def call_with(items: range) -> None:
        start.wait(PATIENCE_SECONDS)
        for item in items:
            try:
                heard[item] = folder.do(item)
            except BaseException as error:
                heard[item] = type(error)

    threads = [threading.Thread(target=call_with, args=(range(first, 2400, 24),), daemon=True) for first in range(24)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE_SECONDS)

    assert len(heard) == 2400
    assert {item for item, what in heard.items() if what == answer(item)} == set(done)
    assert len(done) == len(set(done))
    assert {what for what in heard.values() if not isinstance(what, str)} <= {*FAILURES, LeaderLost}
    assert not folder._is_led
    assert not folder._waiting


def test_who_were_answered_together_are_waited_for_until_all_are_here() -> None:
    works = Works(held=True)
    folder: Folder[int, str] = Folder(works, most=10, patience_seconds=PATIENCE_SECONDS)
    with ThreadPoolExecutor(8) as pool:
        calls = [pool.submit(folder.do, 0)]
        works.wait_until_begun()
        calls.append(pool.submit(folder.do, 1))
        waiting(folder, 1)
        works.let(3)
        assert calls[0].result(PATIENCE_SECONDS) == answer(0)
        assert works.sets == [[0]]  # 1 waits for who was answered while it waited
        calls.append(pool.submit(folder.do, 2))
        assert [call.result(PATIENCE_SECONDS) for call in calls] == [answer(item) for item in range(3)]
        calls = [pool.submit(folder.do, 3)]
        waiting(folder, 1)
        assert works.sets == [[0], [1, 2]]
        calls.append(pool.submit(folder.do, 4))
        assert [call.result(PATIENCE_SECONDS) for call in calls] == [answer(3), answer(4)]
    assert works.sets == [[0], [1, 2], [3, 4]]


def test_when_fewer_come_fewer_are_waited_for() -> None:
    works = Works(held=True)
    with ThreadPoolExecutor(8) as pool:
        folder: Folder[int, str] = Folder(works, most=10, patience_seconds=A_MOMENT)
        calls = [pool.submit(folder.do, 0)]
        works.wait_until_begun()
        for item in (1, 2, 3):
            calls.append(pool.submit(folder.do, item))
            waiting(folder, item)
        works.let(4)
        assert [call.result(PATIENCE_SECONDS) for call in calls] == [answer(item) for item in range(4)]
    assert [folder.do(item) for item in (4, 5)] == [answer(4), answer(5)]
    assert (works.sets, folder._expected) == ([[0], [1, 2, 3], [4], [5]], 1)


@pytest.mark.parametrize("patience_seconds", [0, A_MOMENT])
@pytest.mark.parametrize("most", [1, 4, 100])
def test_many_threads_get_their_own_answers(most: int, patience_seconds: float) -> None:
    refused = set(range(0, 1600, 97))
    works = Works(refuse=sorted(refused))
    folder: Folder[int, str] = Folder(works, most=most, patience_seconds=patience_seconds)
    results: dict[int, str | BaseException] = {}
    start = threading.Barrier(16)

    def call_with(items: range) -> None:
        start.wait(PATIENCE_SECONDS)
        for item in items:
            try:
                results[item] = folder.do(item)
            except LookupError as error:
                results[item] = error

    threads = [threading.Thread(target=call_with, args=(range(first, 1600, 16),), daemon=True) for first in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE_SECONDS)

    failed = {item for one in works.sets if refused & set(one) for item in one}
    assert len(results) == 1600
    assert {item for item, result in results.items() if isinstance(result, LookupError)} == failed
    assert all(result == answer(item) for item, result in results.items() if item not in failed)
    assert Counter(item for one in works.sets for item in one) == Counter(range(1600))
    assert max(len(one) for one in works.sets) <= most
    assert works.most_under_way == 1
