"""Limits that settings name, on what costs money or could be guessed, counted in Valkey under keyed prints.

While it can't be reached nothing of this is done. Networks from which somebody has proven to be the one are remembered, so
that strangers elsewhere don't shut the owner out.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from functools import lru_cache

from limits import RateLimitItem, parse_many
from redis.exceptions import RedisError

from app.foundation.http.limits.callers import print_of
from app.foundation.http.limits.rate_limit import headers_of, refusal
from app.foundation.i18n import Words
from app.foundation.problems import Busy
from app.foundation.runtime import keyring, runtime
from app.foundation.tenancy import Origin

Counted = tuple[str, ...]
"""A setting with limits, and what is counted under it."""
PROVEN = timedelta(days=90)
"""For so long it is remembered from which network somebody was proven, from the last time on."""
EVERYWHERE = "everywhere"


def limits_of(*limits: Counted) -> Iterator[tuple[RateLimitItem, Counted]]:
    """Each limit of these settings, with what is counted under it."""
    for counted in limits:
        for item in _parsed(getattr(runtime().settings, counted[0])):
            yield item, counted


@lru_cache(maxsize=32)
def _parsed(limits: str) -> Iterable[RateLimitItem]:
    return parse_many(limits)


def network_print(origin: Origin | None) -> bytes:
    """The network of a caller as Valkey and the database may know it."""
    return print_of(keyring(), origin and origin.address)


def remember_network(of: str, origin: Origin | None) -> None:
    """Notes from which network somebody, known by a print, has proven to be the one. Raises Busy."""
    with reached(), runtime().valkey.asked() as client:
        client.set(_proven(of, origin), 1, ex=PROVEN)


def is_known_network(of: str, origin: Origin | None) -> bool:
    """Whether it has done so from here before. Raises Busy."""
    with reached(), runtime().valkey.asked() as client:
        return bool(client.exists(_proven(of, origin)))


def _proven(of: str, origin: Origin | None) -> str:
    return f"proven-from/{of}/{network_print(origin).hex()}"


def refuse(item: RateLimitItem, counted: Counted, detail: Words) -> None:
    """Raises RateLimited, which says when to come again."""
    raise refusal(detail, {**headers_of(item, *counted), "RateLimit-Remaining": "0"})


@contextmanager
def reached() -> Iterator[None]:
    """Raises Busy where Valkey can't be reached."""
    try:
        yield
    except RedisError as error:
        raise Busy(headers={"Retry-After": "1"}) from error
