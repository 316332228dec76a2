"""Publishing rules, seen from the sales: into the past only before them; caps begin with what was given so far."""

from __future__ import annotations

from datetime import datetime

from app.districts.services import lock_configuration
from app.foundation.database.unit_of_work import UnitOfWork
from app.points.programme import services as points
from app.transactions import backfilling, configuration
from app.transactions.sales import queries


def publish_rule_set(uow: UnitOfWork, rule_set_id: str, effective_at: datetime | None) -> int:
    """Publishes a draft, in force from an instant (UTC; None: now), into the past only where no later sale is recorded.

    Gives the version's number. Raises NotFound, RuleSetPublishedAlready, RuleSetNotFit, ValidationFailed.
    """
    lock_configuration(uow)
    settings = configuration.read(uow)
    newest = None
    if effective_at is not None and effective_at < uow.now:
        newest = queries.newest_sale_at(uow, settings.directory.by_id)
    row = points.publish_rule_set(uow, rule_set_id, effective_at, newest)
    backfilling.start_tracking(uow, settings.terms, row.rules, settings.directory.zone)
    assert row.version is not None, "it has just been given one"
    return row.version
