"""Refusals of this room."""

from __future__ import annotations

from datetime import datetime

from app.foundation.clock import format_instant
from app.foundation.i18n import words as _l
from app.foundation.problems import DomainError, Flaw


class BirthdayFixed(DomainError):
    code, status, title = "birthday-fixed", 409, _l("This birthday can't be changed yet")

    @classmethod
    def until(cls, instant: datetime) -> BirthdayFixed:
        """One that rests until some instant."""
        until = format_instant(instant)
        detail = _l("It can be changed from %(until)s on; the alliance may change it before.", until=until)
        return cls(detail, flaws=[Flaw("/birthday", cls.code, detail)])


class IdentityTaken(DomainError):
    code, status, title = "identity-taken", 409, _l("This identity belongs to another member")


class PhoneTaken(DomainError):
    code, status, title = "phone-taken", 409, _l("This phone belongs to another member")


class MemberIsFrozen(DomainError):
    code, status, title = "member-frozen", 409, _l("The member is frozen: it can't spend or claim")


class MemberUnproven(DomainError):
    code, status, title = "member-unproven", 403, _l("This member hasn't shown itself at this merchant")


class MemberCodeExpired(DomainError):
    code, status, title = "member-code-expired", 410, _l("The time of this member code is over")

    @classmethod
    def at(cls, pointer: str) -> MemberCodeExpired:
        """A code or token in a body that was right at another time."""
        return cls(flaws=[Flaw(pointer, cls.code, _l("Its time is over: ask for the code that the phone shows now."))])


class MemberCodeUsed(DomainError):
    code, status, title = "member-code-used", 409, _l("This member code has been used")

    @classmethod
    def at(cls, pointer: str) -> MemberCodeUsed:
        """A code or token in a body that has been used already."""
        return cls(flaws=[Flaw(pointer, cls.code, _l("A code proves presence once: the next one comes in a minute."))])
