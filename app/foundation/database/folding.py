"""Group commit: callers that come at the same time have their items done in one go.

The first to come works for those who wait: while one set is being committed, the next one gathers. Callers who had their
answers together mostly come again together, so who leads waits a moment for as many as there were last time; alone, an
item is done at once, and when fewer come, fewer are waited for. Under load a set grows by itself, and the cost of a
commit is shared. No thread of its own.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

I = TypeVar("I")  # noqa: E741
R = TypeVar("R")


class LeaderLost(Exception):
    """Who led a set had to leave (an exit, no error of the work): nobody knows what became of the item."""


class _Slot(Generic[I, R]):
    """One caller's item, and its answer or failure once there is one. `leads` makes its caller the leader of a set."""

    __slots__ = ("error", "item", "leads", "ready", "result")

    def __init__(self, item: I) -> None:
        self.item = item
        self.result: R | None = None
        self.error: BaseException | None = None
        self.leads = False
        self.ready = threading.Lock()
        self.ready.acquire()


class Folder(Generic[I, R]):
    """Does items in sets of at most `most`, one set at a time; a leader waits `patience_seconds` for others at most."""

    def __init__(self, work: Callable[[Sequence[I]], Sequence[R]], *, most: int, patience_seconds: float) -> None:
        self._work = work
        self._most = most
        self._patience_seconds = patience_seconds
        self._expected = 1
        self._is_led = self._gathers = False
        self._waiting: deque[_Slot[I, R]] = deque()
        self._lock = threading.Lock()
        self._all_here = threading.Lock()
        self._all_here.acquire()

    def do(self, item: I) -> R:
        """The result of one item. Raises what the work raised, for every item of that set; LeaderLost beside an exit."""
        slot: _Slot[I, R] = _Slot(item)
        with self._lock:
            self._waiting.append(slot)
            if not self._is_led:
                self._is_led = slot.leads = True
            elif self._gathers and len(self._waiting) >= self._expected:
                self._gathers = False
                self._all_here.release()
        if not slot.leads:
            slot.ready.acquire()
        if slot.leads:
            self._lead(slot)
        if slot.error is not None:
            raise slot.error
        return slot.result  # type: ignore[return-value]

    def _lead(self, leader: _Slot[I, R]) -> None:
        """Does a set, lets one of those who came meanwhile lead the next, and wakes the others of this set."""
        members: list[_Slot[I, R]] = []
        try:
            self._wait_for_others()
            members = self._taken()
            for slot, result in zip(members, self._work([slot.item for slot in members]), strict=True):
                slot.result = result
        except BaseException as error:
            members = members or self._taken()
            for slot in members:
                slot.error = error if slot is leader or isinstance(error, Exception) else LeaderLost()
        with self._lock:
            self._expected = min(self._most, len(members) + len(self._waiting))
            self._is_led = bool(self._waiting)
            if self._waiting:
                self._waiting[0].leads = True
                self._waiting[0].ready.release()
        for slot in members:
            if slot is not leader:
                slot.ready.release()

    def _wait_for_others(self) -> None:
        """Returns once as many are here as expected, or patience is over."""
        with self._lock:
            gathers = self._gathers = len(self._waiting) < self._expected
        if gathers and not self._all_here.acquire(timeout=self._patience_seconds):
            with self._lock:
                if not self._gathers:
                    self._all_here.acquire()  # the last one came just now
                self._gathers = False

    def _taken(self) -> list[_Slot[I, R]]:
        """A set: those who wait. The leader is the first."""
        with self._lock:
            return [self._waiting.popleft() for _ in range(min(self._most, len(self._waiting)))]
