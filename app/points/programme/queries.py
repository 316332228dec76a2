"""Reading the terms: the programme, rule sets, and the version in force."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, select

from app.foundation.database.unit_of_work import UnitOfWork
from app.foundation.ids import hex_of
from app.foundation.problems import NotFound
from app.points.caps.tracking import Tracking, tracking_of
from app.points.earning.compile import compile_rule_set
from app.points.earning.rounding import Rounding
from app.points.earning.rule_sets import RuleSet, newest_first, version_in_force
from app.points.programme.models import Programme, RuleSetRow
from app.points.purses.spending import SpendingTerms
from app.points.tiers.queries import Ladder, ladder


@dataclass(frozen=True, slots=True)
class ProgrammeTerms:
    """What a district awards by: its programme and its published versions. Belongs to one configuration revision."""

    rounding: Rounding
    pending_days: int
    expiry: dict[str, Any]
    late_sale_days: int | None
    spending: SpendingTerms
    refund_policy: str
    rule_sets: tuple[RuleSet, ...]
    tracking: Tracking
    ladder: Ladder
    newest_first: tuple[RuleSet, ...]
    are_plain: bool
    """Whether all that its rules look at comes with the sale, and nothing of it is counted."""

    def in_force(self, occurred_at: datetime) -> RuleSet:
        """The version for a sale of some instant."""
        return version_in_force(self.newest_first, occurred_at)


def terms(uow: UnitOfWork) -> ProgrammeTerms:
    """The district's programme, rules and tiers, in three statements."""
    [row] = uow.rows(
        "SELECT rounding, pending_days, expiry, late_sale_days, point_value, max_spend_percent, min_spend_points, "
        "spend_proof = 'code', refund_policy FROM programmes WHERE district_id = %s",
        (hex_of(uow.district_id),),
    )
    rows = uow.rows(
        "SELECT version, effective_at, rules FROM rule_sets WHERE district_id = %s AND version IS NOT NULL "
        "ORDER BY version",
        (hex_of(uow.district_id),),
    )
    versions = tuple(compile_rule_set(*row) for row in rows)
    rounding, pending_days, expiry, late_sale_days, *spending, policy = row
    tracking, tiers = tracking_of(versions), ladder(uow)
    return ProgrammeTerms(
        rounding,
        pending_days,
        expiry,
        late_sale_days,
        SpendingTerms(*spending),
        policy,
        versions,
        tracking,
        tiers,
        newest_first=tuple(newest_first(versions)),
        are_plain=not (tiers.tiers or tracking or any(one.needs for one in versions)),
    )


def programme(uow: UnitOfWork) -> Programme:
    """The district's programme; asked for once in a unit of work."""
    found = uow.find(Programme, uow.district_id)
    assert found is not None, "each district has one"
    return found


def merchants_run_campaigns(uow: UnitOfWork) -> bool:
    """Whether the district lets merchants run campaigns of their own."""
    return programme(uow).merchant_campaigns


def rule_sets(uow: UnitOfWork) -> Select[RuleSetRow]:
    """The district's drafts and versions."""
    return select(RuleSetRow).where(RuleSetRow.district_id == uow.district_id)


def find_rule_set(uow: UnitOfWork, rule_set_id: str, *, lock: bool = False) -> RuleSetRow:
    """Raises NotFound."""
    query = rule_sets(uow).where(RuleSetRow.id == rule_set_id)
    row = uow.session.scalars(query.with_for_update() if lock else query).one_or_none()
    if row is None:
        raise NotFound
    return row


def latest_version(uow: UnitOfWork) -> int:
    """The highest version number so far. Hold the configuration lock."""
    query = "SELECT coalesce(max(version), 0) FROM rule_sets WHERE district_id = %s"
    return int(uow.rows(query, (hex_of(uow.district_id),))[0][0])
