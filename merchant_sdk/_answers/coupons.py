"""What the calls on coupons answer. Instants in UTC."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from merchant_sdk._answers.reading import INSTANT, TUPLE, Answer, many, named, one


@dataclass(frozen=True, slots=True, kw_only=True)
class Coupon(Answer):
    """A coupon: usable from `usable_from` until before `expires_at`; `words` say what it gives.

    `status`: issued, reserved, redeemed, expired or voided. A merchant is told no `code` (`code_hint` is its end), and by a
    code no member. `void_reason` stands in a member's export only.
    """

    id: str
    code: str | None = field(default=None, repr=False)
    code_hint: str = ""
    campaign_id: str = ""
    campaign_name: str = ""
    kind: str = ""
    words: str = ""
    member_id: str | None = None
    status: str = ""
    usable_from: datetime | None = field(default=None, metadata=INSTANT)
    expires_at: datetime | None = field(default=None, metadata=INSTANT)
    issued_at: datetime | None = field(default=None, metadata=INSTANT)
    reserved_until: datetime | None = field(default=None, metadata=INSTANT)
    ended_at: datetime | None = field(default=None, metadata=INSTANT)
    void_reason: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class DiscountFunding(Answer):
    """Who pays a discount, in minor units."""

    district: int = 0
    merchant: int = 0
    government: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Redemption(Answer):
    """A coupon on a bill, amounts in minor units; `transaction_id` is None until its sale is reported.

    `funding` is of what is left of the discount. `state`: redeemed, held, released, rejected, returned or rolled_back.
    """

    id: str
    coupon_id: str = ""
    campaign_id: str = ""
    merchant_id: str = ""
    store_id: str = ""
    reference: str = ""
    transaction_id: str | None = None
    amount: int = 0
    discount_amount: int = 0
    discount_returned: int = 0
    funding: DiscountFunding | None = field(default=None, metadata=one(DiscountFunding))
    state: str = ""
    reasons: tuple[str, ...] = field(default=(), metadata=TUPLE)
    review_reason: str | None = field(default=None, repr=False)
    redeemed_at: datetime | None = field(default=None, metadata=INSTANT)
    ended_at: datetime | None = field(default=None, metadata=INSTANT)


@dataclass(frozen=True, slots=True, kw_only=True)
class WhyNot(Answer):
    """Why a coupon isn't applicable: a stable `code`, and words.

    `missing`: fen to its minimum. `with_coupon_id`: the coupon with which it doesn't go.
    """

    code: str
    detail: str = ""
    missing: int | None = None
    with_coupon_id: str | None = field(default=None, metadata=named("with"))


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsideredCoupon(Answer):
    """What a coupon would take off a bill, in fen; or why not. `code` as it was sent, or as the member's phone shows it."""

    coupon_id: str
    code: str | None = field(default=None, repr=False)
    campaign_id: str = ""
    campaign_name: str = ""
    applicable: bool = False
    discount_amount: int = 0
    why_not: WhyNot | None = field(default=None, metadata=one(WhyNot))


@dataclass(frozen=True, slots=True, kw_only=True)
class CouponValidation(Answer):
    """What coupons would take off a bill together, and what they leave of it, in fen."""

    discount_amount: int
    payable_amount: int
    coupons: tuple[ConsideredCoupon, ...] = field(default=(), metadata=many(ConsideredCoupon))
