"""`/v1/campaigns/{id}/claims`."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from app.coupons.errors import CampaignNotRunning, CampaignSoldOut, ClaimLimitReached, NotClaimable, NotInAudience
from app.coupons.issuing import answers
from app.coupons.issuing.present import show_coupon_of_id, show_given
from app.foundation.database import idempotency
from app.foundation.database.unit_of_work import UnitOfWork
from app.foundation.http.answers import Answer
from app.foundation.http.routing import Call, Routes, fingerprint_of
from app.foundation.i18n import words as _l
from app.foundation.problems import DomainError, NotFound, RateLimited, ValidationFailed
from app.members.codes.guessing import Guesses
from app.members.codes.rules import parse_code
from app.members.errors import MemberCodeExpired, MemberCodeUsed, MemberIsFrozen, MemberUnproven
from app.points.errors import NotEnoughPoints, SpendingRests, SpendLocked
from app.transactions import schemas
from app.transactions.coupon_claims import services
from app.transactions.coupon_claims.rush import ANSWERED, Claim, to_store
from app.transactions.coupon_claims.together import claim_together
from app.transactions.errors import PresenceNeeded

coupon_claims = Routes("coupon_claims", __name__, url_prefix="/v1/campaigns/<cam:campaign_id>/claims")
ROOMS = (coupon_claims,)


@contextmanager
def _watched(call: Call) -> Iterator[Guesses]:
    """The tries of a claim whose member shows a code."""
    code = parse_code(call.body["member_code"]) if call.body["member_code"] else None
    guesses = Guesses(call.principal, None, [] if code is None else [(code.number, (code.digits, None))])
    try:
        yield guesses
    finally:
        guesses.count_wrong()


def _claim_together(call: Call, campaign_id: str) -> Answer | None:
    """A claim that needs no more than a member and a campaign, decided with others of the moment."""
    principal, is_own = call.principal, call.principal.kind == "member"
    member_id = call.body["member_id"] or (principal.id if is_own else None)
    is_by_shop = principal.merchant_id is not None
    if member_id is None or is_by_shop or (is_own and member_id != principal.id) or _shows_something(call):
        return None
    outcome = claim_together(
        Claim(
            principal,
            campaign_id,
            member_id,
            idempotency.sealed(principal.district_id, fingerprint_of("POST", call))[0],
            None if call.idempotency_key is None else (principal.id, call.idempotency_key),
            call.origin,
        )
    )
    if isinstance(outcome, DomainError):
        raise outcome
    return outcome and Answer(show_given(outcome, principal), ANSWERED)


def _shows_something(call: Call) -> bool:
    return bool(call.body["member_code"] or call.body["presence_token"])


def _again(uow: UnitOfWork, stored: dict[str, Any]) -> dict[str, Any]:
    return show_coupon_of_id(uow, stored["coupon_id"])


@coupon_claims.serve(
    "POST",
    "",
    scope="coupons:issue",
    body=schemas.CouponClaimBody(),
    answers={201: answers.COUPON},
    problems=(
        CampaignNotRunning,
        CampaignSoldOut,
        ClaimLimitReached,
        MemberCodeExpired,
        MemberCodeUsed,
        MemberIsFrozen,
        MemberUnproven,
        NotClaimable,
        NotEnoughPoints,
        NotFound,
        NotInAudience,
        PresenceNeeded,
        RateLimited,
        SpendLocked,
        SpendingRests,
    ),
    replay=_again,
    ahead=_claim_together,
    beside=_watched,
    audit="coupon.claimed",
    shopper=True,
)
def claim_coupon(uow: UnitOfWork, call: Call, campaign_id: str) -> Answer:
    """Claim a coupon: a member for itself, a key for the member that it names.

    Send an `Idempotency-Key`: a claim that is repeated under it is the same coupon, without it another one, up to the
    campaign's limits. A refusal for a member's limit names the coupon that the member has (`coupon_id`), one for the day's
    stock the instant at which more can be claimed (`opens_at`). Where the campaign has a `points_price` the points are spent
    with it; a key then sends what the member shows, its `member_code` or a `presence_token`, unless the programme or the key
    lets points be spent without.
    """
    is_own = call.principal.kind == "member"
    if not is_own and not any(call.body.values()):
        raise ValidationFailed.at("/member_id", "required", _l("This field is needed."))
    given = services.claim(uow, campaign_id, call.beside, **call.body)
    status, kept = to_store(given.coupon.id)
    return Answer(show_given(given, call.principal), status, stored=kept, audited=None if is_own else kept)
