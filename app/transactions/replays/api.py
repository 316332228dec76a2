"""Replays of rules: `POST /v1/rule-sets/{id}/replay`, `/v1/replays/{id}`."""

from __future__ import annotations

from typing import Any

from app.foundation.database.unit_of_work import UnitOfWork
from app.foundation.http.answers import Answer
from app.foundation.http.routing import Call, Routes
from app.points.errors import RuleSetNotFit
from app.transactions import answers, schemas
from app.transactions.replays import services
from app.transactions.replays.present import show_replay

asking = Routes("replaying", __name__, url_prefix="/v1/rule-sets")
replays = Routes("replays", __name__, url_prefix="/v1/replays")
ROOMS = (asking, replays)


def _again(uow: UnitOfWork, stored: dict[str, Any]) -> dict[str, Any]:
    return show_replay(uow, stored["id"])


@asking.serve(
    "POST",
    "/<rls:rule_set_id>/replay",
    scope="programme:write",
    alliance_only=True,
    body=schemas.RehearsalPeriod(),
    answers={202: answers.REPLAY},
    problems=(RuleSetNotFit,),
    replay=_again,
    audit="rule_set.replayed",
)
def replay(uow: UnitOfWork, call: Call, rule_set_id: str) -> Answer:
    """Rehearse a draft or version over the sales of a past period, without posting anything."""
    replay_id = services.ask_replay(uow, rule_set_id, call.body["start"], call.body["end"])
    jobs = (services.job_of(uow.district_id, replay_id),)
    return Answer(show_replay(uow, replay_id), 202, stored={"id": replay_id}, jobs=jobs)


@replays.serve("GET", "/<rpl:replay_id>", scope="programme:read", alliance_only=True, answers={200: answers.REPLAY})
def get_replay(uow: UnitOfWork, call: Call, replay_id: str) -> Answer:
    """Read a replay: how far it is, and in the end what the rules would have given against what was awarded."""
    return Answer(show_replay(uow, replay_id))


@replays.serve(
    "POST",
    "/<rpl:replay_id>/cancel",
    scope="programme:write",
    alliance_only=True,
    answers={200: answers.REPLAY},
    replay=_again,
    audit="replay.cancelled",
)
def cancel_replay(uow: UnitOfWork, call: Call, replay_id: str) -> Answer:
    """Stop a replay; one that is over stays as it is."""
    services.cancel_replay(uow, replay_id)
    return Answer(show_replay(uow, replay_id), stored={"id": replay_id})
