"""Refusals of this wing."""

from __future__ import annotations

from app.foundation.i18n import words as _l
from app.foundation.problems import DomainError, Flaw, RateLimited


class WrongPin(DomainError):
    code, status, title = "wrong-pin", 403, _l("The PIN is wrong")

    @classmethod
    def at_pin(cls) -> WrongPin:
        """The refusal, with its place in the body."""
        return cls(flaws=[Flaw("/pin", cls.code, cls.title)])


class PinLocked(RateLimited):
    code, status, title = "pin-locked", 429, _l("Too many wrong PINs: wait a while")
