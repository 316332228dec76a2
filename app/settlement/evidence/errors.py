"""Refusals of this wing."""

from app.foundation.i18n import words as _l
from app.foundation.problems import DomainError


class EvidenceNotMade(DomainError):
    code, status, title = "evidence-not-made", 409, _l("The evidence isn't made yet")
