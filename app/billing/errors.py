"""Refusals of this room."""

from app.foundation.i18n import words as _l
from app.foundation.problems import DomainError


class NothingBilled(DomainError):
    code, status, title = "nothing-billed", 409, _l("This district has no plan")


class PlanSet(DomainError):
    code, status, title = "plan-set", 409, _l("This district has a plan already")


class ProviderAway(DomainError):
    code, status, title = "provider-away", 503, _l("The payment provider can't be reached now")
