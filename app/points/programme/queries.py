"""Reading the terms: the programme, rule sets, and the version in force."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, or_, select

from app.foundation.database.unit_of_work import UnitOfWork
from app.foundation.ids import hex_of
from app.foundation.pagination import rows_of_page
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
    return uow.row(Programme, uow.district_id)


def merchants_run_campaigns(uow: UnitOfWork) -> bool:
    """Whether the district lets merchants run campaigns of their own."""
    return programme(uow).merchant_campaigns


def rule_sets(uow: UnitOfWork) -> Select[RuleSetRow]:
    """The district's drafts and versions."""
    return select(RuleSetRow).where(RuleSetRow.district_id == uow.district_id, RuleSetRow.discarded_at.is_(None))


def page_of_rule_sets(uow: UnitOfWork, query: Mapping[str, Any]) -> tuple[list[RuleSetRow], bool]:
    """A page of drafts and versions, newest first; and whether there are more."""
    return rows_of_page(uow, rule_sets(uow), RuleSetRow.id, query)


def find_rule_set(uow: UnitOfWork, rule_set_id: str, *, lock: bool = False) -> RuleSetRow:
    """Raises NotFound."""
    query = rule_sets(uow).where(RuleSetRow.id == rule_set_id)
    if lock:
        query = query.with_for_update().execution_options(populate_existing=True)
    row = uow.session.scalars(query).one_or_none()
    if row is None:
        raise NotFound
    return row


def in_force(uow: UnitOfWork) -> RuleSetRow:
    """The version that a sale of now earns by."""
    begun = or_(RuleSetRow.effective_at.is_(None), RuleSetRow.effective_at <= uow.now)
    query = rule_sets(uow).where(RuleSetRow.version.is_not(None), begun)
    latest = (RuleSetRow.effective_at.desc().nulls_last(), RuleSetRow.version.desc())
    return uow.session.scalars(query.order_by(*latest).limit(1)).one()


def coming(uow: UnitOfWork) -> list[RuleSetRow]:
    """Versions that aren't in force yet, in the order in which they will be."""
    query = rule_sets(uow).where(RuleSetRow.version.is_not(None), RuleSetRow.effective_at > uow.now)
    return list(uow.session.scalars(query.order_by(RuleSetRow.effective_at, RuleSetRow.version)))


def latest_version(uow: UnitOfWork) -> int:
    """The highest version number so far. Hold the configuration lock."""
    query = "SELECT coalesce(max(version), 0) FROM rule_sets WHERE district_id = %s"
    return int(uow.rows(query, (hex_of(uow.district_id),))[0][0])
