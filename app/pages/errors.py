"""Refusals of this room."""

from app.foundation.i18n import words as _l
from app.foundation.problems import DomainError


class ForeignOrigin(DomainError):
    code, status, title = "foreign-origin", 403, _l("Another site has sent this")


class ConsoleReadOnly(DomainError):
    code, status, title = "console-read-only", 403, _l("The console only shows now: a bill of the district isn't paid")


class FormUnreadable(DomainError):
    code, status, title = "form-unreadable", 415, _l("The form can't be read")
