"""Campaigns and their coupons by pencil: every figure is counted anew from what has happened, whenever it is asked."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from tests.factories.reckoning.bills import Terms, Ticket

RETURNED_DAYS = 7
FAR = 10**9


def instant(text: str) -> datetime:
    return datetime.fromisoformat(text.replace("Z", "+00:00"))


@dataclass(slots=True, eq=False)
class Hold:
    """A shop keeps a coupon for a bill."""

    shop: int
    reference: str
    until: datetime


@dataclass(slots=True, eq=False)
class Redemption:
    """A coupon's use: by itself, or with a sale (`sale` is the sale's reference then, also if it was linked).

    Of a government voucher: whose it was, when it was redeemed, what looked odd, and what the alliance found.
    """

    coupon: Coupon
    shop: int
    reference: str
    taken: dict[int, int]
    is_own: bool
    bill: tuple[Any, ...] = ()
    sale: str | None = None
    returned: int = 0
    rolled_back_by: str | None = None
    is_returned: bool = False
    funding: dict[str, int] = field(default_factory=dict)
    holder: int | None = None
    redeemed_at: datetime | None = None
    reasons: list[str] = field(default_factory=list)
    is_held: bool = False
    verdict: str | None = None

    @property
    def discount(self) -> int:
        return sum(self.taken.values())

    @property
    def left(self) -> int:
        """What still is given."""
        return 0 if self.rolled_back_by else self.discount - self.returned

    @property
    def state(self) -> str:
        if self.rolled_back_by:
            return "rolled_back"
        if self.is_returned:
            return "returned"
        return "held" if self.is_held else self.verdict or "redeemed"


@dataclass(slots=True, eq=False)
class Coupon:
    """A coupon of a campaign, as it stands."""

    campaign: Campaign
    id: str
    member: int | None
    claimed_on: date
    usable_from: datetime
    ends: datetime
    code: str = ""
    way: str = "claim"
    bound_on: date | None = None
    is_voided: bool = False
    is_used: bool = False
    was_given_back: bool = False
    hold: Hold | None = None
    redemptions: list[Redemption] = field(default_factory=list)

    @property
    def had_on(self) -> date:
        """The day on which its member got it."""
        return self.bound_on or self.claimed_on

    def status(self, now: datetime) -> str:
        """By the clock."""
        if self.is_voided:
            return "voided"
        if self.is_used:
            return "redeemed"
        if now >= self.ends:
            return "expired"
        return "reserved" if self.held(now) else "issued"

    def held(self, now: datetime) -> Hold | None:
        if self.hold is None or self.is_voided or now >= min(self.hold.until, self.ends):
            return None
        return self.hold

    def give_back(self, now: datetime, zone: ZoneInfo) -> None:
        """Usable again: the first time to the end of the seventh local day after, at least."""
        self.is_used, self.hold = False, None
        if not self.was_given_back:
            self.ends = max(self.ends, end_of(now.astimezone(zone).date() + timedelta(days=RETURNED_DAYS), zone))
        self.was_given_back = True

    def ticket(self) -> Ticket:
        return Ticket(self.campaign.id, self.id, self.campaign.terms, self.ends)


@dataclass(slots=True, eq=False)
class Campaign:
    """A published campaign; `terms` as the API shows them."""

    id: str
    terms: Terms
    is_paused: bool = False
    is_ended: bool = False
    coupons: list[Coupon] = field(default_factory=list)

    def is_claimed(self, now: datetime) -> bool:
        """Whether its claim window is open."""
        window = self.terms["claim_window"]
        return window is None or instant(window["from"]) <= now < instant(window["to"])

    def status(self, now: datetime) -> str:
        window, ways = self.terms["claim_window"], set(self.terms["issuing"])
        if self.is_paused:
            return "paused"
        if self.is_ended or (window is not None and ways <= {"claim", "points"} and now >= instant(window["to"])):
            return "ended"
        return "scheduled" if window is not None and now < instant(window["from"]) else "running"

    @property
    def largest(self) -> int:
        """What is set aside for a coupon."""
        if self.terms["kind"] == "amount_off":
            return int(self.terms["amount_off"])
        return int(self.terms["max_discount"] or 0)

    def discount_given(self) -> int:
        return sum(one.left for coupon in self.coupons for one in coupon.redemptions)

    def budget_left(self, now: datetime) -> int | None:
        """Also below 0, once more has been given back than was left."""
        if self.terms["budget"] is None:
            return None
        open_ = [one for one in self.coupons if one.status(now) in ("issued", "reserved")]
        return int(self.terms["budget"] - self.largest * len(open_) - self.discount_given())

    def counts(self, now: datetime) -> dict[str, int | None]:
        statuses = [one.status(now) for one in self.coupons]
        stock = self.terms["stock"]
        return {
            "issued": len(self.coupons),
            **{name: statuses.count(name) for name in ("reserved", "redeemed", "expired", "voided")},
            "left": None if stock is None else stock - len(self.coupons),
            "budget_left": self.budget_left(now),
            "discount_given": self.discount_given(),
        }

    def opened(self, clock: time) -> int | None:
        """What the releases of a day have opened by a time of it."""
        whole, times = self.terms["per_day_stock"], sorted(self.terms["release_times"])
        if whole is None or not times:
            return whole if whole is None else int(whole)
        parts = [whole // len(times) + (number < whole % len(times)) for number in range(len(times))]
        return sum(part for at, part in zip(times, parts, strict=True) if time.fromisoformat(at) <= clock)

    def why_no_claim(self, member: int, now: datetime, zone: ZoneInfo) -> set[str]:
        """All codes that a refused claim may have; empty if there is a coupon."""
        codes = set()
        if not {"claim", "points"} & set(self.terms["issuing"]):
            codes.add("not-claimable")
        end = self.terms["validity"].get("to")
        if self.status(now) != "running" or not self.is_claimed(now) or (end is not None and instant(end) <= now):
            codes.add("campaign-not-running")
        if self.is_limit_reached(member, now, zone):
            codes.add("claim-limit-reached")
        elif self.is_sold_out(now, zone):
            codes.add("campaign-sold-out")
        return codes

    def is_limit_reached(self, member: int, now: datetime, zone: ZoneInfo) -> bool:
        had = [one for one in self.coupons if one.member == member]
        today = [one for one in had if one.had_on == now.astimezone(zone).date()]
        most, most_a_day = self.terms["per_member_limit"], self.terms["per_member_per_day"]
        return (most or FAR) <= len(had) or (most_a_day or FAR) <= len(today)

    def is_sold_out(self, now: datetime, zone: ZoneInfo) -> bool:
        local = now.astimezone(zone)
        opened = self.opened(local.time())
        claimed = [one for one in self.coupons if one.way in ("claim", "points")]
        today = sum(one.claimed_on == local.date() for one in claimed)
        return self.is_all_gone(now) or (opened is not None and today >= opened)

    def is_all_gone(self, now: datetime) -> bool:
        """By stock or budget."""
        return not self.has_left(1, now)

    def has_left(self, count: int, now: datetime) -> bool:
        """Whether stock and budget are enough for so many more."""
        budget = self.budget_left(now)
        is_paid = budget is None or budget >= count * self.largest
        return is_paid and len(self.coupons) + count <= (self.terms["stock"] or FAR)

    def opens_at(self, now: datetime, zone: ZoneInfo) -> datetime | None:
        """When more can be claimed of a day's stock, if that is all that is missing."""
        if self.terms["per_day_stock"] is None or self.is_all_gone(now):
            return None
        local = now.astimezone(zone)
        later = [time.fromisoformat(at) for at in sorted(self.terms["release_times"])]
        today = [at for at in later if at > local.time() and (self.opened(at) or 0) > (self.opened(local.time()) or 0)]
        day = local.date() if today else local.date() + timedelta(days=1)
        at = min(today, default=min(later, default=time()))
        opens = datetime.combine(day, at, zone).astimezone(UTC)
        window, end = self.terms["claim_window"], self.terms["validity"].get("to")
        ends = [instant(one) for one in (window and window["to"], end) if one is not None]
        return opens if all(opens < one for one in ends) else None

    def issue(self, coupon_id: str, member: int | None, now: datetime, zone: ZoneInfo, way: str = "claim") -> Coupon:
        today = now.astimezone(zone).date()
        start, end = self.span(today, zone)
        coupon = Coupon(self, coupon_id, member, today, max(start, now), end, way=way)
        self.coupons.append(coupon)
        return coupon

    def pause(self) -> None:
        """What is held is freed."""
        self.is_paused = True
        for coupon in self.coupons:
            coupon.hold = None

    def extend(self, validity: dict[str, Any], now: datetime, zone: ZoneInfo) -> None:
        """Later ends move those of coupons, but revive none."""
        live = [one for one in self.coupons if one.status(now) in ("issued", "reserved", "redeemed")]
        self.terms["validity"] = validity
        for coupon in live:
            if now < coupon.ends:
                coupon.ends = max(coupon.ends, self.span(coupon.claimed_on, zone)[1])

    def span(self, day: date, zone: ZoneInfo) -> tuple[datetime, datetime]:
        """From when until when coupons are usable that are issued on a day."""
        validity = self.terms["validity"]
        if "to" in validity:
            return instant(validity["from"]), instant(validity["to"])
        first = day + timedelta(days=validity["wait_days"])
        return datetime.combine(first, time(), zone), end_of(first + timedelta(days=validity["days_after_issue"]), zone)


def end_of(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day + timedelta(days=1), time(), zone).astimezone(UTC)
