"""A district by pencil: its programme, its versions, its sales and refunds, and everybody's points."""

from __future__ import annotations

import calendar
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from fractions import Fraction
from math import floor
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from tests.factories.reckoning.purses import FUNDERS, OWED, Account, Lot, Purse, issued
from tests.factories.reckoning.rules import Earned, Facts, evaluate

CLAIM_DAYS = 30
RESTORED_DAYS = 30


class Refused(NamedTuple):
    """An HTTP status, and where the input was wrong."""

    status: int
    pointer: str | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """A sale to be reported; shops and members by their numbers."""

    reference: str
    shop: int
    amount: int
    occurred_at: datetime
    member: int | None = None
    payment: str | None = None
    channel: str | None = None
    eligible: int | None = None
    points: int = 0


@dataclass(slots=True, eq=False)
class Sold:
    """A sale as it stands. `kept` are the facts of the day on which it found its buyer."""

    plan: Plan
    recorded_at: datetime
    points_amount: int
    eligible: int
    life: tuple[datetime, datetime | None]
    rounding: str
    member: int | None = None
    version: Version | None = None
    kept: Facts | None = None
    earned: Earned = field(default_factory=Earned)
    shares: dict[str, int] = field(default_factory=lambda: dict.fromkeys(FUNDERS, 0))
    spent: list[tuple[Lot, int]] = field(default_factory=list)
    refunds: list[Given] = field(default_factory=list)

    @property
    def paid(self) -> int:
        return self.plan.amount - self.points_amount

    def back(self, name: str) -> int:
        """A sum over its refunds."""
        return sum(getattr(one, name) for one in self.refunds)

    def left_to_earn(self) -> Fraction:
        """What is left eligible: by share of the bill, or less what its refunds said themselves."""
        if self.plan.amount and self.back("amount") == self.plan.amount:
            return Fraction(0)
        left = Fraction(self.eligible)
        for one in self.refunds:
            own = one.eligible
            left -= Fraction(self.eligible * one.amount, self.plan.amount) if own is None else own
        return max(left, Fraction(0))


@dataclass(frozen=True, slots=True)
class Back:
    """A refund to be reported."""

    sold: Sold
    reference: str
    amount: int
    eligible: int | None = None


@dataclass(slots=True, eq=False)
class Given:
    """A refund as it stands."""

    plan: Back
    amount: int
    eligible: int | None
    money: int = 0
    reversed: int = 0
    owed: int = 0
    forgiven: int = 0
    restored: int = 0


@dataclass(frozen=True, slots=True, eq=False)
class Version:
    """A published rule set, its rules as the API takes them."""

    number: int
    effective_at: datetime
    rules: list[dict[str, Any]]


