"""What happens to campaigns and coupons. Ids and figures only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from app.foundation.database.outbox import Event


@dataclass(frozen=True, slots=True)
class CampaignPublished(Event):
    """A campaign has been published: by its terms coupons are issued. `merchant_id` is null for the alliance's."""

    type: ClassVar[str] = "campaign.published"
    campaign_id: str
    merchant_id: str | None


@dataclass(frozen=True, slots=True)
class CampaignChanged(Event):
    """A published campaign gives more than before; `fields` names which terms have changed."""

    type: ClassVar[str] = "campaign.changed"
    campaign_id: str
    merchant_id: str | None
    fields: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CampaignPaused(Event):
    """A campaign rests: nothing of it is issued or redeemed."""

    type: ClassVar[str] = "campaign.paused"
    campaign_id: str
    merchant_id: str | None


@dataclass(frozen=True, slots=True)
class CampaignResumed(Event):
    """A campaign that rested goes on."""

    type: ClassVar[str] = "campaign.resumed"
    campaign_id: str
    merchant_id: str | None


@dataclass(frozen=True, slots=True)
class CampaignEnded(Event):
    """A campaign has been ended: nothing of it is issued any more; coupons that are out stay usable."""

    type: ClassVar[str] = "campaign.ended"
    campaign_id: str
    merchant_id: str | None


@dataclass(frozen=True, slots=True)
class RedemptionHeld(Event):
    """A government voucher that was redeemed looks odd and waits for the alliance's review; `reasons` say why."""

    type: ClassVar[str] = "redemption.held"
    redemption_id: str
    campaign_id: str
    merchant_id: str
    store_id: str
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RedemptionReleased(Event):
    """The alliance has looked at a redemption that was held, and found it right."""

    type: ClassVar[str] = "redemption.released"
    redemption_id: str
    campaign_id: str
    merchant_id: str
    store_id: str


@dataclass(frozen=True, slots=True)
class RedemptionRejected(Event):
    """The alliance has looked at a redemption that was held, and rejected it: its settlement takes it back."""

    type: ClassVar[str] = "redemption.rejected"
    redemption_id: str
    campaign_id: str
    merchant_id: str
    store_id: str


@dataclass(frozen=True, slots=True)
class CouponIssued(Event):
    """A member has a new coupon; `way`: `claim`, `targeted`, `code_batch`, `points` or `automatic`."""

    type: ClassVar[str] = "coupon.issued"
    coupon_id: str
    campaign_id: str
    member_id: str | None
    way: str


@dataclass(frozen=True, slots=True)
class CouponReserved(Event):
    """A merchant holds a coupon for a bill of its own."""

    type: ClassVar[str] = "coupon.reserved"
    coupon_id: str
    campaign_id: str
    merchant_id: str


@dataclass(frozen=True, slots=True)
class CouponReleased(Event):
    """A coupon that a merchant held can be used by others: let go, held long enough, or of a campaign that rests.

    Where the coupon itself is over, or used for the bill for which it was held, that is told instead.
    """

    type: ClassVar[str] = "coupon.released"
    coupon_id: str
    campaign_id: str
    merchant_id: str


@dataclass(frozen=True, slots=True)
class CouponRedeemed(Event):
    """A coupon has been used on a bill; `transaction_id` is null where the sale is reported later."""

    type: ClassVar[str] = "coupon.redeemed"
    redemption_id: str
    coupon_id: str
    campaign_id: str
    merchant_id: str
    store_id: str
    transaction_id: str | None
    discount_amount: int


@dataclass(frozen=True, slots=True)
class CouponExpired(Event):
    """A coupon came to its end unused."""

    type: ClassVar[str] = "coupon.expired"
    coupon_id: str
    campaign_id: str
    member_id: str | None


@dataclass(frozen=True, slots=True)
class CouponVoided(Event):
    """A coupon has been taken back, by hand or because its member left. `points_returned_in`: what gave back the points that it
    cost, if it did.
    """

    type: ClassVar[str] = "coupon.voided"
    coupon_id: str
    campaign_id: str
    member_id: str | None
    points_returned_in: str | None = None


@dataclass(frozen=True, slots=True)
class CouponReturned(Event):
    """A coupon that was redeemed is its holder's again: its sale was refunded whole, or its redemption rolled back."""

    type: ClassVar[str] = "coupon.returned"
    coupon_id: str
    campaign_id: str
    merchant_id: str


@dataclass(frozen=True, slots=True)
class RedemptionRolledBack(Event):
    """A redemption has been undone before its sale was reported."""

    type: ClassVar[str] = "redemption.rolled_back"
    redemption_id: str
    coupon_id: str
    campaign_id: str
    merchant_id: str
    store_id: str


@dataclass(frozen=True, slots=True)
class CodeBatchMade(Event):
    """The coupons of a batch of codes are there, as many as were ordered or, where it was stopped, made by then: they are bearers', and have no events each."""

    type: ClassVar[str] = "code_batch.made"
    code_batch_id: str
    quantity: int


@dataclass(frozen=True, slots=True)
class CouponBound(Event):
    """A bearer's coupon has become a member's, by its code."""

    type: ClassVar[str] = "coupon.bound"
    coupon_id: str
    campaign_id: str
    member_id: str
