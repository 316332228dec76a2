"""Valkey, asked in passing: it answers within a fifth of a second, or nobody asks it for a while.

It counts, and it holds what will be found without it, too; so no caller waits for it longer than for a sale. One that was
let down says so to all threads of this process; after the rest one of them tries again, and the others go on without.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError as ConnectionLost
from redis.exceptions import RedisError
from redis.retry import Retry

log = logging.getLogger("quantong.valkey")
TIMEOUT_SECONDS = 0.2
REST_SECONDS = 2.0
PATIENCE_SECONDS = 2.0
"""How long processes wait for an answer that have no callers."""


class Away(RedisError):
    """It didn't answer a moment ago, so it isn't asked."""


def connect(redis_url: str, timeout_seconds: float = TIMEOUT_SECONDS) -> Redis:
    """A client that waits so long for a connection or an answer, and tries again only on a connection that was closed."""
    return Redis.from_url(
        redis_url,
        socket_connect_timeout=timeout_seconds,
        socket_timeout=timeout_seconds,
        retry=Retry(NoBackoff(), 1, supported_errors=(ConnectionLost,)),
    )


class Valkey:
    """The one way of a web process to Valkey. Safe for threads."""

    def __init__(self, redis_url: str, clock: Callable[[], float] = time.monotonic) -> None:
        self._client = connect(redis_url)
        self._clock = clock
        self._lock = threading.Lock()
        self._asked_again_at: float | None = None

    @property
    def client(self) -> Redis:
        """The client, to be used inside `asked` only."""
        return self._client

    @contextmanager
    def asked(self) -> Iterator[Redis]:
        """The client, for one question. Raises RedisError: where it fails to answer, or Away where nobody may ask now."""
        if self._asked_again_at is not None:
            self._try_again()
        try:
            yield self._client
        except RedisError as error:
            self._rest(error)
            raise
        if self._asked_again_at is not None:
            self._asked_again_at = None
            log.warning("Valkey answers again")

    def _try_again(self) -> None:
        """Lets one caller through after the rest; for what it finds the others don't wait."""
        with self._lock:
            now = self._clock()
            if self._asked_again_at is not None and now < self._asked_again_at:
                raise Away("Valkey is away")
            self._asked_again_at = now + REST_SECONDS

    def _rest(self, error: RedisError) -> None:
        if self._asked_again_at is None:
            log.error("Valkey doesn't answer: nothing is counted or queued", exc_info=error)
        self._asked_again_at = self._clock() + REST_SECONDS
