"""Work on many districts, in which one that fails holds up no other."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable

import psycopg
from redis.exceptions import RedisError

from app.foundation.database.db import UNAVAILABLE
from app.foundation.database.servers import ServerAway
from app.foundation.jobs import queue
from app.foundation.runtime import runtime

log = logging.getLogger("quantong.worker")
_AWAY = ("08", "53", "57P")
"""SQLSTATEs of a database that is away, or has nothing left: connection, resources, intervention of its operator."""


def each_apart(work: Callable[..., int], items: Iterable[tuple[str, ...]]) -> int:
    """Does some work on each item, whose first word is its district's id; adds up what it gives.

    A failure is logged and counted, and the others are done; the first failure is raised at the end, so that the job
    counts as failed. What no other item could be done after is raised at once: the job's time is over, or the database
    or the queue is away. Where districts are spread over servers, one that is away ends its districts' parts alone.
    """
    done, failures = 0, []
    for item in items:
        try:
            done += work(*item)
        except Exception as error:
            if ends_all(error):
                raise
            where = None if isinstance(error, ServerAway) else error  # of a server that is away all is said
            log.error("a district's part of a job failed", extra={"fields": {"district_id": item[0]}}, exc_info=where)
            failures.append(error)
    if failures:
        queue.count_failures(len(failures))
        raise failures[0]
    return done


def ends_all(error: Exception) -> bool:
    """Whether nothing else could be done after this failure."""
    if isinstance(error, UNAVAILABLE) and runtime().spread is not None:
        return False
    if isinstance(error, psycopg.Error) and error.sqlstate:
        return error.sqlstate.startswith(_AWAY)
    return isinstance(error, (RedisError, *queue.ENDS_A_JOB))
