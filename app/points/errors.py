"""Refusals of this room."""

from __future__ import annotations

from datetime import datetime

from app.foundation.clock import format_instant
from app.foundation.i18n import words as _l
from app.foundation.problems import DomainError


class RuleSetPublishedAlready(DomainError):
    code, status, title = "rule-set-published", 409, _l("A published version never changes")


class RuleSetNotFit(DomainError):
    code, status, title = "rule-set-not-fit", 422, _l("These rules can't be published")


class RankTaken(DomainError):
    code, status, title = "rank-taken", 409, _l("Another tier has this rank")


class NotEnoughPoints(DomainError):
    code, status, title = "not-enough-points", 409, _l("The member has fewer points")


class SpendLocked(DomainError):
    code, status, title = "spend-locked", 409, _l("The member has locked spending")


class SpendingRests(DomainError):
    code, status, title = "spending-rests", 409, _l("Spending rests after a change of phone")

    @classmethod
    def until(cls, instant: datetime) -> SpendingRests:
        """One that ends at an instant (UTC)."""
        when = format_instant(instant)
        return cls(_l("The member's phone was changed: points can be spent from %(when)s on.", when=when))
