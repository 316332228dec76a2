"""`/v1/tiers`."""

from __future__ import annotations

from app.foundation.database.unit_of_work import UnitOfWork
from app.foundation.http.answers import Answer
from app.foundation.http.routing import Call, Routes
from app.foundation.pagination import page_of
from app.points import answers, schemas
from app.points.errors import RankTaken
from app.points.tiers import queries as tier_queries
from app.points.tiers import services as tier_services
from app.points.tiers.models import TierRow
from app.points.tiers.present import show_tier

tiers = Routes("tiers", __name__, url_prefix="/v1/tiers")


@tiers.serve(
    "POST",
    "",
    scope="programme:write",
    alliance_only=True,
    body=schemas.TierBody(),
    answers={201: answers.TIER},
    problems=(RankTaken,),
    audit="tier.created",
)
def create_tier(uow: UnitOfWork, call: Call) -> Answer:
    """Add a tier. What members bought before counts too: who bought enough has it at once."""
    return Answer(show_tier(tier_services.create_tier(uow, **call.body)), 201)


@tiers.serve("GET", "", scope="programme:read", query=schemas.TIERS, answers={200: answers.TIERS})
def list_tiers(uow: UnitOfWork, call: Call) -> Answer:
    """List tiers, newest first."""
    return Answer(page_of(uow, tier_queries.tier_rows(uow), TierRow.id, call.query, show_tier))


@tiers.serve("GET", "/<tir:tier_id>", scope="programme:read", answers={200: answers.TIER})
def get_tier(uow: UnitOfWork, call: Call, tier_id: str) -> Answer:
    """Read a tier."""
    return Answer(show_tier(tier_queries.find_tier(uow, tier_id)))


@tiers.serve(
    "PATCH",
    "/<tir:tier_id>",
    scope="programme:write",
    alliance_only=True,
    body=schemas.TierChange(),
    answers={200: answers.TIER},
    problems=(RankTaken,),
    audit="tier.changed",
)
def change_tier(uow: UnitOfWork, call: Call, tier_id: str) -> Answer:
    """Change a tier. Who holds it keeps it until the hold ends; who bought enough by the new terms has it at once."""
    return Answer(show_tier(tier_services.change_tier(uow, tier_id, call.body)))
