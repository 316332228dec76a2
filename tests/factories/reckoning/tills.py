"""What happens at tills with coupons, by pencil: bills, holds, redemptions, sales, refunds and roll-backs."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from fractions import Fraction
from math import floor
from typing import NamedTuple
from zoneinfo import ZoneInfo

from tests.factories.reckoning import bills
from tests.factories.reckoning.bills import Bill, Gone, Line, Paid, Taken
from tests.factories.reckoning.campaigns import Campaign, Coupon, Hold, Redemption

RATE = 100
"""Fen for a point."""


class Shop(NamedTuple):
    merchant_id: str
    store_id: str
    category: str


@dataclass(frozen=True, slots=True)
class Basket:
    """A bill at a shop's till: `member` by number, `payment` by the number of the payment company."""

    shop: int
    reference: str
    amount: int
    items: tuple[Line, ...] = ()
    channel: str | None = None
    member: int | None = None
    points: int = 0
    payment: str | None = None
    occurred_at: str | None = None


@dataclass(slots=True, eq=False)
class Sold:
    """A recorded sale."""

    basket: Basket
    coupons: list[Coupon]
    redemptions: list[Redemption]
    member: int | None
    points_amount: int
    eligible: int
    is_cut: bool = False
    """Whether what was redeemed before stands on another bill."""
    gone: Gone = field(default_factory=Gone)
    units: dict[int, int] = field(default_factory=dict)
    way: str | None = None
    id: str = ""

    @property
    def paid(self) -> Paid:
        taken = {one.coupon.id: one.taken for one in self.redemptions}
        return Paid(self.basket.amount, self.basket.items, taken, self.basket.points, self.points_amount)

    @property
    def earned(self) -> int:
        """Points that it has earned, less what refunds took back."""
        return floor(self.left_eligible() / RATE) if self.member is not None else 0

    def left_eligible(self) -> Fraction:
        paid = self.paid
        if self.gone.amount == paid.amount:
            return Fraction(0)
        if self.way == "items":
            return Fraction(self.eligible * (paid.money - self.gone.money), paid.money) if paid.money else Fraction(0)
        return Fraction(self.eligible * (paid.amount - self.gone.amount), paid.amount) if paid.amount else Fraction(0)


@dataclass(slots=True)
class Judged:
    """What becomes of coupons on a bill: discounts by coupon id, all codes that fit against the others, the buyer."""

    taken: Taken
    against: dict[str, dict[str, int | None]]
    member: int | None


