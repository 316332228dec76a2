"""Refusals of this room."""

from app.foundation.i18n import words as _l
from app.foundation.problems import DomainError


class RuleSetPublishedAlready(DomainError):
    code, status, title = "rule-set-published", 409, _l("A published version never changes")


class RuleSetNotFit(DomainError):
    code, status, title = "rule-set-not-fit", 422, _l("These rules can't be published")


class RankTaken(DomainError):
    code, status, title = "rank-taken", 409, _l("Another tier has this rank")


class MemberFrozen(DomainError):
    code, status, title = "member-frozen", 409, _l("The member is frozen: no points can be spent")


class SpendLocked(DomainError):
    code, status, title = "spend-locked", 409, _l("The member has locked spending")
