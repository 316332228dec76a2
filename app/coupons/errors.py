"""Refusals of this room."""

from __future__ import annotations

from app.foundation.http.contract.shapes import instant, public_id
from app.foundation.i18n import words as _l
from app.foundation.problems import DomainError


class CampaignRuns(DomainError):
    code, status, title = "campaign-published", 409, _l("A published campaign only gets more generous")


class WrongCampaignState(DomainError):
    code, status, title = "campaign-state", 409, _l("The campaign is in another state")


class CampaignNotRunning(DomainError):
    code, status, title = "campaign-not-running", 409, _l("Nothing of this campaign can be claimed now")


class ClaimLimitReached(DomainError):
    code, status, title = "claim-limit-reached", 409, _l("The member has had all that one member may have")
    more = {"coupon_id": {**public_id("cpn"), "description": "The coupon that the member had last."}}


class CampaignSoldOut(DomainError):
    code, status, title = "campaign-sold-out", 409, _l("Nothing is left of this campaign")
    more = {"opens_at": {**instant(), "description": "When more can be claimed, where that is known."}}


class NotInAudience(DomainError):
    code, status, title = "not-in-audience", 409, _l("This campaign is for other members")


class NotClaimable(DomainError):
    code, status, title = "not-claimable", 409, _l("Coupons of this campaign can't be claimed")


class CouponIsOver(DomainError):
    code, status, title = "coupon-over", 409, _l("This coupon has been used, or is over")


class CodesNotMade(DomainError):
    code, status, title = "code-batch-not-made", 409, _l("The codes aren't all made yet")


class CodesDownloaded(DomainError):
    code, status, title = "code-batch-downloaded", 409, _l("These codes have been downloaded before")


class RedemptionOfSale(DomainError):
    code, status, title = "redemption-of-a-sale", 409, _l("This redemption is a sale's: refund that")
    more = {"transaction_id": {**public_id("txn"), "description": "The sale."}}


class RolledBackAlready(DomainError):
    code, status, title = "redemption-rolled-back", 409, _l("This redemption was rolled back under another reference")


class CouponIsHeld(DomainError):
    code, status, title = "coupon-held", 409, _l("A coupon of one of these members is held for a bill")


class WrongRedemptionState(DomainError):
    code, status, title = "redemption-state", 409, _l("The redemption doesn't wait for a review")


class PaymentEvidenceMissing(DomainError):
    code, status, title = "payment-evidence-missing", 422, _l("A government voucher needs the number of its payment")
