"""Refusals of this room."""

from app.foundation.i18n import words as _l
from app.foundation.problems import DomainError


class CodeTaken(DomainError):
    code, status, title = "code-taken", 409, _l("This code is taken in the district")


class SlugTaken(DomainError):
    code, status, title = "slug-taken", 409, _l("This slug is taken")
