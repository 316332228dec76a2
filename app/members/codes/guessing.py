"""Limits on guessing member codes: tries are counted before they are looked at, and right ones are given back.

A till (a key at a store) may be wrong some times an hour, and fewer times about one member. Once all tills together
have been wrong about a member too often in a day, one that was wrong about that member in the last hour is refused
there, and a till that wasn't has one try: nobody locks a member out of the other shops. Three codes of a million are
right at a time, so a till that guesses without pause finds one member's code once in twenty years.

A call with many codes takes at most half of what its till has left, so that the till can go on selling meanwhile; one
that finds all tries in the hands of others waits a little, for right ones come back at once.

Counts live in Valkey. While it can't be reached nothing is counted, and tills go on.
"""

from __future__ import annotations

import logging
import time
from collections import Counter
from collections.abc import Hashable, Iterable, Sequence

from limits import RateLimitItemPerDay, RateLimitItemPerHour
from redis import RedisError

from app.foundation.http.limits.rate_limit import refusal
from app.foundation.http.limits.windows import TakenCalls, Window, give_calls_back
from app.foundation.i18n import words as _l
from app.foundation.problems import RateLimited
from app.foundation.runtime import keyring, runtime
from app.foundation.tenancy import Principal

PER_TILL = RateLimitItemPerHour(30, namespace="codes-till")
PER_TILL_AND_MEMBER = RateLimitItemPerHour(10, namespace="codes-till-member")
PER_MEMBER = RateLimitItemPerDay(20, namespace="codes-member")
_TAKE = """
    local function count_of(key) return tonumber(redis.call('get', key) or 0) end
    local function add(key, count, milliseconds)
        if count > 0 and redis.call('incrby', key, count) == count then redis.call('pexpire', key, milliseconds) end
    end
    local till, most, most_here, most_of_all = KEYS[1], tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
    local hour, day, moment = tonumber(ARGV[4]), tonumber(ARGV[5]), tonumber(ARGV[6])
    local left, wanted, given = math.max(0, most - count_of(till)), 0, {}
    if left == 0 and count_of(till .. ':open') > 0 then return {} end
    for place = 2, #KEYS, 2 do
        local here, asked = count_of(KEYS[place]), tonumber(ARGV[6 + place / 2])
        local in_day = math.max(most_of_all - count_of(KEYS[place + 1]), here == 0 and 1 or 0)
        local some = math.max(0, math.min(asked, most_here - here, in_day))
        if some == 0 and count_of(KEYS[place] .. ':open') > 0 then return {} end
        wanted = wanted + asked
        given[place] = some
    end
    local of_till, taken = math.min(wanted, math.ceil(left / 2)), {}
    add(till, of_till, hour)
    add(till .. ':open', of_till, moment)
    for place = 2, #KEYS, 2 do
        add(KEYS[place], given[place], hour)
        add(KEYS[place] .. ':open', given[place], moment)
        add(KEYS[place + 1], given[place], day)
        taken[#taken + 1] = given[place]
        taken[#taken + 1] = math.max(0, redis.call('pttl', KEYS[place]))
    end
    return {of_till, left - of_till, math.max(0, redis.call('pttl', till)), unpack(taken)}
"""
HOUR_MS, DAY_MS, OPEN_MS = 3_600_000, 86_400_000, 10_000
WAITS_SECONDS = (0.005, 0.01, 0.02, 0.04, 0.08, 0.16, *[0.32] * 5)
"""Between looks at whether calls of the same till that have all its tries give them back, as right ones do soon."""
log = logging.getLogger("quantong.codes")
Guess = tuple[str, Hashable]
"""The number in a code, and what tells a try at it from others."""


