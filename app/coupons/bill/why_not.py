"""Why a coupon isn't applicable: stable codes, and words for them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, get_args

from app.foundation.i18n import Words
from app.foundation.i18n import words as _l

Code = Literal[
    "wrong-shop",
    "voided",
    "redeemed",
    "expired",
    "not-yet-usable",
    "campaign-paused",
    "reserved",
    "coupon-of-another-member",
    "member-frozen",
    "wrong-channel",
    "outside-hours",
    "excluded-date",
    "not-with-points",
    "no-matching-item",
    "below-minimum",
    "exclusive",
    "stacking-conflict",
    "nothing-left",
    "not-in-best",
]
"""In the order in which they are looked for: the first that fits is told."""
CODES: tuple[Code, ...] = get_args(Code)
_DETAILS: Mapping[Code, Words] = {
    "wrong-shop": _l("The coupon isn't for this shop."),
    "voided": _l("The coupon has been voided."),
    "redeemed": _l("The coupon has been used."),
    "expired": _l("The coupon's time is over."),
    "not-yet-usable": _l("The coupon's time hasn't begun."),
    "campaign-paused": _l("The coupon's campaign is paused."),
    "reserved": _l("The coupon is held for another bill."),
    "coupon-of-another-member": _l("The coupon belongs to another member."),
    "member-frozen": _l("The coupon's member is frozen."),
    "wrong-channel": _l("The coupon isn't for sales of this channel."),
    "outside-hours": _l("The coupon isn't for these hours."),
    "excluded-date": _l("The coupon isn't for this day."),
    "not-with-points": _l("The coupon isn't for bills on which points are spent."),
    "no-matching-item": _l("Nothing on the bill is what the coupon is for."),
    "below-minimum": _l("What the coupon is for doesn't reach its minimum."),
    "exclusive": _l("One of the coupons goes with no other."),
    "stacking-conflict": _l("Another coupon of its group is used."),
    "nothing-left": _l("There is nothing left that the coupon could take off."),
    "not-in-best": _l("Other coupons give more without this one."),
}


@dataclass(frozen=True, slots=True)
class WhyNot:
    """A reason: its code, what is missing to the minimum (fen), and the coupon with which it doesn't go."""

    code: Code
    missing: int | None = None
    with_coupon_id: str | None = None

    @property
    def detail(self) -> Words:
        """The reason in words."""
        return _DETAILS[self.code]