@dataclass(slots=True)
class Reckoning:
    """A district in some time zone. `programme` as the API tells it; `merchant_ids` of the shops."""

    zone: ZoneInfo
    purses: list[Purse]
    merchant_ids: list[str]
    programme: dict[str, Any]
    versions: list[Version]
    sales: list[Sold] = field(default_factory=list)
    used: list[tuple[str, int, date, int]] = field(default_factory=list)
    """Points that rules gave: key, member, local day, points."""

    def sell(self, plan: Plan, now: datetime) -> tuple[int, Sold] | Refused:
        """The HTTP status of a report and the sale it ends with, or why it is refused."""
        for sold in self.sales:
            if (sold.plan.shop, sold.plan.reference) == (plan.shop, plan.reference):
                return (200, sold) if self._same(sold, plan) else Refused(409)
        for sold in self.sales:
            if plan.payment is not None and (sold.plan.shop, sold.plan.payment) == (plan.shop, plan.payment):
                if sold.plan.amount != plan.amount:
                    return Refused(409)
                if sold.member is None and plan.member is not None and not self.is_old(sold, now):
                    self.give(sold, plan.member, now)
                return 200, sold
        return self._record(plan, now)

    @staticmethod
    def _same(sold: Sold, plan: Plan) -> bool:
        first = sold.plan
        bodies = [
            (one.amount, one.occurred_at, one.payment, one.channel, one.eligible, one.points) for one in (first, plan)
        ]
        return bodies[0] == bodies[1] and plan.member in {first.member, sold.member}

    def _record(self, plan: Plan, now: datetime) -> tuple[int, Sold] | Refused:
        value = self._value_of_points(plan, now)
        if value is None:
            return Refused(422, "/points_to_spend")
        paid = plan.amount - value
        eligible = paid if plan.eligible is None else plan.eligible
        if eligible > paid:
            return Refused(422, "/eligible_amount")
        life = self.life(self.day(plan.occurred_at))
        sold = Sold(plan, now, value, eligible, life, self.programme["rounding"])
        if plan.points and plan.member is not None:
            purse = self.purses[plan.member]
            sold.spent = purse.draw("spend", plan.points, now, ("redeemed", plan.shop), plan.shop)
            purse.spent += plan.points
        if plan.member is not None:
            self.give(sold, plan.member, now)
        self.sales.append(sold)
        return 201, sold

    def _value_of_points(self, plan: Plan, now: datetime) -> int | None:
        """What the points to spend take off the bill; None if they may not be spent."""
        if not plan.points:
            return 0
        value = floor(plan.points * Fraction(self.programme["point_value"]))
        if (
            plan.member is None
            or plan.points < self.programme["min_spend_points"]
            or plan.points > self.purses[plan.member].spendable(now)
            or value > plan.amount * self.programme["max_spend_percent"] // 100
        ):
            return None
        return value

    def is_old(self, sold: Sold, now: datetime) -> bool:
        """Whether the time to claim it is over."""
        return sold.recorded_at <= now - timedelta(days=CLAIM_DAYS)

    def give(self, sold: Sold, member: int, now: datetime) -> None:
        """A sale becomes a member's, with the points that it earns; they pay what is owed."""
        occurred = sold.plan.occurred_at
        in_force = [one for one in self.versions if one.effective_at <= occurred]
        sold.version = max(in_force, key=lambda one: (one.effective_at, one.number))
        sold.kept = self._facts(sold, sold.version, member)
        sold.member = member
        sold.earned = self.evaluate(sold)
        sold.shares = dict(sold.earned.funded)
        gave = [(key, points) for key, (_, points) in sold.earned.outcomes.items() if points]
        self.used += [(key, member, self.day(occurred), points) for key, points in gave]
        purse, new = self.purses[member], []
        for funder in FUNDERS:
            if sold.shares[funder]:
                lot = Lot(0, sold.plan.shop, funder, sold, sold.shares[funder], *sold.life)
                new.append(purse.put("earn", lot, sold.plan.shop, issued(sold.plan.shop, funder)))
        purse.earned += sold.earned.points
        purse.pay_owed(new, now)

    def evaluate(self, sold: Sold) -> Earned:
        """What a sale earns on what is left of it, by the facts of its day."""
        assert sold.kept is not None
        assert sold.version is not None
        kept = sold.kept
        facts = Facts(
            sold.left_to_earn(),
            kept.local,
            kept.merchant_id,
            kept.channel,
            kept.first_in_district,
            kept.first_at_merchant,
            kept.room,
        )
        return evaluate(sold.version.rules, facts, sold.rounding)

    def _facts(self, sold: Sold, version: Version, member: int) -> Facts:
        own = [one for one in self.sales if one.member == member]
        local = sold.plan.occurred_at.astimezone(self.zone)
        return Facts(
            Fraction(0),
            local,
            self.merchant_ids[sold.plan.shop],
            sold.plan.channel,
            not own,
            not any(one.plan.shop == sold.plan.shop for one in own),
            {rule["key"]: self._room(rule, member, local.date()) for rule in version.rules if limits(rule)},
        )

    def _room(self, rule: dict[str, Any], member: int, day: date) -> tuple[int, str]:
        """The smallest of what the caps leave that remember; of equal ones the first."""
        gave = [one for one in self.used if one[0] == rule["key"]]
        had = {
            "per_member_per_day": sum(points for _, who, when, points in gave if (who, when) == (member, day)),
            "per_member_total": sum(points for _, who, _, points in gave if who == member),
            "budget": sum(points for _, _, _, points in gave),
        }
        rooms = [(max(0, limit - had[name]), REASONS[name]) for name, limit in limits(rule).items()]
        return min(rooms, key=lambda one: one[0])

    def books(self) -> dict[Account, int]:
        """What each account that is no member's holds; those that hold nothing are left out."""
        accounts = {account for purse in self.purses for account in purse.books}
        sums = {account: sum(purse.books[account] for purse in self.purses) for account in accounts}
        return {account: points for account, points in sums.items() if points}

    def day(self, instant: datetime) -> date:
        return instant.astimezone(self.zone).date()

    def start_of(self, day: date) -> datetime:
        return datetime.combine(day, time(), self.zone)

    def life(self, day: date) -> tuple[datetime, datetime | None]:
        """From when to when points live that are earned on a day."""
        return self.start_of(day + timedelta(days=self.programme["pending_days"])), self.end(day)

    def end(self, day: date) -> datetime | None:
        """The end of the last day of points earned on a day."""
        expiry = self.programme["expiry"]
        if expiry["policy"] == "never":
            return None
        if expiry["policy"] == "year_end":
            day, months = date(day.year, 12, 31), expiry["grace_months"]
        else:
            months = expiry["months"]
        number = day.year * 12 + day.month - 1 + months
        year, month = number // 12, number % 12 + 1
        last = date(year, month, min(day.day, calendar.monthrange(year, month)[1]))
        return self.start_of(last + timedelta(days=1))

    def publish(self, version: Version, now: datetime) -> bool:
        """Publishes a version unless a sale after its instant is recorded already."""
        if version.effective_at < now and any(one.plan.occurred_at > version.effective_at for one in self.sales):
            return False
        self.versions.append(version)
        return True

    def refund(self, plan: Back, now: datetime) -> tuple[int, Given] | Refused:
        """The HTTP status of a refund and what it ends with, or why it is refused."""
        sold = plan.sold
        known = [one for sale in self.sales if sale.plan.shop == sold.plan.shop for one in sale.refunds]
        for one in known:
            if one.plan.reference == plan.reference:
                return (200, one) if one.plan == plan else Refused(409)
        if plan.amount > sold.plan.amount - sold.back("amount"):
            return Refused(422, "/amount")
        if plan.eligible is not None and plan.eligible > sold.left_to_earn():
            return Refused(422, "/eligible_amount")
        given = Given(plan, plan.amount, plan.eligible)
        before = sold.back("amount")
        given.money = self._part(sold.paid, before, plan) - sold.back("money")
        sold.refunds.append(given)
        if sold.left_to_earn() > sold.paid - sold.back("money"):
            sold.refunds.pop()
            return Refused(422, "/eligible_amount")
        if sold.member is not None:
            purse = self.purses[sold.member]
            self._take_back(sold, given, purse, now)
            restored = sold.back("restored")
            given.restored = self._part(sum(points for _, points in sold.spent), before, plan) - restored
            self._restore(sold, given, restored, purse, now)
        return 201, given

    @staticmethod
    def _part(whole: int, before: int, plan: Back) -> int:
        return floor(Fraction(whole * (before + plan.amount), plan.sold.plan.amount))

    def _take_back(self, sold: Sold, given: Given, purse: Purse, now: datetime) -> None:
        """The difference of totals, funder by funder: from the sale's lots, then what ended of them, then by policy."""
        new = smaller(sold.shares, self.evaluate(sold).funded)
        missing = {funder: sold.shares[funder] - new[funder] for funder in FUNDERS}
        given.reversed = sum(missing.values())
        sold.shares = new
        family = [lot for lot in purse.lots if lot.sale is sold]
        family.sort(key=lambda lot: (lot.start <= now, lot.order()))
        for is_live in (True, False):
            for is_own in (True, False):
                for funder in FUNDERS:
                    for lot in family:
                        if (lot.funder == funder) == is_own:
                            account = issued(sold.plan.shop, funder) if is_live else None
                            missing[funder] -= self._reclaim(purse, lot, missing[funder], now, account)
        for funder in FUNDERS:
            self._by_policy(given, purse, missing[funder], now, issued(sold.plan.shop, funder))

    @staticmethod
    def _reclaim(purse: Purse, lot: Lot, points: int, now: datetime, account: Account | None) -> int:
        """Up to some points of a lot of the sale: those that are there, to an account, or those that ended unused."""
        if account:
            part = 0 if lot.has_ended(now) else min(lot.left, points)
            if part:
                purse.take("reverse", lot, part, lot.shop, account)
            return part
        ended = lot.expired + (lot.left if lot.has_ended(now) else 0) - lot.counted
        part = min(ended, points)
        lot.counted += part
        return part

    def _by_policy(self, given: Given, purse: Purse, points: int, now: datetime, account: Account) -> None:
        policy = "forgive" if purse.is_erased else self.programme["refund_policy"]
        if policy == "forgive":
            given.forgiven += points
            return
        if policy == "take":
            points -= sum(part for _, part in purse.draw("take", points, now, account))
        purse.books[OWED] -= points
        purse.books[account] += points
        purse.owed += points
        given.owed += points

    def _restore(self, sold: Sold, given: Given, before: int, purse: Purse, now: datetime) -> None:
        """Spent points come back in the order in which they were taken, as new lots; they pay what is owed first."""
        new, passed = [], 0
        for lot, taken in sold.spent:
            points = min(passed + taken, before + given.restored) - max(passed, before)
            passed += taken
            if points > 0:
                end = lot.end
                if end is not None and lot.restored_from is None:
                    end = max(end, self.start_of(self.day(now) + timedelta(days=RESTORED_DAYS + 1)))
                copy = Lot(0, lot.shop, lot.funder, lot.sale, points, lot.start, end, restored_from=lot)
                new.append(purse.put("restore", copy, sold.plan.shop, ("redeemed", sold.plan.shop)))
        purse.pay_owed(new, now)
        if purse.is_erased:
            purse.erase(now)


REASONS = {
    "per_member_per_day": "daily-cap-reached",
    "per_member_total": "member-cap-reached",
    "budget": "budget-spent",
}


def limits(rule: dict[str, Any]) -> dict[str, int]:
    """The caps of a rule that remember what it gave before."""
    return {name: rule["caps"][name] for name in REASONS if name in rule.get("caps", {})}


def smaller(old: dict[str, int], wanted: dict[str, int]) -> dict[str, int]:
    """Each funder's new share: the evaluated one, at most its old one; the excess is the other's."""
    total = min(sum(wanted.values()), sum(old.values()))
    merchant = min(wanted["merchant"], old["merchant"])
    district = min(wanted["district"], old["district"])
    while merchant + district < total:
        if merchant < old["merchant"]:
            merchant += min(old["merchant"] - merchant, total - merchant - district)
        else:
            district = total - merchant
    return {"merchant": merchant, "district": district}
