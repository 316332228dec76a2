"""Challenges and their codes, and when a number counts as recycled, as pure functions.

A challenge is `ch_` and 52 base32 characters: the district's id and 128 random bits, which are the id of its row. Its
code is nowhere kept: six digits of a keyed digest of that id, made again by whoever sends or checks it.
"""

from __future__ import annotations

import base64
import hmac
import secrets
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any, NamedTuple

import phonenumbers
from phonenumbers import PhoneNumberType

PURPOSE = "sign-in-code"
"""What codes are derived for."""
LASTS = timedelta(minutes=5)
MOST_TRIES = 5
_DIGITS = 6
_HEAD = "ch_"
_LENGTH = 52
_MOBILE = (PhoneNumberType.MOBILE, PhoneNumberType.FIXED_LINE_OR_MOBILE)


class Challenge(NamedTuple):
    """Ids of a district, and of a code that was asked for in it."""

    district_id: str
    id: str

    @property
    def text(self) -> str:
        """As the caller holds it."""
        body = bytes.fromhex(self.district_id[-32:] + self.id[-32:])
        return _HEAD + base64.b32encode(body).decode().rstrip("=").lower()

    @property
    def subject(self) -> str:
        """What its code is derived from."""
        return f"{self.district_id}/{self.id}"


def new_challenge(district_id: str) -> Challenge:
    """A fresh one, which nobody guesses."""
    return Challenge(district_id, f"chl_{secrets.token_hex(16)}")


def challenge_of(text: str) -> Challenge | None:
    """A challenge in its parts; None for what has another form."""
    body = text[len(_HEAD) :]
    if not text.startswith(_HEAD) or len(body) != _LENGTH or not body.isascii():
        return None
    try:
        raw = base64.b32decode(body.upper() + "=" * (-_LENGTH % 8))
    except ValueError:
        return None
    return Challenge(f"dis_{raw[:16].hex()}", f"chl_{raw[16:].hex()}")


def code_of(derived: str) -> str:
    """The six digits of a derived secret (base32, 128 bits)."""
    number = int.from_bytes(base64.b32decode(derived.upper() + "=" * (-len(derived) % 8)))
    return f"{number % 10**_DIGITS:0{_DIGITS}d}"


def is_right(derived: Iterable[str], code: str) -> bool:
    """Whether a code is one of these secrets'; all of them are looked at."""
    return sum(hmac.compare_digest(code_of(one).encode(), code.encode()) for one in derived) > 0


def is_served(phone: str, countries: str) -> bool:
    """Whether codes are sent to an E.164 phone: a mobile one, of a country in a comma-separated list of codes."""
    number = phonenumbers.parse(phone)
    served = {one.strip() for one in countries.split(",")}
    return str(number.country_code) in served and phonenumbers.number_type(number) in _MOBILE


def gives_membership(consents: Iterable[Mapping[str, Any]]) -> bool:
    """Whether consents hold the one without which nobody becomes a member: the district's, to the membership."""
    return any(one["controller"] == "district" and one["purpose"] == "membership" for one in consents)


def is_recycled(seen_at: Iterable[datetime | None], now: datetime, days: int) -> bool:
    """Whether whoever was seen at these instants has been away for so many days that the number may be another's."""
    return all(one is None or one <= now - timedelta(days=days) for one in seen_at)


_DEVICES = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("HarmonyOS", "HarmonyOS"),
    ("OpenHarmony", "HarmonyOS"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Macintosh", "Mac"),
    ("Darwin", "iOS"),
    ("Linux", "Linux"),
)
_PROGRAMS = (("MicroMessenger", "WeChat"), ("AlipayClient", "Alipay"))


def device_of(agent: str) -> str:
    """A hint of which device signed in, such as `iPhone` or `WeChat, Android`; empty where its `User-Agent` says nothing.

    It is chosen from our own words: nothing that a caller writes is kept.
    """
    named = (next((word for sign, word in words if sign in agent), None) for words in (_PROGRAMS, _DEVICES))
    return ", ".join(word for word in named if word)
