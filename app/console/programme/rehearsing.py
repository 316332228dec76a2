"""Drafts rehearsed on real sales of the past: asked for, watched, stopped."""

from __future__ import annotations

from app.console.door import console, must
from app.console.programme.drafts import HERE, editor
from app.console.programme.reading import READ, WRITE
from app.districts import queries as districts
from app.foundation import audit
from app.foundation.database.unit_of_work import UnitOfWork
from app.foundation.http.validation import load
from app.pages.doors import Visit
from app.pages.outcomes import Go, Handed, Told
from app.pages.readers import beginning_in, end_in
from app.transactions.replays import services
from app.transactions.replays.present import show_replay
from app.transactions.schemas import RehearsalPeriod


@console.act("/rules/<rls:rule_set_id>/rehearse", again=editor)
def rehearse(uow: UnitOfWork, visit: Visit, rule_set_id: str) -> Handed:
    """Asks for a replay over local days, both included."""
    must(visit, WRITE, alliance_only=True)
    zone, texts = districts.district(uow).time_zone, visit.form.texts
    period = {"from": beginning_in(zone)(texts.get("from", "")), "to": end_in(zone)(texts.get("to", ""))}
    body = load(RehearsalPeriod(), period)
    replay_id = services.ask_replay(uow, rule_set_id, body["start"], body["end"])
    audit.record(uow, "rule_set.replayed", rule_set_id, {"replay_id": replay_id})
    return Go(f"{HERE}/{rule_set_id}?replay={replay_id}#rehearsal", jobs=(services.job_of(uow.district_id, replay_id),))


@console.act("/rules/replays/<rpl:replay_id>/cancel")
def cancel(uow: UnitOfWork, visit: Visit, replay_id: str) -> Handed:
    """Stops a replay."""
    must(visit, WRITE, alliance_only=True)
    services.cancel_replay(uow, replay_id)
    audit.record(uow, "replay.cancelled", replay_id)
    return Go(f"{HERE}/{show_replay(uow, replay_id)['rule_set_id']}?replay={replay_id}#rehearsal")


@console.data("/rules/replays/<rpl:replay_id>/progress")
def progress(uow: UnitOfWork, visit: Visit, replay_id: str) -> Handed:
    """How far a replay is."""
    must(visit, READ, alliance_only=True)
    replay = show_replay(uow, replay_id)
    return Told({"status": replay["status"], **replay["progress"]})
