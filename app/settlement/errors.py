"""Refusals of this room."""

from app.foundation.i18n import words as _l
from app.foundation.problems import DomainError


class PeriodNotOver(DomainError):
    code, status, title = "period-not-over", 409, _l("This period isn't over yet")


class PoolTooSmall(DomainError):
    code, status, title = "pool-too-small", 409, _l("The pool doesn't exceed its reserve by so much")


class InvoiceKnown(DomainError):
    code, status, title = "invoice-known", 409, _l("This invoice number is noted already")


class SecondPersonNeeded(DomainError):
    code, status, title = "second-person-needed", 409, _l("Somebody else has to approve that")


class EarlierPeriodOpen(DomainError):
    code, status, title = "earlier-period-open", 409, _l("An earlier period has to be closed first")
