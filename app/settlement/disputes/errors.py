"""Refusals of this wing."""

from app.foundation.i18n import words as _l
from app.foundation.problems import DomainError


class DisputeWindowOver(DomainError):
    code, status, title = "dispute-window-over", 409, _l("This statement can't be disputed any more")


class DisputeOver(DomainError):
    code, status, title = "dispute-over", 409, _l("This dispute has ended already")


class NobodyToDisputeWith(DomainError):
    code, status, title = "nobody-to-dispute-with", 409, _l("The district can't dispute its own statement")


class CorrectionOver(DomainError):
    code, status, title = "correction-over", 409, _l("This correction has been approved or rejected already")
