"""What coupons take off a bill, by pencil: terms as the API takes them, line by line, one coupon after the other."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from fractions import Fraction
from itertools import combinations
from math import floor
from typing import Any, NamedTuple, TypeVar

KINDS = ("exchange", "amount_off", "percent_off")
PARTIES = ("district", "merchant", "government")
TRIED = 12
Terms = dict[str, Any]
Key = TypeVar("Key")


class Line(NamedTuple):
    """An item of a bill."""

    sku: str | None
    category: str | None
    quantity: int
    amount: int


@dataclass(frozen=True, slots=True)
class Bill:
    """What a sale would be; `local` is the time in the district's zone."""

    amount: int
    items: tuple[Line, ...]
    local: datetime
    merchant_id: str
    store_id: str
    category: str | None = None
    channel: str | None = None
    points: int = 0

    @property
    def lines(self) -> list[Line]:
        """The items, and what the bill has above them, or the bill if it has none."""
        rest = self.amount - sum(line.amount for line in self.items)
        return [*self.items, *([Line(None, None, 1, rest)] if rest or not self.items else [])]


@dataclass(frozen=True, slots=True)
class Ticket:
    """A coupon on a bill."""

    campaign_id: str
    id: str
    terms: Terms = field(hash=False)
    ends: datetime

    @property
    def place(self) -> tuple[int, str, str]:
        return KINDS.index(self.terms["kind"]), self.campaign_id, self.id


@dataclass(slots=True)
class Taken:
    """What each coupon took of which line, and why not of those that dropped out."""

    lines: dict[str, dict[int, int]] = field(default_factory=dict)
    dropped: dict[str, set[str]] = field(default_factory=dict)

    def of(self, coupon_id: str) -> int:
        return sum(self.lines[coupon_id].values())

    @property
    def discount(self) -> int:
        return sum(self.of(coupon_id) for coupon_id in self.lines)


def is_about(terms: Terms, line: Line) -> bool:
    """Whether a line counts for a coupon."""
    if line.sku is not None and line.sku in terms["excluded_skus"]:
        return False
    if not terms["item_skus"] and not terms["item_categories"]:
        return True
    return line.sku in terms["item_skus"] or line.category in terms["item_categories"]


def why_not(terms: Terms, bill: Bill) -> dict[str, int | None]:
    """All that speaks against a coupon by itself on this bill, with the figure that is missing."""
    found: dict[str, int | None] = {}
    for name, value in (
        ("merchant_ids", bill.merchant_id),
        ("store_ids", bill.store_id),
        ("categories", bill.category),
    ):
        if terms[name] and value not in terms[name]:
            found["wrong-shop"] = None
    if terms["channels"] and bill.channel not in terms["channels"]:
        found["wrong-channel"] = None
    if bill.points and not terms["with_points"]:
        found["not-with-points"] = None
    matching = [line for line in bill.lines if is_about(terms, line)]
    amount = sum(line.amount for line in matching)
    if not matching or (terms["kind"] == "exchange" and terms["sku"] not in [line.sku for line in bill.items]):
        found["no-matching-item"] = None
    if amount < terms["min_amount"]:
        found["below-minimum"] = terms["min_amount"] - amount
    for code in hours(terms["usable"], bill.local):
        found[code] = None
    return found


def hours(usable: dict[str, Any], local: datetime) -> set[str]:
    """Why a coupon isn't usable at this time of this day: nothing if one of its windows is open."""
    codes: set[str] = set()
    for start in starts(usable["time_windows"], local):
        wrong = set()
        if usable["weekdays"] and start.isoweekday() not in usable["weekdays"]:
            wrong.add("outside-hours")
        if start.isoformat() in usable["excluded_dates"]:
            wrong.add("excluded-date")
        if not wrong:
            return set()
        codes |= wrong
    return codes or {"outside-hours"}


