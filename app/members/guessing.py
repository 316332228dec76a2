"""Limits on guessing member codes: wrong ones are counted, right ones never.

A till (a key at a store) may be wrong some times an hour, and fewer times about one member. Once all tills together
have been wrong about a member too often in a day, one that was wrong about that member in the last hour is refused
there, and a till that wasn't has one try: nobody locks a member out of the other shops. Three codes of a million are
right at a time, so a till that guesses without pause finds one member's code once in twenty years.

Counts live in Valkey. While it can't be reached nothing is counted, and tills go on.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Hashable

from limits import RateLimitItem, RateLimitItemPerDay, RateLimitItemPerHour
from redis import RedisError

from app.foundation.http.rate_limit import headers_of, limiter, refusal
from app.foundation.i18n import words as _l
from app.foundation.problems import RateLimited
from app.foundation.runtime import keyring
from app.foundation.tenancy import Principal

PER_TILL = RateLimitItemPerHour(30, namespace="codes-till")
PER_TILL_AND_MEMBER = RateLimitItemPerHour(10, namespace="codes-till-member")
PER_MEMBER = RateLimitItemPerDay(20, namespace="codes-member")
CLEAN_SECONDS = 5.0
_CLEAN: dict[tuple[str, str], float] = {}
"""Tills that were never wrong, by when that was asked last. One's own wrong code asks anew at once, so that no process
allows more than one try beyond what the others have counted."""
_MOST_CLEAN = 10_000
log = logging.getLogger("quantong.codes")


class Guesses:
    """The wrong codes of one till: those counted before, and those of the call at hand.

    Ask `refusal` before a code is looked at; say `wrong` of one that was; `count` at the end, outside of the unit of
    work. One that is done again may say the same twice.
    """

    def __init__(self, principal: Principal, store: str | None) -> None:
        self._principal = principal
        self._till = (principal.id, principal.store_id or store or "")
        self._wrong: set[tuple[str, Hashable]] = set()
        self._before = 0 if _was_clean(self._till) else self._read()

    def _read(self) -> int:
        before = _counted(PER_TILL, *self._till)
        if not before:
            _remember_clean(self._till)
        return before

    def refusal(self, number: str) -> RateLimited | None:
        """Why a code with this number isn't looked at, if it isn't."""
        if self._before + len(self._wrong) >= PER_TILL.amount:
            return _refusal(PER_TILL, *self._till)
        if not self._before and not self._wrong:
            return None  # most tills were never wrong: one question is enough
        here = sum(guessed == number for guessed, _ in self._wrong)
        till_and_member = (*self._till, self._member(number))
        by_till = here + _counted(PER_TILL_AND_MEMBER, *till_and_member)
        by_all = here + _counted(PER_MEMBER, self._member(number))
        if by_till >= PER_TILL_AND_MEMBER.amount or (by_till and by_all >= PER_MEMBER.amount):
            return _refusal(PER_TILL_AND_MEMBER, *till_and_member)
        return None

    def wrong(self, number: str, guess: Hashable) -> None:
        """Notes a wrong code with this number; `guess` tells it from others."""
        self._wrong.add((number, guess))

    def count(self) -> None:
        """Counts what was wrong in this call."""
        try:
            for number, _ in self._wrong:
                limiter().hit(PER_TILL_AND_MEMBER, *self._till, self._member(number))
                limiter().hit(PER_MEMBER, self._member(number))
                limiter().hit(PER_TILL, *self._till)
                if not limiter().test(PER_TILL, *self._till):
                    principal = self._principal
                    fields = {"district_id": principal.district_id, "principal_id": principal.id}
                    log.warning("a till guesses member codes", extra={"fields": fields})
        except RedisError as error:
            log.error("wrong member codes are not counted", exc_info=error)
        if self._wrong:
            _CLEAN.pop(self._till, None)
        self._wrong.clear()

    def _member(self, number: str) -> str:
        """The number as Valkey may know it."""
        return keyring().index(self._principal.district_id, "member-number", number).hex()


def _was_clean(till: tuple[str, str]) -> bool:
    return _CLEAN.get(till, 0.0) > time.monotonic()


def _remember_clean(till: tuple[str, str]) -> None:
    if len(_CLEAN) >= _MOST_CLEAN:
        _CLEAN.clear()
    _CLEAN[till] = time.monotonic() + CLEAN_SECONDS


def _counted(item: RateLimitItem, *counted: str) -> int:
    try:
        return int(limiter().storage.get(item.key_for(*counted)))
    except RedisError as error:
        log.error("wrong member codes are not counted", exc_info=error)
        return 0


def _refusal(item: RateLimitItem, *counted: str) -> RateLimited:
    headers = {**headers_of(item, *counted), "RateLimit-Remaining": "0"}
    return refusal(_l("Too many wrong member codes: name the member by phone, or wait."), headers)
