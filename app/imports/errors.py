"""Refusals of this room."""

from __future__ import annotations

from app.foundation.i18n import words as _l
from app.foundation.problems import DomainError


class WrongImportState(DomainError):
    code, status, title = "import-state", 409, _l("The import isn't in a state for that")
