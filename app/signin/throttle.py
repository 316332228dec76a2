"""Limits on codes asked for and on wrong ones, counted in Valkey: per phone, per address, per district, in all.

Members and strangers are counted alike, under keyed prints of phone and address. While Valkey can't be reached no code
is sent and none is tried: each costs money or is a guess.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import lru_cache

from limits import RateLimitItem, parse_many
from redis.exceptions import RedisError

from app.foundation.addresses import network_of
from app.foundation.http.rate_limit import headers_of, limiter, refusal
from app.foundation.i18n import Words
from app.foundation.i18n import words as _l
from app.foundation.problems import Busy
from app.foundation.runtime import keyring, runtime
from app.foundation.tenancy import Origin

Counted = tuple[str, str]
"""A setting with limits, and what is counted under it."""
_EVERYWHERE = "everywhere"


def count_code(district_id: str, phone: str, origin: Origin | None) -> dict[str, str]:
    """Counts a code that is asked for and gives the `RateLimit-*` headers of the limit with the least left.

    Raises RateLimited, Busy.

    What one limit refuses isn't counted by those behind it: nobody spends the whole district's by asking for one phone.
    """
    limits = list(
        _items(
            ("codes_per_address", _address(origin)),
            ("codes_per_phone", _phone(phone)),
            ("codes_per_district", district_id),
            ("codes_in_total", _EVERYWHERE),
        )
    )
    with _reached():
        for item, counted in limits:
            if not limiter().hit(item, *counted):
                _refuse(item, counted, _l("Too many codes were asked for: wait a while."))
        left = [headers_of(item, *counted) for item, counted in limits]
    return min(left, key=lambda headers: int(headers["RateLimit-Remaining"]))


def check_guesses(phone: str | None, origin: Origin | None) -> None:
    """Raises RateLimited where there were too many wrong codes, whatever comes now; Busy."""
    with _reached():
        for item, counted in _guesses(phone, origin):
            if not limiter().test(item, *counted):
                _refuse(item, counted, _l("Too many wrong codes: wait a while."))


def count_wrong(phone: str | None, origin: Origin | None) -> None:
    """Counts a wrong code. Raises Busy."""
    with _reached():
        for item, counted in _guesses(phone, origin):
            limiter().hit(item, *counted)


def _guesses(phone: str | None, origin: Origin | None) -> Iterator[tuple[RateLimitItem, Counted]]:
    yield from _items(("wrong_codes_per_address", _address(origin)))
    if phone is not None:
        yield from _items(("wrong_codes_per_phone", _phone(phone)))


def _items(*limits: Counted) -> Iterator[tuple[RateLimitItem, Counted]]:
    for name, counted in limits:
        for item in _parsed(getattr(runtime().settings, name)):
            yield item, (name, counted)


@lru_cache(maxsize=32)
def _parsed(limits: str) -> Iterable[RateLimitItem]:
    return parse_many(limits)


def _phone(phone: str) -> str:
    """The phone as Valkey may know it, the same in all districts: its owner bears all of them."""
    return keyring().index(_EVERYWHERE, "phone", phone).hex()


def _address(origin: Origin | None) -> str:
    return keyring().index(_EVERYWHERE, "address", network_of(origin and origin.address)).hex()


def _refuse(item: RateLimitItem, counted: Counted, detail: Words) -> None:
    raise refusal(detail, {**headers_of(item, *counted), "RateLimit-Remaining": "0"})


@contextmanager
def _reached() -> Iterator[None]:
    try:
        yield
    except RedisError as error:
        raise Busy(headers={"Retry-After": "1"}) from error
