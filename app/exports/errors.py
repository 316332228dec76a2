"""Refusals of this room."""

from __future__ import annotations

from app.foundation.i18n import words as _l
from app.foundation.problems import DomainError


class ExportNotMade(DomainError):
    code, status, title = "export-not-made", 409, _l("The file isn't made yet")


class ExportExpired(DomainError):
    code, status, title = "export-expired", 410, _l("This file is no longer kept")
