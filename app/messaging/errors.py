"""Refusals of this room."""

from app.foundation.problems import DomainError


class EventGone(DomainError):
    code, status, title = "event-gone", 409, "This event is no longer kept"
