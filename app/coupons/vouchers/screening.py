"""What looks odd of a government voucher that is redeemed. Pure: it marks, and never refuses.

VoucherCounts are of one campaign: those that were there, and those before in the same set (`VoucherCounts.add`).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal, NamedTuple

Reason = Literal["same-member", "same-payer", "till-share", "staff", "outside-hours", "at-minimum", "refunded-soon"]
"""In the order in which they are told. Nothing is `same-payer` as long as sales name no payer."""


@dataclass(frozen=True, slots=True)
class Thresholds:
    """From where on something looks odd: the `screening` of a campaign's terms, see `ScreeningBody`."""

    per_member_per_day: int = 3
    till_vouchers_per_day: int = 20
    till_times_median: int = 5
    staff_tags: frozenset[str] = frozenset({"staff"})
    shop_vouchers: int = 20
    at_minimum_percent: int = 1
    at_minimum_share: int = 50
    refunded_within_minutes: int = 60


def thresholds_of(kept: Mapping[str, Any]) -> Thresholds:
    """The thresholds as campaigns keep them."""
    return Thresholds(**{**kept, "staff_tags": frozenset(kept["staff_tags"])})


class Use(NamedTuple):
    """A voucher that is redeemed. `till` is the key that reported it; `is_outside_hours` is None where a shop has none."""

    till: str
    store_id: str
    member_id: str | None = None
    tags: frozenset[str] = frozenset()
    is_at_minimum: bool = False
    is_outside_hours: bool | None = None


class ShopCount(NamedTuple):
    """Vouchers of a campaign at a shop so far, and how many of these were just at the minimum."""

    in_all: int = 0
    at_minimum: int = 0


@dataclass(slots=True)
class VoucherCounts:
    """How many vouchers of a campaign there were: today by member and by till, ever by shop."""

    by_member: defaultdict[str, int] = field(default_factory=lambda: defaultdict(int))
    by_till: defaultdict[str, int] = field(default_factory=lambda: defaultdict(int))
    by_shop: defaultdict[str, ShopCount] = field(default_factory=lambda: defaultdict(ShopCount))

    def add(self, use: Use) -> None:
        """VoucherCounts one more."""
        if use.member_id is not None:
            self.by_member[use.member_id] += 1
        self.by_till[use.till] += 1
        shop = self.by_shop[use.store_id]
        self.by_shop[use.store_id] = ShopCount(shop.in_all + 1, shop.at_minimum + use.is_at_minimum)


def reasons_against(use: Use, counts: VoucherCounts, limits: Thresholds) -> list[Reason]:
    """What looks odd of a voucher; it is among the counts already."""
    return list(_reasons(use, counts, limits))


def _reasons(use: Use, counts: VoucherCounts, limits: Thresholds) -> Iterator[Reason]:
    if use.member_id is not None and counts.by_member[use.member_id] > limits.per_member_per_day:
        yield "same-member"
    if _is_busy(use.till, counts.by_till, limits):
        yield "till-share"
    if use.tags & limits.staff_tags:
        yield "staff"
    if use.is_outside_hours:
        yield "outside-hours"
    if use.is_at_minimum and _piles_up(counts.by_shop[use.store_id], limits):
        yield "at-minimum"


def _is_busy(till: str, by_till: Mapping[str, int], limits: Thresholds) -> bool:
    """Whether a till has many vouchers today, and so many times the median of all tills that have any."""
    own = by_till[till]
    if own < limits.till_vouchers_per_day:
        return False
    ordered = sorted(by_till.values())
    twice_the_median = ordered[(len(ordered) - 1) // 2] + ordered[len(ordered) // 2]
    return 2 * own > limits.till_times_median * twice_the_median


def _piles_up(shop: ShopCount, limits: Thresholds) -> bool:
    return shop.in_all >= limits.shop_vouchers and shop.at_minimum * 100 > shop.in_all * limits.at_minimum_share


def is_at_minimum(amount: int, least: int, limits: Thresholds) -> bool:
    """Whether what a campaign looks at of a bill is just what it asks for: at most so many percent above the minimum."""
    return 0 < least <= amount and amount * 100 <= least * (100 + limits.at_minimum_percent)


def is_refunded_soon(redeemed_at: datetime, refunded_at: datetime, limits: Thresholds) -> bool:
    """Whether a refund came so soon after the redemption that it looks odd; both as recorded."""
    return refunded_at - redeemed_at <= timedelta(minutes=limits.refunded_within_minutes)
