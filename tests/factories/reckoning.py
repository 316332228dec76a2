"""A district's points reckoned by pencil: what the product must come to, in the plainest way there is."""

from __future__ import annotations

import calendar
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta, timezone

CHINA = timezone(timedelta(hours=8))


@dataclass(frozen=True, slots=True)
class Plan:
    """A sale to be reported; shops and members by their numbers."""

    reference: str
    shop: int
    amount: int
    occurred_at: datetime
    member: int | None = None
    payment: str | None = None


@dataclass(slots=True)
class Sold:
    """A sale as it stands."""

    plan: Plan
    life: tuple[datetime, datetime | None]
    member: int | None = None
    points: int = 0
    version: int | None = None


@dataclass(frozen=True, slots=True)
class Version:
    """A published rule set of one base rule."""

    number: int
    effective_at: datetime
    points: int = 1
    per_amount: int = 100
    merchant_percent: int = 100


@dataclass(slots=True)
class Purse:
    """Lots as (points, from, until), and the movements in order."""

    lots: list[tuple[int, datetime, datetime | None]] = field(default_factory=list)
    movements: list[int] = field(default_factory=list)

    def balance(self, now: datetime) -> dict[str, int]:
        live = [(points, start) for points, start, end in self.lots if end is None or now < end]
        available = sum(points for points, start in live if start <= now)
        return {"available": available, "pending": sum(points for points, _ in live) - available, "owed": 0}

    def history(self) -> list[tuple[int, int]]:
        """Points and the balance after them, newest first."""
        told, held = [], 0
        for points in self.movements:
            held += points
            told.append((points, held))
        return told[::-1]


@dataclass(slots=True)
class Reckoning:
    """A district in Asia/Shanghai that rounds down. `expire_months` None is never."""

    purses: list[Purse]
    pending_days: int = 0
    expire_months: int | None = 12
    versions: list[Version] = field(default_factory=lambda: [Version(1, datetime.min.replace(tzinfo=UTC))])
    sales: list[Sold] = field(default_factory=list)

    def sell(self, plan: Plan) -> tuple[int, Sold | None]:
        """The HTTP status of a report, and the sale it ends with."""
        for sold in self.sales:
            if (sold.plan.shop, sold.plan.reference) == (plan.shop, plan.reference):
                return (200, sold) if self._same(sold, plan) else (409, None)
        for sold in self.sales:
            if plan.payment is not None and sold.plan.payment == plan.payment:
                if sold.plan.amount != plan.amount:
                    return 409, None
                if sold.member is None and plan.member is not None:
                    self.claim(sold, plan.member)
                return 200, sold
        sold = Sold(plan, self._life(plan.occurred_at.astimezone(CHINA).date()))
        self.sales.append(sold)
        if plan.member is not None:
            self.claim(sold, plan.member)
        return 201, sold

    @staticmethod
    def _same(sold: Sold, plan: Plan) -> bool:
        first = sold.plan
        bodies = [(one.amount, one.occurred_at, one.payment) for one in (first, plan)]
        return bodies[0] == bodies[1] and plan.member in {first.member, sold.member}

    def claim(self, sold: Sold, member: int) -> None:
        """Gives a sale to a member, with its points."""
        occurred = sold.plan.occurred_at
        in_force = [one for one in self.versions if one.effective_at <= occurred]
        version = max(in_force, key=lambda one: (one.effective_at, one.number))
        sold.member, sold.version = member, version.number
        sold.points = sold.plan.amount * version.points // version.per_amount
        of_district = sold.points * (100 - version.merchant_percent)
        district, rest = divmod(of_district, 100)
        district += rest > 50  # the larger remainder gets the odd point; the merchant comes first
        start, end = sold.life
        purse = self.purses[member]
        for share in (sold.points - district, district):
            if share:
                purse.lots.append((share, start, end))
                purse.movements.append(share)

    def _life(self, day: date) -> tuple[datetime, datetime | None]:
        start = datetime.combine(day + timedelta(days=self.pending_days), time(), CHINA)
        if self.expire_months is None:
            return start, None
        months = day.year * 12 + day.month - 1 + self.expire_months
        year, month = months // 12, months % 12 + 1
        last = date(year, month, min(day.day, calendar.monthrange(year, month)[1]))
        return start, datetime.combine(last + timedelta(days=1), time(), CHINA)

    def publish(self, version: Version, now: datetime) -> bool:
        """Publishes a version unless a sale after its instant is recorded already."""
        if version.effective_at < now and any(one.plan.occurred_at > version.effective_at for one in self.sales):
            return False
        self.versions.append(version)
        return True