class Guesses:
    """The tries of one till in the call at hand. Make it outside of the unit of work: all tries are taken here.

    Ask `refusal` before a code is looked at; say `wrong` of one that was; `count_wrong` at the end, outside again, gives back
    those that weren't. A unit of work that is done again may say the same twice.
    """

    def __init__(self, principal: Principal, store: str | None, codes: Iterable[Guess]) -> None:
        self._principal = principal
        self._till = Window(PER_TILL, (principal.id, principal.store_id or store or ""))
        self._wrong: set[Guess] = set()
        self._of_till: TakenCalls | None = None
        self._of_member: dict[str, TakenCalls] = {}
        wanted = Counter(number for number, _ in set(codes))
        if wanted:
            self._take(wanted)

    def _take(self, wanted: Counter[str]) -> None:
        windows = {number: self._windows(number) for number in wanted}
        keys = [self._till.key, *(window.key for pair in windows.values() for window in pair)]
        limits = (PER_TILL.amount, PER_TILL_AND_MEMBER.amount, PER_MEMBER.amount, HOUR_MS, DAY_MS, OPEN_MS)
        try:
            figures = _asked(keys, [*limits, *wanted.values()])
        except RedisError:
            return
        given, left, resets_ms, *taken = figures or [0, 0, 1000, *[0, 1000] * len(wanted)]
        self._of_till = TakenCalls(self._till, given, left, resets_ms)
        pairs = zip(windows.items(), taken[::2], taken[1::2], strict=True)
        self._of_member = {number: TakenCalls(here, one, 0, resets) for (number, (here, _)), one, resets in pairs}

    def refusal(self, number: str, guess: Hashable) -> RateLimited | None:
        """Why a code with this number isn't looked at, if it isn't."""
        if self._of_till is None or (number, guess) in self._wrong:
            return None
        if len(self._wrong) >= self._of_till.given:
            return _refusal(self._of_till)
        if self._wrong_about(number) >= self._of_member[number].given:
            return _refusal(self._of_member[number])
        return None

    def wrong(self, number: str, guess: Hashable) -> None:
        """Notes a wrong code with this number; `guess` tells it from others."""
        self._wrong.add((number, guess))

    def count_wrong(self) -> None:
        """Gives back what wasn't wrong. What can't be given back counts as wrong until its hour is over."""
        if self._of_till is None:
            return
        of_till, self._of_till = self._of_till, None
        right = of_till.given - len(self._wrong)
        unused = {self._till.key: right, f"{self._till.key}:open": of_till.given}
        for number, taken in self._of_member.items():
            here, of_all = (window.key for window in self._windows(number))
            right_here = taken.given - self._wrong_about(number)
            unused |= {here: right_here, f"{here}:open": taken.given, of_all: right_here}
        try:
            give_calls_back(unused)
        except RedisError:
            return
        if self._wrong and of_till.left + right <= 0:
            fields = {"district_id": self._principal.district_id, "principal_id": self._principal.id}
            log.warning("a till guesses member codes", extra={"fields": fields})

    def _wrong_about(self, number: str) -> int:
        return sum(guessed == number for guessed, _ in self._wrong)

    def _windows(self, number: str) -> tuple[Window, Window]:
        """What is counted about a member: here, and of all tills. Valkey knows its number by a print."""
        member = keyring().index(self._principal.district_id, "member-number", number).hex()
        return Window(PER_TILL_AND_MEMBER, (*self._till.counted, member)), Window(PER_MEMBER, (member,))


def _asked(keys: Sequence[str], values: Sequence[int]) -> list[int]:
    """What is given; nothing where calls of the same till went on having all of it. Raises redis' RedisError."""
    figures: list[int] = []
    for wait in (0.0, *WAITS_SECONDS):
        time.sleep(wait)
        with runtime().valkey.asked() as client:
            figures = client.eval(_TAKE, len(keys), *keys, *values)
        if figures:
            break
    return figures


def _refusal(taken: TakenCalls) -> RateLimited:
    headers = {**taken.headers(), "RateLimit-Remaining": "0"}
    return refusal(_l("Too many wrong member codes: name the member by phone, or wait."), headers)
