"""Refusals of this wing."""

from app.foundation.i18n import words as _l
from app.foundation.problems import DomainError


class CaseIsOpen(DomainError):
    code, status, title = "case-open", 409, _l("This purchase has a complaint that waits for its answer")


class CaseIsOver(DomainError):
    code, status, title = "case-over", 409, _l("This complaint has ended already")
