"""What a password must be: ten characters or more, and none that everybody tries first."""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path

from app.foundation.i18n import words as _l
from app.foundation.problems import ValidationFailed

LEAST, MOST = 10, 128
_COMMON = Path(__file__).with_name("common_passwords.txt")
_ROWS = (
    "01234567890",
    "9876543210",
    "abcdefghijklmnopqrstuvwxyz",
    "qwertyuiop",
    "asdfghjkl",
    "zxcvbnm",
    "1qaz2wsx3edc4rfv",
)


@lru_cache(maxsize=1)
def _common() -> frozenset[str]:
    lines = _COMMON.read_text(encoding="utf-8").splitlines()
    return frozenset(line for line in lines if not line.startswith("# "))


def check_password(password: str, login: str, pointer: str = "/password") -> None:
    """Raises ValidationFailed for one that is too short, common, or made of the login."""
    if len(password) < LEAST:
        detail = _l("A password has %(least)s characters or more.", least=LEAST)
        raise ValidationFailed.at(pointer, "invalid-length", detail)
    if _is_guessed(password.casefold(), login.casefold()):
        raise ValidationFailed.at(pointer, "common-password", _l("This password is among the first that are guessed."))


def _is_guessed(password: str, login: str) -> bool:
    plain, name = (re.sub(r"\W", "", one) for one in (password, login.removeprefix("+86").partition("@")[0]))
    rest = plain.replace(name, "") if len(name) >= 3 else plain
    return (
        password in _common()
        or len(set(plain)) < 4
        or any(plain in row * 2 for row in _ROWS)
        or len(rest.replace("quantong", "")) < 4
    )
