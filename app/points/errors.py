"""Refusals of this room."""

from app.foundation.problems import DomainError


class RuleSetPublishedAlready(DomainError):
    code, status, title = "rule-set-published", 409, "A published version never changes"


class RuleSetNotFit(DomainError):
    code, status, title = "rule-set-not-fit", 422, "These rules can't be published"


class RankTaken(DomainError):
    code, status, title = "rank-taken", 409, "Another tier has this rank"


class MemberFrozen(DomainError):
    code, status, title = "member-frozen", 409, "The member is frozen: no points can be spent"


class SpendLocked(DomainError):
    code, status, title = "spend-locked", 409, "The member has locked spending"
