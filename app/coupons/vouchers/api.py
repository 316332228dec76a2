"""Reviews of government vouchers at `/v1/redemptions/{id}`, their evidence at `/v1/campaigns/{id}/evidence`."""

from __future__ import annotations

from app.coupons.campaigns.queries import find_campaign
from app.coupons.errors import WrongRedemptionState
from app.coupons.redeeming.answers import REDEMPTION
from app.coupons.redeeming.present import show_redemption, show_redemption_again, to_store
from app.coupons.vouchers import answers, queries, schemas, services
from app.coupons.vouchers.linking import link_all
from app.coupons.vouchers.present import show_evidence
from app.coupons.vouchers.services import Verdict
from app.foundation.database.unit_of_work import UnitOfWork
from app.foundation.http.answers import Answer
from app.foundation.http.routing import Call, Routes
from app.foundation.i18n import words as _l
from app.foundation.problems import NotFound, ValidationFailed

reviews = Routes("redemption_reviews", __name__, url_prefix="/v1/redemptions/<red:redemption_id>")
evidence = Routes("evidence", __name__, url_prefix="/v1/campaigns/<cam:campaign_id>/evidence")


def _reviewed(uow: UnitOfWork, call: Call, redemption_id: str, verdict: Verdict) -> Answer:
    done = services.review(uow, redemption_id, verdict, call.body["reason"])
    shown = show_redemption(done.redemption)
    return Answer(shown, stored=to_store(shown), audited={} if done.is_new else None)


@reviews.serve(
    "POST",
    "/release",
    scope="campaigns:write",
    alliance_only=True,
    body=schemas.ReviewReleaseBody(),
    answers={200: REDEMPTION},
    problems=(NotFound, WrongRedemptionState),
    replay=show_redemption_again,
    audit="redemption.released",
)
def release_redemption(uow: UnitOfWork, call: Call, redemption_id: str) -> Answer:
    """Find a redemption right that screening has held: it counts as any other."""
    return _reviewed(uow, call, redemption_id, "released")


@reviews.serve(
    "POST",
    "/reject",
    scope="campaigns:write",
    alliance_only=True,
    body=schemas.ReviewRejectBody(),
    answers={200: REDEMPTION},
    problems=(NotFound, WrongRedemptionState),
    replay=show_redemption_again,
    audit="redemption.rejected",
)
def reject_redemption(uow: UnitOfWork, call: Call, redemption_id: str) -> Answer:
    """Reject a redemption that screening has held: its settlement takes it back."""
    return _reviewed(uow, call, redemption_id, "rejected")


@evidence.serve(
    "GET",
    "",
    scope="campaigns:read",
    alliance_only=True,
    query=schemas.EvidenceQuery(),
    answers={200: answers.EVIDENCE},
    problems=(NotFound,),
    audit="evidence.exported",
)
def export_evidence(uow: UnitOfWork, call: Call, campaign_id: str) -> Answer:
    """Export what the authority is shown of a campaign's government vouchers, in the order of their chain.

    Each redemption, review and refund is a row, and none ever changes: a refund is a row with negative amounts. Go on
    with `starting_after`, the `number` of the last row; what comes later is appended.
    """
    campaign = find_campaign(uow, campaign_id)
    link_all(uow, campaign.id)
    after, limit = call.query.get("starting_after", 0), call.query.get("limit", schemas.MOST_ROWS)
    previous = queries.digest_of(uow, campaign.id, after)
    if previous is None:
        raise ValidationFailed.at("/starting_after", "out-of-range", _l("The chain isn't so long."))
    rows = queries.page_of_chain(uow, campaign.id, after, limit)
    return Answer(show_evidence(rows, previous, queries.chain_of(uow, campaign.id)))
