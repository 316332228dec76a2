"""Refusals of this room."""

from app.foundation.i18n import words as _l
from app.foundation.problems import DomainError


class EventGone(DomainError):
    code, status, title = "event-gone", 409, _l("This event is no longer kept")
