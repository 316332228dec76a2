"""Settings with which the product must not run: whatever is wrong is said at the start, in one sentence that says what to do.

Values stand in no sentence: they may be secret.
"""

from __future__ import annotations

import ipaddress
import math
from collections.abc import Iterator
from dataclasses import fields
from urllib.parse import urlsplit

from limits import parse_many
from redis import ConnectionPool
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from app.config import Settings, SettingUnfit
from app.foundation.keyring import Key, parse_keys

KEY_SETTINGS = ("encryption_keys", "index_keys", "signing_keys")
LEAST_BITS = 80.0
"""What the operator's key has of chance at least, by a generous estimate."""
LEAST_DIFFERENT_BYTES = 20
"""Of 32 random bytes some 30 differ; fewer than 20 do in one key of 10^13."""
_PRIVATE_NAMES = ("localhost", "local", "lan", "internal", "intranet", "home", "test", "example", "invalid")
STRIPE, LOOPBACK = "https://api.stripe.com", ("127.0.0.1", "localhost", "::1")
_RANDOM = """python3 -c 'import secrets; print("ok_live_" + secrets.token_urlsafe(32))'"""


def check(settings: Settings) -> None:
    """Raises SettingUnfit."""
    for flaw in _flaws(settings):
        raise SettingUnfit(flaw)


def _flaws(settings: Settings) -> Iterator[str]:
    yield from _ranges(settings)
    yield from _limits(settings)
    yield from _servers(settings)
    if guessable_bits(settings.operator_key.removeprefix("ok_live_")) < LEAST_BITS:
        yield f"OPERATOR_KEY can be guessed: make a random one, such as {_RANDOM}"
    yield from _keys(settings)
    yield from _doors(settings)
    yield from _provider(settings)


def _ranges(settings: Settings) -> Iterator[str]:
    for item in fields(settings):
        value, choices = getattr(settings, item.name), item.metadata["choices"]
        if isinstance(value, int | float):
            least, most = item.metadata["least"], item.metadata["most"]
            if not (math.isfinite(value) and value >= least):
                yield f"{item.name.upper()} must be {least} or more."
            if value > most:
                yield f"{item.name.upper()} must be {most} or less."
        if choices and value not in choices:
            yield f"{item.name.upper()} must be one of {', '.join(f'`{one}`' for one in choices if one)}."


def _limits(settings: Settings) -> Iterator[str]:
    """Whatever has a limit for its default is one."""
    for item in fields(settings):
        if isinstance(item.default, str) and _is_limit(item.default) and not _is_limit(getattr(settings, item.name)):
            yield f"{item.name.upper()} is no limit: write it like `{item.default}`."


def _is_limit(text: str) -> bool:
    try:
        return all(one.amount > 0 and one.get_expiry() > 0 for one in parse_many(text))
    except ValueError:
        return False


def _servers(settings: Settings) -> Iterator[str]:
    for name in ("database_url", "database_owner_url"):
        if not _is_postgresql(getattr(settings, name) or settings.database_url):
            yield f"{name.upper()} is no address of PostgreSQL: write it like `postgresql+psycopg://user:password@host/database`."
    try:
        ConnectionPool.from_url(settings.redis_url)
    except ValueError:
        yield "REDIS_URL is no address of Valkey: write it like `redis://host:6379` or `unix:///path`."


def _is_postgresql(url: str) -> bool:
    try:
        return make_url(url).drivername == "postgresql+psycopg"
    except (ArgumentError, ValueError):
        return False


def guessable_bits(text: str) -> float:
    """How many bits a text has, were each of its characters chosen at random among those that it has."""
    once = next(text[:length] for length in range(len(text) + 1) if text == (text[:length] * len(text))[: len(text)])
    return len(once) * math.log2(max(len(set(once)), 1))


def _keys(settings: Settings) -> Iterator[str]:
    seen: dict[bytes, str] = {}
    for name in KEY_SETTINGS:
        try:
            keys = parse_keys(getattr(settings, name))
        except ValueError as error:
            yield f"{name.upper()} can't be read: {error}."
            continue
        for key in keys:
            if _is_weak(key):
                yield f"Key {key.version} of {name.upper()} isn't random: docs/production.md shows how to make one."
            if key.secret in seen:
                yield f"Key {key.version} of {name.upper()} is one of {seen[key.secret]}, too: each needs its own."
            seen[key.secret] = name.upper()


def _is_weak(key: Key) -> bool:
    steps = {(after - before) % 256 for before, after in zip(key.secret, key.secret[1:], strict=False)}
    is_text = all(32 <= byte < 127 for byte in key.secret)
    return is_text or len(steps) == 1 or len(set(key.secret)) < LEAST_DIFFERENT_BYTES


def _doors(settings: Settings) -> Iterator[str]:
    """What is for trying on one machine shows codes to everybody, or lets shops knock at neighbours' doors."""
    host = _host_of(settings.public_url)
    if not host:
        yield "PUBLIC_URL must be an address that begins with https:// (or http://, on one machine)."
    elif is_public(host):
        for name, way in (("sms_sender", "aliyun"), ("mail_sender", "smtp")):
            if getattr(settings, name) == "inbox":
                yield f"{name.upper()}=inbox shows sign-in codes to everybody, and PUBLIC_URL is public: set it to `{way}`, or to nothing."
        if settings.webhook_allow_private:
            yield "WEBHOOK_ALLOW_PRIVATE=1 opens your own network to webhooks, and PUBLIC_URL is public: set it to 0."


def _provider(settings: Settings) -> Iterator[str]:
    """Orders of money go to Stripe, or for trying to a provider on this machine: nowhere else by mistake."""
    host = _host_of(settings.stripe_address)
    if settings.stripe_address.rstrip("/") == STRIPE:
        return
    if host not in LOOPBACK:
        yield f"STRIPE_ADDRESS must be {STRIPE}, or an address of this machine for trying."
    elif is_public(_host_of(settings.public_url)):
        yield f"STRIPE_ADDRESS is a provider for trying, and PUBLIC_URL is public: leave it at {STRIPE}."


def _host_of(url: str) -> str:
    """The host of a page's address; nothing where it is none, or says more than where a path begins."""
    try:
        address = urlsplit(url)
        host, _ = address.hostname or "", address.port
    except ValueError:
        return ""
    is_whole = address.scheme in ("http", "https") and not (address.query or address.fragment or " " in url)
    return host if is_whole else ""


def is_public(host: str) -> bool:
    """Whether others than this machine and its neighbours may reach a host, judged by its name alone."""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        name = host.rstrip(".").lower()
        return "." in name and name.rpartition(".")[2] not in _PRIVATE_NAMES
    return address.is_global
