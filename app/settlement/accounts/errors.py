"""Refusals of this wing."""

from app.foundation.i18n import words as _l
from app.foundation.problems import DomainError


class DepositTooSmall(DomainError):
    code, status, title = "deposit-too-small", 409, _l("The deposit is smaller than that")
