"""Refusals of this room."""

from __future__ import annotations

from app.foundation.i18n import words as _l
from app.foundation.problems import DomainError


class CampaignRuns(DomainError):
    code, status, title = "campaign-published", 409, _l("A published campaign only gets more generous")


class WrongCampaignState(DomainError):
    code, status, title = "campaign-state", 409, _l("The campaign is in another state")