@dataclass(slots=True)
class Tills:
    """All shops of a district; members by number, who is frozen among them."""

    zone: ZoneInfo
    shops: list[Shop]
    frozen: set[int] = field(default_factory=set)
    erased: set[int] = field(default_factory=set)
    campaigns: list[Campaign] = field(default_factory=list)
    sales: list[Sold] = field(default_factory=list)

    @property
    def coupons(self) -> list[Coupon]:
        return [one for campaign in self.campaigns for one in campaign.coupons]

    def open_redemptions(self, shop: int, reference: str) -> list[Redemption]:
        """Those of a shop's reference that no sale has yet."""
        every = [one for coupon in self.coupons for one in coupon.redemptions]
        return [one for one in every if (one.shop, one.reference) == (shop, reference) and self.is_open(one)]

    @staticmethod
    def is_open(one: Redemption) -> bool:
        return one.is_own and one.sale is None and one.rolled_back_by is None

    def bill(self, basket: Basket, now: datetime) -> Bill:
        shop = self.shops[basket.shop]
        local = now.astimezone(self.zone)
        return Bill(
            basket.amount,
            basket.items,
            local,
            shop.merchant_id,
            shop.store_id,
            shop.category,
            basket.channel,
            basket.points,
        )

    def of_state(self, coupon: Coupon, basket: Basket, now: datetime) -> set[str]:
        """All that speaks against a coupon, whatever is on the bill."""
        status = coupon.status(now)
        codes = {status} & {"voided", "redeemed", "expired"}
        if now >= coupon.ends:
            codes.add("expired")
        if now < coupon.usable_from:
            codes.add("not-yet-usable")
        hold = coupon.held(now)
        if hold is not None and (hold.shop, hold.reference) != (basket.shop, basket.reference or hold.reference):
            codes.add("reserved")
        if coupon.campaign.is_paused:
            codes.add("campaign-paused")
        if coupon.member in self.frozen:
            codes.add("member-frozen")
        if None not in (coupon.member, basket.member) and coupon.member != basket.member:
            codes.add("coupon-of-another-member")
        return codes

    def judge(self, basket: Basket, coupons: list[Coupon], now: datetime) -> Judged:
        """What coupons would do on a bill, beside those that were redeemed for it before."""
        bill = self.bill(basket, now)
        before = sorted(self.open_redemptions(basket.shop, basket.reference), key=lambda one: one.coupon.ticket().place)
        taken, _ = self.standing(basket, before)
        stood = [one.coupon.ticket() for one in before]
        against = {
            one.id: bills.why_not(one.campaign.terms, bill) | dict.fromkeys(self.of_state(one, basket, now))
            for one in coupons
        }
        member = basket.member
        if member is None:
            member = next((one.coupon.member for one in before if one.coupon.member is not None), None)
        stayed = list(stood)
        for coupon in sorted(coupons, key=lambda one: one.ticket().place):
            if None not in (coupon.member, member) and coupon.member != member:
                against[coupon.id]["coupon-of-another-member"] = None
            if not against[coupon.id]:
                stayed.append(coupon.ticket())
                later = bills.take([one for one in stayed if one not in stood], bill, copy_of(taken), stood)
                if coupon.id in later.dropped:
                    stayed.pop()
                    against[coupon.id] = dict.fromkeys(later.dropped[coupon.id])
                else:
                    member = coupon.member if member is None else member
        ended = bills.take([one for one in stayed if one not in stood], bill, taken, stood)
        return Judged(ended, against, member)

    def standing(self, basket: Basket, before: list[Redemption]) -> tuple[Taken, bool]:
        """What redemptions take that came before their sale; on another bill they are cut in canonical order, and take
        of their own lines first, then of any.
        """
        if all(one.bill == (basket.amount, basket.items) for one in before):
            return Taken({one.coupon.id: dict(one.taken) for one in before}), False
        bill = Bill(basket.amount, basket.items, datetime.min, "", "")
        left = [line.amount for line in bill.lines]
        units = [line.quantity for line in bill.lines]
        taken = Taken()
        for one in before:
            terms, rest = one.coupon.campaign.terms, one.discount
            own = [number for number, line in enumerate(bill.lines) if bills.is_about(terms, line)]
            if terms["kind"] == "exchange":
                fits = [n for n, line in enumerate(bill.lines) if line.sku == terms["sku"] and units[n]]
                own = fits[:1]
                units = [count - (number in own) for number, count in enumerate(units)]
            parts: dict[int, int] = {}
            for numbers in (own, [number for number in range(len(left)) if number not in own]):
                part = min(rest, sum(left[number] for number in numbers))
                rest -= part
                if part:
                    parts |= bills.largest_remainder(part, {number: left[number] for number in numbers})
            for number, fen in parts.items():
                left[number] -= fen
            taken.lines[one.coupon.id] = parts
        return taken, True

    def best(self, basket: Basket, coupons: list[Coupon], now: datetime) -> list[str]:
        """The ids of the best set of a member's coupons, in canonical order."""
        usable = [one.ticket() for one in coupons if not self.of_state(one, basket, now)]
        return [one.id for one in bills.best(usable, self.bill(basket, now))]

    def sell(self, basket: Basket, coupons: list[Coupon], now: datetime, worth: int) -> Sold | None:
        """Records a sale with coupons and what was redeemed for it before; None if a coupon isn't applicable.

        `worth`: what its points take off.
        """
        judged = self.judge(basket, coupons, now)
        if any(judged.against.values()):
            return None
        before = self.open_redemptions(basket.shop, basket.reference)
        _, is_cut = self.standing(basket, before)
        made = list(before)
        for coupon in coupons:
            used = Redemption(coupon, basket.shop, basket.reference, {}, is_own=False)
            coupon.redemptions.append(used)
            coupon.is_used, coupon.hold = True, None
            made.append(used)
        for used in made:
            used.taken, used.sale = judged.taken.lines[used.coupon.id], basket.reference
            used.funding = bills.funders(used.coupon.campaign.terms, used.discount)
        earns = all(used.coupon.campaign.terms["earns_points"] for used in made)
        money = basket.amount - judged.taken.discount - worth
        sold = Sold(basket, coupons, made, judged.member, worth, money if earns else 0, is_cut)
        self.sales.append(sold)
        return sold

    def redeem(self, basket: Basket, coupon: Coupon, now: datetime) -> Redemption | None:
        """A redemption by itself, beside earlier ones of its reference."""
        judged = self.judge(basket, [coupon], now)
        if judged.against[coupon.id]:
            return None
        made = Redemption(coupon, basket.shop, basket.reference, judged.taken.lines[coupon.id], is_own=True)
        made.bill = (basket.amount, basket.items)
        made.funding = bills.funders(coupon.campaign.terms, made.discount)
        coupon.redemptions.append(made)
        coupon.is_used, coupon.hold = True, None
        return made

    def reserve(self, basket: Basket, coupon: Coupon, ttl: int, now: datetime) -> set[str]:
        """Holds a coupon for a bill, or all that speaks against it."""
        codes = self.of_state(coupon, basket, now)
        shop = self.bill(replace(basket, items=(), amount=0), now)
        places = bills.why_not({**coupon.campaign.terms, "min_amount": 0, "kind": "amount_off"}, shop)
        codes |= places.keys() - {"no-matching-item", "below-minimum", "not-with-points"}
        if not codes:
            coupon.hold = Hold(basket.shop, basket.reference, min(now + timedelta(seconds=ttl), coupon.ends))
        return codes

    def roll_back(self, one: Redemption, reference: str, now: datetime) -> None:
        one.rolled_back_by = reference
        one.funding = dict.fromkeys(one.funding, 0)
        self.give_back(one.coupon, now)

    def give_back(self, coupon: Coupon, now: datetime) -> None:
        """A coupon can be used again, unless its member has left."""
        if coupon.member in self.erased:
            coupon.is_used, coupon.is_voided = False, True
        else:
            coupon.give_back(now, self.zone)

    def refund(self, sold: Sold, gone: Gone, now: datetime) -> None:
        """All that has come back once a refund more is recorded."""
        sold.gone = gone
        for used in sold.redemptions:
            used.returned = gone.discounts.get(used.coupon.id, 0)
            used.funding = bills.funders(used.coupon.campaign.terms, used.left, used.funding)
        if gone.amount == sold.basket.amount:
            for used in sold.redemptions:
                used.is_returned = True
                if used.coupon.campaign.terms["on_refund"] == "return":
                    self.give_back(used.coupon, now)


def copy_of(taken: Taken) -> Taken:
    return Taken({coupon_id: dict(parts) for coupon_id, parts in taken.lines.items()})
