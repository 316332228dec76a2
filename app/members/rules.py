"""Phones and member numbers, as pure functions."""

from __future__ import annotations

import secrets

import phonenumbers

REGION = "CN"
"""The region whose numbers need no country code."""


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
