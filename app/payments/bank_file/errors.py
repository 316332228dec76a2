"""Refusals of this wing."""

from app.foundation.i18n import words as _l
from app.foundation.problems import DomainError


class NothingToSend(DomainError):
    code, status, title = "nothing-to-send", 409, _l("No payment of this period can go into a file now")


class BatchOver(DomainError):
    code, status, title = "batch-over", 409, _l("The bank has told of this file, or it was cancelled")
