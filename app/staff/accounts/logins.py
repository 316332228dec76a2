"""Logins: a phone or an e-mail address, as people write them, as they are found, and as others may see them. Pure."""

from __future__ import annotations

import re
import unicodedata
from typing import NamedTuple

from app.foundation.characters import without_marks
from app.members.rules import NotAPhone, mask_phone, parse_phone

PHONE, EMAIL = "phone", "email"
MOST = 254
"""Characters of an address (RFC 5321, 4.5.3.1.3)."""
_EMAIL = re.compile(r"[^@\s\x00-\x1f\x7f]{1,64}@(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9-]{2,63}")


class NotALogin(ValueError):
    """A text that is neither phone nor e-mail address."""


class KnownAs(NamedTuple):
    """A login: its kind, and its value as it is compared (E.164, or an address in small letters)."""

    kind: str
    value: str

    @property
    def hint(self) -> str:
        """As colleagues see it: `138****0000`, `w***@example.com`."""
        if self.kind == PHONE:
            return mask_phone(self.value)
        name, _, place = self.value.rpartition("@")
        return f"{name[0]}***@{place}"


def parse_login(text: str) -> KnownAs:
    """A login written in any usual way. Raises NotALogin."""
    if "@" in text:
        address = unicodedata.normalize("NFKC", text.strip()).casefold()
        if len(address) > MOST or not _EMAIL.fullmatch(address):
            raise NotALogin
        return KnownAs(EMAIL, address)
    try:
        return KnownAs(PHONE, parse_phone(without_marks(text)))
    except NotAPhone:
        raise NotALogin from None