def starts(windows: list[dict[str, str]], local: datetime) -> list[date]:
    """The days on which the windows began that are open now."""
    today, clock = local.date(), local.time()
    if not windows:
        return [today]
    days = []
    for window in windows:
        begin, end = time.fromisoformat(window["from"]), time.fromisoformat(window["to"])
        if begin < end and begin <= clock < end:
            days.append(today)
        if begin >= end and clock >= begin:
            days.append(today)
        if begin >= end and clock < end:
            days.append(today - timedelta(days=1))
    return days


def take(tickets: Iterable[Ticket], bill: Bill, before: Taken | None = None, stood: Sequence[Ticket] = ()) -> Taken:
    """Coupons one after the other in canonical order; `stood` took what `before` says, and stay."""
    lines = bill.lines
    taken = before or Taken()
    left = [line.amount - sum(one.get(n, 0) for one in taken.lines.values()) for n, line in enumerate(lines)]
    units = [line.quantity for line in lines]
    for other in stood:
        if other.terms["kind"] == "exchange":
            for number in taken.lines[other.id]:
                units[number] -= 1
    stayed, rest = list(stood), None
    for ticket in sorted(tickets, key=lambda one: one.place):
        reasons = conflicts(ticket, stayed)
        if ticket.terms["kind"] == "percent_off" and rest is None:
            rest = list(left)
        part = None if reasons else one_part(ticket.terms, lines, left, units, rest or [])
        if part is None:
            taken.dropped[ticket.id] = reasons or {"nothing-left"}
            continue
        taken.lines[ticket.id] = part
        stayed.append(ticket)
        for number, fen in part.items():
            left[number] -= fen
    return taken


def conflicts(ticket: Ticket, stayed: Sequence[Ticket]) -> set[str]:
    """Why a coupon doesn't go with those that stayed."""
    group, codes = ticket.terms["stacking_group"], set()
    for other in stayed:
        if ticket.terms["exclusive"] or other.terms["exclusive"]:
            codes.add("exclusive")
        if group is not None and group == other.terms["stacking_group"]:
            codes.add("stacking-conflict")
    return codes


def one_part(
    terms: Terms, lines: list[Line], left: list[int], units: list[int], rest: list[int]
) -> dict[int, int] | None:
    """What a coupon takes of which line; None where nothing is left for it."""
    if terms["kind"] == "exchange":
        return one_unit(terms, lines, left, units)
    numbers = [number for number, line in enumerate(lines) if is_about(terms, line)]
    most = sum(left[number] for number in numbers)
    if terms["kind"] == "amount_off":
        discount = min(terms["amount_off"], most)
    else:
        discount = floor(Fraction(sum(rest[number] for number in numbers) * terms["percent_off"], 100))
        discount = min(discount, most, terms["max_discount"] or discount)
    if discount == 0:
        return None
    return largest_remainder(discount, {number: left[number] for number in numbers})


def one_unit(terms: Terms, lines: list[Line], left: list[int], units: list[int]) -> dict[int, int] | None:
    """One unit of the first item of a sku that has one left."""
    for number, line in enumerate(lines):
        if line.sku == terms["sku"] and units[number]:
            unit = floor(Fraction(line.amount, line.quantity))
            discount = min(max(0, unit - terms["exchange_price"]), left[number])
            if terms["max_discount"] is not None:
                discount = min(discount, terms["max_discount"])
            if discount == 0 and unit != terms["exchange_price"]:
                return None
            units[number] -= 1
            return {number: discount}
    return None


def largest_remainder(whole: int, weights: dict[Key, int], most: dict[Key, int] | None = None) -> dict[Key, int]:
    """Whole shares of a whole, none above its most; equal remainders go by order."""
    total = sum(weights.values())
    exact = {key: Fraction(whole * weight, total) for key, weight in weights.items()}
    shares = {key: floor(share) for key, share in exact.items()}
    order = sorted(exact, key=lambda key: exact[key] - shares[key], reverse=True)
    while sum(shares.values()) < whole:
        for key in order:
            if sum(shares.values()) < whole and (most is None or shares[key] < most[key]):
                shares[key] += 1
    return shares


def funders(terms: Terms, discount: int, old: dict[str, int] | None = None) -> dict[str, int]:
    """Who pays a discount, or what is left of it."""
    return largest_remainder(discount, {party: terms["funding"][party] for party in PARTIES}, old)


