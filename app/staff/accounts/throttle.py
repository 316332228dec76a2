"""Limits on wrong passwords and second factors. Nobody shuts the owner of an account out by guessing.

Wrong passwords count against a login together with the network they come from; against the login alone only from networks
where its owner has not signed in lately. So an owner whom strangers guess at signs in from where it always does, and by a
code to its phone from anywhere. Logins that are nobody's are counted alike.
"""

from __future__ import annotations

from collections.abc import Iterator

from limits import RateLimitItem

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
from app.foundation.http.limits.rate_limit import limiter
from app.foundation.i18n import words as _l
from app.foundation.runtime import keyring
from app.foundation.tenancy import Origin
from app.staff.accounts.logins import KnownAs


def take_try(login: KnownAs, origin: Origin | None) -> None:
    """Takes a try at a password before it is made, so that those at one time count too. Raises RateLimited, Busy."""
    with reached():
        for item, counted in _of_all(login, origin):
            if not limiter().test(item, *counted):
                refuse(item, counted, _l("Too many wrong passwords: wait a while, or sign in with a code."))
        for item, counted in _of_pair(login, origin):
            if not limiter().hit(item, *counted):
                refuse(item, counted, _l("Too many wrong passwords: wait a while, or sign in with a code."))


def count_wrong(login: KnownAs, origin: Origin | None) -> None:
    """Counts a wrong password. Raises Busy."""
    with reached():
        for item, counted in _of_all(login, origin):
            limiter().hit(item, *counted)


def forgive(login: KnownAs, origin: Origin | None) -> None:
    """Forgets the wrong tries from a network on which the right password was given, and remembers the network. Raises Busy."""
    with reached():
        for item, counted in _of_pair(login, origin):
            limiter().clear(item, *counted)
    remember_network(_print(login), origin)


def take_factor(account_id: str) -> None:
    """Takes a try at a second factor. Raises RateLimited, Busy."""
    with reached():
        for item, counted in limits_of(("wrong_second_factors_per_account", account_id)):
            if not limiter().hit(item, *counted):
                refuse(item, counted, _l("Too many wrong codes: wait a while."))


def forgive_factors(account_id: str) -> None:
    """Forgets wrong tries at a second factor that was given in the end. Raises Busy."""
    with reached():
        for item, counted in limits_of(("wrong_second_factors_per_account", account_id)):
            limiter().clear(item, *counted)


def _of_pair(login: KnownAs, origin: Origin | None) -> Iterator[tuple[RateLimitItem, Counted]]:
    return limits_of(("wrong_passwords_per_login", _print(login), network_print(origin).hex()))


def _of_all(login: KnownAs, origin: Origin | None) -> Iterator[tuple[RateLimitItem, Counted]]:
    yield from limits_of(("wrong_passwords_per_address", network_print(origin).hex()))
    if not is_known_network(_print(login), origin):
        yield from limits_of(("wrong_passwords_by_strangers", _print(login)))


def _print(login: KnownAs) -> str:
    return keyring().index(EVERYWHERE, f"staff-{login.kind}", login.value).hex()
