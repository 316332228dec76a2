"""Replays: rules rehearsed over the real sales of a past period, in the queue, without posting anything."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from app.foundation.database.unit_of_work import UnitOfWork, unit_of_work
from app.foundation.i18n import words as _l
from app.foundation.jobs.queue import LONG, Job
from app.foundation.problems import ValidationFailed
from app.foundation.tenancy import system_principal
from app.members import services as members
from app.points.earning.compile import compile_rule_set
from app.points.earning.review import flaws_of_rules
from app.points.earning.rule_sets import RuleSet
from app.points.errors import RuleSetNotFit
from app.points.programme import queries as points
from app.points.tiers.present import tiers_of
from app.transactions import configuration
from app.transactions.replays import queries, writing
from app.transactions.replays.rehearsal import Known, Rehearsal

DEAD_AFTER = timedelta(minutes=2)
"""A running replay that has told nothing for this long has lost its job, and is begun anew."""


def ask_replay(uow: UnitOfWork, rule_set_id: str, start: datetime, end: datetime) -> str:
    """Lets rules be rehearsed over the sales of [start, end); gives the replay's id.

    Raises NotFound, ValidationFailed, and RuleSetNotFit for rules that contradict each other.
    """
    row = points.find_rule_set(uow, rule_set_id)
    if start >= end:
        raise ValidationFailed.at("/to", "out-of-range", _l("A period ends after it begins."))
    flaws = flaws_of_rules(row.rules)
    if flaws:
        raise RuleSetNotFit(flaws[0].detail, flaws=flaws)
    return writing.add_replay(uow, row.id, start, end)


def cancel_replay(uow: UnitOfWork, replay_id: str) -> None:
    """Ends a replay that isn't over; its job stops at the next step. Raises NotFound."""
    queries.find_replay(uow, replay_id)
    writing.finish_replay(uow, replay_id, "cancelled")


def cancel_replays_of(uow: UnitOfWork, rule_set_id: str) -> None:
    """Ends the replays of a draft that nobody wants."""
    writing.cancel_replays_of(uow, rule_set_id)


def run_replay(district_id: str, replay_id: str) -> bool:
    """Does a replay that waits; says whether it came to its end. Reads one snapshot, and tells how far it is."""
    principal = system_principal(district_id)
    with unit_of_work(principal) as uow:
        taken = writing.claim_replay(uow, replay_id, uow.real_now - DEAD_AFTER)
    if taken is None:
        return False
    rule_set_id, start, end = taken
    try:
        with unit_of_work(principal, snapshot=True) as uow:
            result = _rehearse(uow, f"rls_{rule_set_id}", start, end, replay_id)
    except Exception:
        with unit_of_work(principal) as uow:
            writing.finish_replay(uow, replay_id, "failed")
        raise
    if result is None:
        return False
    with unit_of_work(principal) as uow:
        writing.finish_replay(uow, replay_id, "done", result)
    return True


def _rehearse(
    uow: UnitOfWork, rule_set_id: str, start: datetime, end: datetime, replay_id: str
) -> dict[str, Any] | None:
    """The figures; None if somebody cancelled."""
    row = points.find_rule_set(uow, rule_set_id)
    rule_set = compile_rule_set(row.version or 0, row.effective_at, row.rules)
    settings = configuration.read(uow)
    shops = settings.directory.by_id
    categories = {store_id: shop.category for store_id, shop in shops.items()}
    known: dict[str, Known] = {}
    rehearsal = Rehearsal(rule_set, settings.directory.zone, categories, known)
    total = queries.count_of_period(uow, start, end)
    if not _goes_on(uow.district_id, replay_id, 0, total):
        return None
    for sales in queries.sales_of_period(uow, start, end, rule_set):
        known.update(_known(uow, rule_set, {sale.member_id for sale in sales} - known.keys()))
        for sale in sales:
            rehearsal.add_sale(sale)
        if not _goes_on(uow.district_id, replay_id, rehearsal.sales, total):
            return None
    return rehearsal.figures(settings.terms.spending.point_value)


def _known(uow: UnitOfWork, rule_set: RuleSet, member_ids: set[str]) -> dict[str, Known]:
    """What is known today of members, as far as the rules look at it."""
    if not member_ids or not rule_set.needs & {"tags", "birthday", "tier_id"}:
        return {}
    profiles = members.ask_profiles(uow, member_ids)()
    tiers = tiers_of(uow, sorted(member_ids)) if "tier_id" in rule_set.needs else {}
    return {
        member_id: Known(one.tags, one.birthday, tiers.get(member_id, {}).get("id"))
        for member_id, one in profiles.items()
    }


def _goes_on(district_id: str, replay_id: str, done: int, total: int) -> bool:
    with unit_of_work(system_principal(district_id)) as uow:
        return writing.report(uow, replay_id, done, total)


def job_of(district_id: str, replay_id: str) -> Job:
    """The job that does a replay."""
    return Job("app.transactions.tasks.run_replay", (district_id, replay_id), LONG)


def waiting(district_id: str) -> list[str]:
    """A district's replays that wait for a job."""
    with unit_of_work(system_principal(district_id)) as uow:
        return queries.waiting(uow, uow.real_now - DEAD_AFTER)