def best(tickets: Sequence[Ticket], bill: Bill) -> list[Ticket]:
    """Of all sets the one that takes most, in canonical order; ties: fewer, earlier ends, canonical order."""
    alone = {ticket: take([ticket], bill) for ticket in tickets if not why_not(ticket.terms, bill)}
    usable = [ticket for ticket, taken in alone.items() if not taken.dropped]
    usable.sort(key=lambda one: (-alone[one].of(one.id), one.ends, one.place))
    usable = sorted(usable[:TRIED], key=lambda one: one.place)
    sets = [list(some) for size in range(len(usable) + 1) for some in combinations(usable, size)]
    whole = [(some, taken) for some in sets if not (taken := take(some, bill)).dropped]
    found, _ = min(
        whole,
        key=lambda one: (
            -one[1].discount,
            len(one[0]),
            sorted(ticket.ends for ticket in one[0]),
            [ticket.place for ticket in one[0]],
        ),
    )
    return found


def chosen(tickets: Sequence[Ticket], bill: Bill) -> dict[str, tuple[int, dict[str, int | None]]]:
    """What `validate` says of each: its discount, and all that may be told against it."""
    against = {ticket.id: why_not(ticket.terms, bill) for ticket in tickets}
    taken = take([ticket for ticket in tickets if not against[ticket.id]], bill)
    for coupon_id, codes in taken.dropped.items():
        against[coupon_id] = dict.fromkeys(codes)
    return {one.id: (taken.of(one.id) if one.id in taken.lines else 0, against[one.id]) for one in tickets}


@dataclass(slots=True)
class Gone:
    """What refunds of a sale have given back so far."""

    amount: int = 0
    discounts: dict[str, int] = field(default_factory=dict)
    points: int = 0
    money: int = 0


@dataclass(frozen=True, slots=True)
class Paid:
    """A sale with coupons: what they took, the points spent and their worth."""

    amount: int
    items: tuple[Line, ...]
    taken: dict[str, dict[int, int]]
    points: int = 0
    points_amount: int = 0

    @property
    def discounts(self) -> dict[str, int]:
        return {coupon_id: sum(lines.values()) for coupon_id, lines in self.taken.items()}

    @property
    def payable(self) -> int:
        return self.amount - sum(self.discounts.values())

    @property
    def money(self) -> int:
        return self.payable - self.points_amount

    def gone_in_proportion(self, amount: int) -> Gone:
        """All that has come back once so much of the bill has."""
        if amount == self.amount:
            return self.all_gone()
        part = Fraction(amount, self.amount)
        discounts = {coupon_id: floor(fen * part) for coupon_id, fen in self.discounts.items()}
        return Gone(amount, discounts, floor(self.points * part), floor(self.money * part))

    def all_gone(self) -> Gone:
        return Gone(self.amount, self.discounts, self.points, self.money)

    def worth(self, units: dict[int, int]) -> int:
        """The bill value of so many units of each line."""
        return sum(self.share(self.items[line].amount, line, count) for line, count in units.items())

    def share(self, fen: int, line: int, count: int) -> int:
        return floor(Fraction(fen * count, self.items[line].quantity))

    def gone_by_items(self, units: dict[int, int], before: Gone) -> Gone:
        """All that has come back once so many units of each line have; units are rounded one by one, sums never fall."""
        amount = self.worth(units)
        if amount == self.amount:
            return self.all_gone()
        discounts = {
            coupon_id: sum(self.share(fen, line, units.get(line, 0)) for line, fen in lines.items() if line in units)
            for coupon_id, lines in self.taken.items()
        }
        payable = amount - sum(discounts.values())
        points = floor(Fraction(self.points * payable, self.payable)) if self.payable else 0
        points = min(max(points, before.points), self.points)
        worth = floor(Fraction(self.points_amount * points, self.points)) if self.points else 0
        money = min(max(payable - worth, before.money), self.money)
        return replace(before, amount=amount, discounts=discounts, points=points, money=money)
