"""Refusals of this room."""

from app.foundation.i18n import words as _l
from app.foundation.problems import DomainError


class ClockAdvancing(DomainError):
    code, status, title = "clock-advancing", 409, _l("This test clock is advancing already")
