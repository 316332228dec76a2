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
    digits = e164.removeprefix("+86") if e164.startswith("+86") else e164
    head = 3 if digits == e164.removeprefix("+86") else len(digits) - 7
    return f"{digits[: max(head, 2)]}****{digits[-4:]}" if len(digits) >= 10 else f"{digits[:2]}****{digits[-2:]}"


def new_number() -> str:
    """A member number: ten random digits, so that neither order nor count of members shows."""
    return f"{secrets.randbelow(10**10):010d}"
