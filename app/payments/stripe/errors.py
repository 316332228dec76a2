"""Refusals of events."""

from app.foundation.i18n import words as _l
from app.foundation.problems import DomainError


class EventNotVerified(DomainError):
    code, status, title = "event-not-verified", 400, _l("This event isn't the provider's, or not this account's")
