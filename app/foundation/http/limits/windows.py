"""Counts in windows of fixed length that begin with what is counted first: in Valkey, so that all processes count together.

Whoever may only try so often takes its tries before it tries, in one step with all others who do, and gives back what it
didn't use up: however many come at one time, no more than the limit get through.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from limits import RateLimitItem

from app.foundation.runtime import runtime

_TAKE = """
    local taken = {}
    for place, key in ipairs(KEYS) do
        local wanted, most = tonumber(ARGV[3 * place - 2]), tonumber(ARGV[3 * place - 1])
        local count = tonumber(redis.call('get', key) or 0)
        local given = math.max(0, math.min(wanted, most - count))
        if given > 0 and redis.call('incrby', key, given) == given then
            redis.call('pexpire', key, ARGV[3 * place])
        end
        taken[#taken + 1] = given
        taken[#taken + 1] = math.max(0, most - count - given)
        taken[#taken + 1] = math.max(0, redis.call('pttl', key))
    end
    return taken
"""
_GIVE_BACK = """
    for place, key in ipairs(KEYS) do
        local given = math.min(tonumber(ARGV[place]), tonumber(redis.call('get', key) or 0))
        if given > 0 then redis.call('decrby', key, given) end
    end
"""


class Window(NamedTuple):
    """A limit, and what is counted under it."""

    item: RateLimitItem
    counted: tuple[str, ...]

    @property
    def key(self) -> str:
        """Its name in Valkey."""
        return self.item.key_for(*self.counted)


class TakenCalls(NamedTuple):
    """How much was given of what was wanted, how much is left, and when the window begins anew."""

    window: Window
    given: int
    left: int
    resets_ms: int

    def headers(self) -> dict[str, str]:
        """The `RateLimit-*` headers."""
        return {
            "RateLimit-Limit": str(self.window.item.amount),
            "RateLimit-Remaining": str(self.left),
            "RateLimit-Reset": str(max(1, math.ceil(self.resets_ms / 1000))),
        }


def count_calls(wanted: Sequence[tuple[Window, int]]) -> list[TakenCalls]:
    """Takes what is left of each, up to what is wanted, in one round trip. Raises redis' RedisError."""
    keys = [window.key for window, _ in wanted]
    values = [
        value for window, count in wanted for value in (count, window.item.amount, 1000 * window.item.get_expiry())
    ]
    with runtime().valkey.asked() as client:
        figures = client.eval(_TAKE, len(keys), *keys, *values)
    return [TakenCalls(window, *figures[3 * place : 3 * place + 3]) for place, (window, _) in enumerate(wanted)]


def give_calls_back(unused: Mapping[str, int]) -> None:
    """Gives back what was taken of windows, by their keys, and not used up, in one round trip. Raises redis' RedisError."""
    counts = {key: count for key, count in unused.items() if count}
    if counts:
        with runtime().valkey.asked() as client:
            client.eval(_GIVE_BACK, len(counts), *counts, *counts.values())
