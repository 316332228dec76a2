"""Phones, member numbers and changes of birthdays, as pure functions."""

from __future__ import annotations

import re
import secrets
import unicodedata
from datetime import date, datetime, timedelta

import phonenumbers

from app.foundation.i18n import words as _l

REGION = "CN"
"""The region whose numbers need no country code."""

BIRTHDAY_RESTS = timedelta(days=365)
"""For how long a birthday that was changed stays as it is: whoever could change it at will had one every day."""
FIRST_BIRTHDAY = date(1900, 1, 1)
BIRTHDAY_NEEDED = _l("A birthday from 1900 on, and not in the future, is needed.")


_WRITTEN = re.compile(r"[\s(]*\+?[\d\s().\-\u2010-\u2015\u2212/]+")
"""Digits and what stands between them. No letters: `phonenumbers` reads them as keys, and leaves them out at the end."""
_Kind = phonenumbers.PhoneNumberType
PERSONAL = frozenset((_Kind.MOBILE, _Kind.FIXED_LINE, _Kind.FIXED_LINE_OR_MOBILE, _Kind.VOIP, _Kind.PERSONAL_NUMBER))
"""Kinds of numbers that somebody has: not those of services, that are called for nothing or for a price."""
NOTED_ONCE_IN = timedelta(days=1)
"""How often it is noted at most that a member has proved to be there."""


class NotAPhone(ValueError):
    """A text that is no possible phone number of a person."""


def parse_phone(text: str) -> str:
    """The E.164 form of a person's phone written in any usual way. Raises NotAPhone."""
    written = unicodedata.normalize("NFKC", text)
    if _WRITTEN.fullmatch(written) is None:
        raise NotAPhone
    try:
        number = phonenumbers.parse(written, REGION)
    except phonenumbers.NumberParseException as error:
        raise NotAPhone(text[:0]) from error
    if not phonenumbers.is_valid_number(number) or phonenumbers.number_type(number) not in PERSONAL:
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


def is_birthday(day: date, now: datetime) -> bool:
    """Whether somebody who lives may have been born on a day."""
    return FIRST_BIRTHDAY <= day <= now.date()


def birthday_rests_until(changed_at: datetime | None, now: datetime) -> datetime | None:
    """Until when a birthday is only the alliance's to change; None where others may, too.

    `changed_at`: when others last changed one that was known, or when its member came back after leaving.
    """
    until = None if changed_at is None else changed_at + BIRTHDAY_RESTS
    return until if until is not None and now < until else None
