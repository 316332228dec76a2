"""Group commit: callers that come at the same time have their items done in one go.

The first to come works for those who wait: while one set is being committed, the next one gathers. Alone, an item is
done at once; under load a set grows by itself, and the cost of a commit is shared. No timer, no thread of its own.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

I = TypeVar("I")  # noqa: E741
R = TypeVar("R")


class _Slot(Generic[I, R]):
    """One caller's item, and its answer or failure once there is one. `set` makes its caller the leader of one."""

    __slots__ = ("error", "item", "ready", "result", "set")

    def __init__(self, item: I) -> None:
        self.item = item
        self.result: R | None = None
        self.error: BaseException | None = None
        self.set: list[_Slot[I, R]] | None = None
        self.ready = threading.Lock()
        self.ready.acquire()


class Folder(Generic[I, R]):
    """Does items in sets of at most `most`, with at most `leaders` sets under way; a further one only for a `crowd`."""

    def __init__(self, work: Callable[[Sequence[I]], Sequence[R]], *, most: int, leaders: int, crowd: int = 1) -> None:
        self._work = work
        self._most = most
        self._leaders = leaders
        self._crowd = crowd
        self._leading = 0
        self._waiting: deque[_Slot[I, R]] = deque()
        self._lock = threading.Lock()

    def do(self, item: I) -> R:
        """The result of one item. Raises what the work raised, for every item of that set."""
        slot: _Slot[I, R] = _Slot(item)
        with self._lock:
            self._waiting.append(slot)
            self._leading += 1
            self._appoint()
        slot.ready.acquire()
        if slot.set is not None:
            self._lead(slot, slot.set)
        if slot.error is not None:
            raise slot.error
        return slot.result  # type: ignore[return-value]

    def _appoint(self) -> None:
        """Lets the first who waits lead a set, or counts one leader less where those at work are enough."""
        others = self._leading - 1
        if not self._waiting or (others and (others >= self._leaders or len(self._waiting) < self._crowd)):
            self._leading -= 1
            return
        members = [self._waiting.popleft() for _ in range(min(self._most, len(self._waiting)))]
        members[0].set = members
        members[0].ready.release()

    def _lead(self, leader: _Slot[I, R], members: list[_Slot[I, R]]) -> None:
        """Does a set, lets one of those who came meanwhile lead the next, and wakes the others of this set."""
        try:
            for slot, result in zip(members, self._work([slot.item for slot in members]), strict=True):
                slot.result = result
        except BaseException as error:
            for slot in members:
                slot.error = error
        with self._lock:
            self._appoint()
        for slot in members:
            if slot is not leader:
                slot.ready.release()
