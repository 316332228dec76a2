"""Tokens, pairing codes, PINs and the ends of shifts, as pure functions."""

from __future__ import annotations

import secrets
from datetime import datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

HEAD = "tt"
"""How tokens of tills begin."""
TILL_SCOPES = ("transactions:write", "transactions:read", "coupons:redeem", "coupons:read", "programme:read")
"""What a till may do. Whoever lets one be paired needs all of them."""
PAIRING_LASTS, LONGEST_PAIRING = timedelta(minutes=10), timedelta(days=400)
"""How long a pairing code works, and at most in a sandbox, for tests and demos."""
PAIRING_DIGITS = 16
OVERLAP = timedelta(minutes=1)
"""For so long a token works on once a newer one has been used: calls under way end well."""
LONGEST_SHIFT = timedelta(hours=16)
FREE_TRIES = 4
"""Wrong PINs in a row that lock nothing; the next one does."""
FIRST_LOCK, LONGEST_LOCK = timedelta(minutes=1), timedelta(days=1)
PIN_LENGTHS = (4, 6)


def new_pairing_code() -> str:
    """A fresh one: digits only, which no keyboard or input method changes. Nobody guesses one of 53 bits in ten minutes."""
    return f"{secrets.randbelow(10**PAIRING_DIGITS):0{PAIRING_DIGITS}d}"


def pairing_digits(text: str) -> str | None:
    """A pairing code as it was meant, without the spaces and hyphens of who typed it; None for what is none."""
    digits = text.replace(" ", "").replace("-", "")
    return digits if len(digits) == PAIRING_DIGITS and digits.isascii() and digits.isdecimal() else None


def pairing_link(public_url: str, code: str) -> str:
    """Where a till's browser goes that scans the code; behind a `#`, so that no server's log keeps it."""
    return f"{public_url.rstrip('/')}/till#{code}"


def is_simple(pin: str) -> bool:
    """Whether a PIN is among those that are tried first: one digit again and again, or digits in a row."""
    steps = {(int(after) - int(before)) % 10 for before, after in pairwise(pin)}
    return len(steps) == 1 and steps <= {0, 1, 9}


def lock_after(wrong: int) -> timedelta | None:
    """For how long a PIN isn't looked at after so many wrong ones in a row: a minute at the fifth, then twice as long each."""
    if wrong <= FREE_TRIES:
        return None
    doubled: int = 2 ** min(wrong - FREE_TRIES - 1, 20)
    return min(LONGEST_LOCK, FIRST_LOCK * doubled)


def end_of_shift(opened_at: datetime, zone: ZoneInfo, closes_at: str | None) -> datetime:
    """When a shift ends at the latest: at the next closing time, or after LONGEST_SHIFT."""
    latest = opened_at + LONGEST_SHIFT
    if closes_at is None:
        return latest
    local = opened_at.astimezone(zone)
    closing = datetime.combine(local.date(), time.fromisoformat(closes_at), zone)
    if closing <= local:
        closing = datetime.combine(local.date() + timedelta(days=1), time.fromisoformat(closes_at), zone)
    return min(latest, closing.astimezone(opened_at.tzinfo))
