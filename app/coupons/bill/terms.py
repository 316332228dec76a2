"""What a bill needs to know of campaigns and of the coupons that are presented. Values; amounts in fen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from types import MappingProxyType
from typing import Literal

from app.foundation.figures.time_windows import TimeWindow

Funder = Literal["district", "merchant", "government"]
FUNDERS: tuple[Funder, ...] = ("district", "merchant", "government")
"""Who pays for coupons, in the order that breaks ties."""
State = Literal["issued", "reserved", "redeemed", "expired", "voided"]
ALL_BY_DISTRICT: Mapping[Funder, int] = MappingProxyType({"district": 100})


@dataclass(frozen=True, slots=True)
class AmountOff:
    """So many fen off."""

    amount: int


@dataclass(frozen=True, slots=True)
class PercentOff:
    """So many percent off, 1 to 99; at most so many fen."""

    percent: int
    most: int | None = None


@dataclass(frozen=True, slots=True)
class Exchange:
    """One unit of an item for a price, from 0; at most so many fen less."""

    sku: str
    price: int
    most: int | None = None


Benefit = AmountOff | PercentOff | Exchange


@dataclass(frozen=True, slots=True)
class Usable:
    """When a coupon counts; empty means always. Weekdays ISO 1 to 7; the day is that on which a window starts."""

    weekdays: frozenset[int] = frozenset()
    time_windows: tuple[TimeWindow, ...] = ()
    excluded_dates: frozenset[date] = frozenset()


ALWAYS = Usable()


@dataclass(frozen=True, slots=True)
class Terms:
    """What a campaign's coupons give, and where; empty sets mean everywhere and everything.

    `categories` are those of merchants, `item_categories` those of items. `funding`: percent, adding to 100; `merchant`
    is the redeeming one unless there is a sponsor.
    """

    campaign_id: str
    benefit: Benefit
    min_amount: int = 0
    merchant_ids: frozenset[str] = frozenset()
    store_ids: frozenset[str] = frozenset()
    categories: frozenset[str] = frozenset()
    channels: frozenset[str] = frozenset()
    item_skus: frozenset[str] = frozenset()
    item_categories: frozenset[str] = frozenset()
    excluded_skus: frozenset[str] = frozenset()
    usable: Usable = ALWAYS
    stacking_group: str | None = "default"
    exclusive: bool = False
    with_points: bool = True
    earns_points: bool = True
    funding: Mapping[Funder, int] = field(default_factory=lambda: ALL_BY_DISTRICT)
    sponsor_merchant_id: str | None = None

    @property
    def max_discount(self) -> int | None:
        """The largest discount that a coupon can give; None where only the bill limits it."""
        match self.benefit:
            case AmountOff(amount):
                return amount
            case PercentOff(most=most) | Exchange(most=most):
                return most


@dataclass(frozen=True, slots=True)
class Hold:
    """A merchant keeps a coupon for a bill of its own, until before an instant."""

    merchant_id: str
    reference: str
    until: datetime

    def is_against(self, merchant_id: str, reference: str | None, now: datetime) -> bool:
        """Whether it stands in the way of a bill; one that names no reference yet may be that of its merchant."""
        own = merchant_id == self.merchant_id and reference in (None, self.reference)
        return now < self.until and not own


@dataclass(frozen=True, slots=True)
class Presented:
    """A coupon that somebody would like to use. `member_id`: whose it is, the survivor's after a merge; None for the
    bearer's. Instants half-open: usable from `usable_from`, until before `expires_at`.
    """

    coupon_id: str
    terms: Terms
    usable_from: datetime
    expires_at: datetime
    member_id: str | None = None
    state: State = "issued"
    hold: Hold | None = None
    member_is_frozen: bool = False
    campaign_is_paused: bool = False
