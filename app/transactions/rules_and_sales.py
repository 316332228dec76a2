"""What a change of rules or tiers does with the sales that were recorded before it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from app.districts.services import lock_configuration
from app.foundation.database.unit_of_work import UnitOfWork
from app.points.events import TierCreated
from app.points.programme import services as points
from app.points.tiers import queries as tier_queries
from app.transactions import backfilling, configuration
from app.transactions.sales import queries


def count_earlier_days(uow: UnitOfWork, events: Sequence[TierCreated]) -> None:
    """What members bought before the first tier was made counts for it. The configuration lock is held alone."""
    rungs = tier_queries.ladder(uow)
    if len(rungs.tiers) == len(events):
        backfilling.count_days(uow, rungs.zone)


def publish_rule_set(uow: UnitOfWork, rule_set_id: str, effective_at: datetime | None) -> None:
    """Publishes a draft; into the past only where no later sale is recorded. It stands here since it looks at sales."""
    lock_configuration(uow)
    settings = configuration.read(uow)
    newest = None
    if effective_at is not None and effective_at < uow.now:
        newest = queries.newest_sale_at(uow, settings.directory.by_id)
    row = points.publish_rule_set(uow, rule_set_id, effective_at, newest)
    backfilling.start_tracking(uow, settings.terms, row.rules, settings.directory.zone)
