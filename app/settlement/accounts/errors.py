"""Refusals of this wing."""

from app.foundation.i18n import words as _l
from app.foundation.problems import DomainError


class MerchantHasLeft(DomainError):
    code, status, title = "merchant-has-left", 409, _l("This merchant has had its final statement")


class ExitNotSettled(DomainError):
    code, status, title = "exit-not-settled", 409, _l("There is nothing to write off, or not yet")


class DepositTooSmall(DomainError):
    code, status, title = "deposit-too-small", 409, _l("The deposit is smaller than that")
