"""`/v1/rule-sets/{id}/publish`: it stands here, for it looks at sales."""

from __future__ import annotations

from app.foundation.database.unit_of_work import UnitOfWork
from app.foundation.http.answers import Answer
from app.foundation.http.routing import Call, Routes
from app.points.answers import RULE_SET
from app.points.errors import RuleSetNotFit, RuleSetPublishedAlready
from app.points.programme import queries as points
from app.points.programme.present import show_rule_set
from app.points.schemas import PublishBody
from app.transactions.replays import publishing as rules

publishing = Routes("publishing", __name__, url_prefix="/v1/rule-sets")


@publishing.serve(
    "POST",
    "/<rls:rule_set_id>/publish",
    scope="programme:write",
    alliance_only=True,
    step_up=True,
    body=PublishBody(),
    answers={200: RULE_SET},
    problems=(RuleSetPublishedAlready, RuleSetNotFit),
    audit="rule_set.published",
)
def publish_rule_set(uow: UnitOfWork, call: Call, rule_set_id: str) -> Answer:
    """Publish a draft, now or from an instant on; it gets the next version number and never changes again."""
    rules.publish_rule_set(uow, rule_set_id, call.body["effective_at"])
    body = show_rule_set(points.find_rule_set(uow, rule_set_id))
    return Answer(body, audited={"version": body["version"]})
