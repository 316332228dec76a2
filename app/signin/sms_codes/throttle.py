"""Limits on codes asked for and on wrong ones, counted in Valkey: per phone, per network, per district, in all.

Members and strangers are counted alike, under keyed prints of phone and network. While Valkey can't be reached no code
is sent and none is tried: each costs money or is a guess.

Nobody shuts the owner of a number out. Wrong codes count against the number only together with the network that asked for
the code; the first try at a code is looked at whatever others did; and a network from which the number was proven before
has codes of its own, which strangers can't use up. Where its owner has never been, strangers can use up the number's codes
of these minutes, or of the day: who is signed in stays so.

The odds, with the limits as they come: strangers together are sent 20 codes a day for one number and have five tries at
each, so one guesser in ten thousand is right within a day, wherever it guesses from. Over all numbers of a district, 20,000
codes a day and five tries: whoever has networks enough for that (one asks for 600 an hour) is right once in ten days.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from limits import RateLimitItem, RateLimitItemPerDay

from app.foundation.http.limits.named import (
    EVERYWHERE,
    Counted,
    is_known_network,
    limits_of,
    network_print,
    reached,
    refuse,
    remember_network,
)
from app.foundation.http.limits.rate_limit import headers_of, limiter
from app.foundation.i18n import words as _l
from app.foundation.runtime import keyring
from app.foundation.tenancy import Origin

CHANGES = RateLimitItemPerDay(3, namespace="phone-changes")
"""Changes to a number that wait, asked for one member: each is told to the old number, which nobody likes to be woken by."""


class About(NamedTuple):
    """A phone, and a print of the network that asked for a code to it."""

    phone: str
    asked_from: bytes


def count_code(district_id: str, phone: str, origin: Origin | None) -> dict[str, str]:
    """Counts a code that is asked for and gives the `RateLimit-*` headers of the limit with the least left.

    Raises RateLimited, Busy.

    What one limit refuses isn't counted by those behind it: nobody spends the whole district's by asking for one phone.
    """
    limits = list(
        limits_of(
            ("codes_per_address", network_print(origin).hex()),
            ("codes_per_phone", *_asked_for(phone, origin)),
            ("codes_per_district", district_id),
            ("codes_in_total", EVERYWHERE),
        )
    )
    with reached():
        for item, counted in limits:
            if not limiter().hit(item, *counted):
                refuse(item, counted, _l("Too many codes were asked for: wait a while."))
        left = [headers_of(item, *counted) for item, counted in limits]
    return min(left, key=lambda headers: int(headers["RateLimit-Remaining"]))


def _asked_for(phone: str, origin: Origin | None) -> tuple[str, ...]:
    """What codes to a phone count under: the phone, or its part for a network from which it was proven before."""
    pair = (_phone(phone), network_print(origin).hex())
    return pair if is_known_network(pair[0], origin) else pair[:1]


def remember(phone: str, origin: Origin | None) -> None:
    """Notes that a phone was proven from a network. Raises Busy."""
    remember_network(_phone(phone), origin)


def count_change(district_id: str, member_id: str) -> None:
    """Counts a change of a member's phone that is to wait. Raises RateLimited, Busy."""
    with reached():
        if not limiter().hit(CHANGES, district_id, member_id):
            refuse(CHANGES, (district_id, member_id), _l("Too many changes were asked for: wait a day."))


def check_guesses(origin: Origin | None, about: About | None = None) -> None:
    """Raises RateLimited where there were too many wrong codes, whatever comes now; Busy."""
    with reached():
        for item, counted in _guesses(origin, about):
            if not limiter().test(item, *counted):
                refuse(item, counted, _l("Too many wrong codes: wait a while."))


def count_wrong(origin: Origin | None, about: About | None = None) -> None:
    """Counts a wrong code. Raises Busy."""
    with reached():
        for item, counted in _guesses(origin, about):
            limiter().hit(item, *counted)


def _guesses(origin: Origin | None, about: About | None) -> Iterator[tuple[RateLimitItem, Counted]]:
    yield from limits_of(("wrong_codes_per_address", network_print(origin).hex()))
    if about is not None:
        yield from limits_of(("wrong_codes_per_phone", _phone(about.phone), about.asked_from.hex()))


def _phone(phone: str) -> str:
    """The phone as Valkey may know it, the same in all districts: its owner bears all of them."""
    return keyring().index(EVERYWHERE, "phone", phone).hex()
