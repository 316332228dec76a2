"""A thread that sends again and again, and waits longer after each failure."""

from __future__ import annotations

import logging
import random
import threading
from collections.abc import Callable

from merchant_sdk._http.errors import ApiError, QuantongError
from merchant_sdk._offline.dispatch import SendReport

log = logging.getLogger("merchant_sdk")
FIRST_SECONDS = 1.0
MOST_SECONDS = 60.0
MOST_ASKED_SECONDS = 600.0

Send = Callable[[Callable[[], bool]], SendReport]


def pause_seconds(failures: int, asked_seconds: float | None, draw: float) -> float:
    """The pause after some failures in a row (from 1), for a random `draw` from 0 to 1; what the server asked at least."""
    pause = min(MOST_SECONDS, FIRST_SECONDS * 2.0 ** min(failures - 1, 10))
    return min(asked_seconds or 0.0, MOST_ASKED_SECONDS) + pause * (0.5 + draw / 2)


class Background:
    """Calls `send` when it is woken and every so many seconds, until it is stopped."""

    def __init__(self, send: Send, every_seconds: float, draw: Callable[[], float] = random.random) -> None:
        if not every_seconds > 0:
            raise ValueError("every_seconds: more than 0")
        self._send = send
        self._every_seconds = every_seconds
        self._draw = draw
        self._stopping = threading.Event()
        self._woken = threading.Event()
        self._thread = threading.Thread(target=self._work, name="quantong-offline", daemon=True)
        self._thread.start()

    def wake(self) -> None:
        """Something waits. A pause after a failure isn't cut short."""
        self._woken.set()

    def stop(self, patience_seconds: float) -> bool:
        """Ends after the batch that is on its way; whether it has ended in time."""
        self._stopping.set()
        self._woken.set()
        self._thread.join(patience_seconds)
        return not self._thread.is_alive()

    def _work(self) -> None:
        failures = 0
        while not self._stopping.is_set():
            self._woken.clear()
            error = self._attempt()
            if error is None:
                failures = 0
                self._woken.wait(self._every_seconds)
                continue
            failures += 1
            asked = error.retry_after_seconds if isinstance(error, ApiError) else None
            pause = pause_seconds(failures, asked, self._draw())
            log.warning("the offline queue can't send (%s); again in %.0f s", error, pause)
            self._stopping.wait(pause)

    def _attempt(self) -> Exception | None:
        try:
            return self._send(self._stopping.is_set).error
        except QuantongError as error:
            return error
        except Exception as error:
            log.exception("the sender of the offline queue failed")
            return error
