"""Member codes, as pure functions: 18 digits that a phone makes without network and that say who stands at the till.

`88`, the ten digits of the member's number, and six that change every minute: TOTP (RFC 6238) with HMAC-SHA-256 over
minutes since 1970, cut as in RFC 4226, 5.3. The payment codes of WeChat and Alipay begin with 10 to 15 and 25 to 30.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import chain
from typing import NamedTuple

PREFIX = "88"
DIGITS = 6
STEP = timedelta(seconds=60)
SECRET_BYTES = 40
"""64 characters of base32 without padding, which some readers of base32 refuse and others demand."""
TOLD_FOR = timedelta(hours=6)
"""For so long a right code is told to be over; afterwards it is a wrong one."""
AROUND = timedelta(hours=1)
"""The same on both sides of the moment that a report names, for tills whose clock is wrong."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_CODE = re.compile(PREFIX + r"([0-9]{10})([0-9]{6})")


class MemberCode(NamedTuple):
    """A text that has the form of a member code."""

    number: str
    digits: str


@dataclass(frozen=True, slots=True)
class CodeKey:
    """A key from which a phone makes codes until `ended_at` (None: for ever)."""

    secret: bytes
    ended_at: datetime | None = None

    def is_in_force(self, instant: datetime) -> bool:
        """Whether codes are made from it at an instant."""
        return self.ended_at is None or instant < self.ended_at


NOBODY = (CodeKey(bytes(SECRET_BYTES)),)
"""Stands for the keys of whom there isn't, so that looking takes as long."""


def new_secret() -> bytes:
    """A random key."""
    return secrets.token_bytes(SECRET_BYTES)


def secret_text(secret: bytes) -> str:
    """A key in base32, as phones take it."""
    return base64.b32encode(secret).decode()


def secret_of(text: str) -> bytes:
    """The key of a text."""
    return base64.b32decode(text)


def step_at(instant: datetime) -> int:
    """Whole minutes since 1970."""
    return (instant - _EPOCH) // STEP


def start_of_step(step: int) -> datetime:
    """The first instant (UTC) of a minute."""
    return _EPOCH + step * STEP


def digits_at(secret: bytes, step: int, count: int = DIGITS) -> str:
    """The changing digits of a minute (RFC 6238, 4; RFC 4226, 5.3)."""
    digest = hmac.digest(secret, step.to_bytes(8), hashlib.sha256)
    start = digest[-1] & 0xF
    number = int.from_bytes(digest[start : start + 4]) & 0x7FFF_FFFF
    return f"{number % 10**count:0{count}d}"


def make_code(number: str, secret: bytes, instant: datetime) -> str:
    """The member code of an instant."""
    return PREFIX + number + digits_at(secret, step_at(instant))


def parse_code(text: str) -> MemberCode | None:
    """A code in its parts. None for what has another form."""
    found = _CODE.fullmatch(text)
    return None if found is None else MemberCode(*found.groups())


def right_at(keys: Sequence[CodeKey], digits: str, instant: datetime) -> int | None:
    """The minute to which digits belong if they are right at an instant: that minute, the one before or the one after."""
    now = step_at(instant)
    in_force = [key for key in keys if key.is_in_force(instant)]
    return _step_of(in_force, digits, (now, now - 1, now + 1))


def right_lately(keys: Sequence[CodeKey], digits: str, now: datetime, named: datetime) -> bool:
    """Whether digits are right at another time: some hours before now, or around the moment that a report names.

    The minutes to come aren't searched: whoever guesses must not learn what will be right.
    """
    last = step_at(now)
    middle, width = step_at(named), AROUND // STEP
    lately = range(max(0, last - TOLD_FOR // STEP), last + 1)
    around = range(max(0, middle - width), min(middle + width, last) + 1)
    return _step_of(keys, digits, chain(lately, around)) is not None


def _step_of(keys: Sequence[CodeKey], digits: str, steps: Iterable[int]) -> int | None:
    """Looks at every minute, found or not. A key makes no codes after its end."""
    found = None
    for step in steps:
        for key in keys:
            if hmac.compare_digest(digits_at(key.secret, step), digits) and key.is_in_force(start_of_step(step)):
                found = step if found is None else found
    return found
