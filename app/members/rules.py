"""Phones, member numbers and changes of birthdays, as pure functions."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta

import phonenumbers

REGION = "CN"
"""The region whose numbers need no country code."""

BIRTHDAY_RESTS = timedelta(days=365)
"""For how long a birthday that was changed stays as it is: whoever could change it at will had one every day."""


class NotAPhone(ValueError):
    """A text that is no possible phone number."""


def parse_phone(text: str) -> str:
    """The E.164 form of a phone written in any usual way. Raises NotAPhone."""
    try:
        number = phonenumbers.parse(text, REGION)
    except phonenumbers.NumberParseException as error:
        raise NotAPhone(text[:0]) from error
    if number.extension or not phonenumbers.is_valid_number(number):
        raise NotAPhone
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def mask_phone(e164: str) -> str:
    """A phone as others may see it: `138****0000`; numbers from elsewhere keep their country code."""
    country = f"+{phonenumbers.parse(e164).country_code}"
    digits = e164.removeprefix(country)
    shown = 4 if len(digits) >= 10 else 2
    head = digits[: shown - 1] if country == "+86" else country
    return f"{head}****{digits[-shown:]}"


def mask_name(name: str) -> str:
    """A name as a cashier may see it: its first character, and that there are more."""
    return name[0] + "*" * min(2, len(name) - 1) if len(name) > 1 else "*"


def new_number() -> str:
    """A member number: ten random digits, so that neither order nor count of members shows."""
    return f"{secrets.randbelow(10**10):010d}"


def birthday_rests_until(changed_at: datetime | None, now: datetime) -> datetime | None:
    """Until when a birthday is only the alliance's to change; None where others may, too.

    `changed_at`: when others last changed one that was known, or when its member came back after leaving.
    """
    until = None if changed_at is None else changed_at + BIRTHDAY_RESTS
    return until if until is not None and now < until else None
