"""`/v1/programme` and `/v1/rule-sets`."""

from __future__ import annotations

from app.districts import queries as districts
from app.foundation.database.unit_of_work import UnitOfWork
from app.foundation.http.answers import Answer
from app.foundation.http.routing import Call, Routes, needs_none
from app.foundation.pagination import page_of
from app.points import answers, schemas
from app.points.programme import queries, services
from app.points.programme.models import RuleSetRow
from app.points.programme.present import show_programme, show_rule_set

programme = Routes("programme", __name__, url_prefix="/v1/programme")
rule_sets = Routes("rule_sets", __name__, url_prefix="/v1/rule-sets")


@programme.serve("GET", "", scope="programme:read", answers={200: answers.PROGRAMME}, till=needs_none)
def get_programme(uow: UnitOfWork, call: Call) -> Answer:
    """Read the programme with its district's currency and time zone."""
    district = districts.district(uow)
    own = {"currency": district.currency, "time_zone": district.time_zone}
    return Answer(show_programme(queries.programme(uow)) | own)


@programme.serve(
    "PATCH",
    "",
    scope="programme:write",
    alliance_only=True,
    body=schemas.ProgrammeChange(),
    answers={200: answers.PROGRAMME},
    audit="programme.changed",
)
def change_programme(uow: UnitOfWork, call: Call) -> Answer:
    """Change the programme for what comes; points already earned keep their terms."""
    services.change_programme(uow, call.body)
    return get_programme(uow, call)


@rule_sets.serve(
    "POST",
    "",
    scope="programme:write",
    alliance_only=True,
    body=schemas.RuleSetBody(),
    answers={201: answers.RULE_SET},
    audit="rule_set.drafted",
)
def draft_rule_set(uow: UnitOfWork, call: Call) -> Answer:
    """Keep rules as a draft."""
    return Answer(show_rule_set(services.draft_rule_set(uow, **call.body)), 201)


@rule_sets.serve("GET", "", scope="programme:read", query=schemas.RULE_SETS, answers={200: answers.RULE_SETS})
def list_rule_sets(uow: UnitOfWork, call: Call) -> Answer:
    """List drafts and versions."""
    return Answer(page_of(uow, queries.rule_sets(uow), RuleSetRow.id, call.query, show_rule_set))


@rule_sets.serve("GET", "/<rls:rule_set_id>", scope="programme:read", answers={200: answers.RULE_SET})
def get_rule_set(uow: UnitOfWork, call: Call, rule_set_id: str) -> Answer:
    """Read a draft or version."""
    return Answer(show_rule_set(queries.find_rule_set(uow, rule_set_id)))
