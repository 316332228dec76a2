"""A member's points by pencil: lots, movements, what is owed, and how points come and go."""

from __future__ import annotations

import itertools
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime

FAR = datetime.max.replace(tzinfo=UTC)
FUNDERS = ("merchant", "district")
Account = tuple[str, int | None]
"""An account of points that isn't a member's: its kind, and the shop whose it is (None: the district's)."""
BREAKAGE: Account = ("breakage", None)
ADJUSTMENT: Account = ("adjustment", None)
OWED: Account = ("owed", None)


def issued(shop: int | None, funder: str) -> Account:
    """The account at whose cost points were issued."""
    return "issued", shop if funder == "merchant" else None


@dataclass(slots=True, eq=False)
class Lot:
    """Points of one origin. `shop` issued them (None for an adjustment); `sale` is the sale that earned them."""

    number: int
    shop: int | None
    funder: str
    sale: object
    size: int
    start: datetime
    end: datetime | None
    left: int = 0
    expired: int = 0
    counted: int = 0
    restored_from: Lot | None = None
    born: int = field(default_factory=itertools.count().__next__)

    def is_past(self, now: datetime) -> bool:
        return self.end is not None and self.end <= now

    def has_ended(self, now: datetime) -> bool:
        """Also before its end, once a refund has counted ended points of it."""
        return self.counted > self.expired or self.is_past(now)

    def order(self) -> tuple[datetime, datetime, int]:
        """Earliest end, then earliest beginning, then age."""
        return self.end or FAR, self.start, self.number


@dataclass(frozen=True, slots=True)
class Movement:
    """A line of a member's history; `shop` is where points were spent, else who had issued them."""

    code: str
    points: int
    after: int
    shop: int | None


@dataclass(slots=True)
class Purse:
    """All that a member has and had."""

    lots: list[Lot] = field(default_factory=list)
    movements: list[Movement] = field(default_factory=list)
    owed: int = 0
    earned: int = 0
    spent: int = 0
    expired: int = 0
    is_erased: bool = False
    books: Counter[Account] = field(default_factory=Counter)
    """What went from here to other accounts, less what came from them."""

    def available(self, now: datetime) -> int:
        return sum(lot.left for lot in self.lots if lot.start <= now and not lot.has_ended(now))

    def pending(self, now: datetime) -> int:
        return sum(lot.left for lot in self.lots if lot.start > now and not lot.has_ended(now))

    def spendable(self, now: datetime) -> int:
        return max(0, self.available(now) - self.owed)

    def balance(self, now: datetime) -> dict[str, int]:
        return {"available": self.available(now), "pending": self.pending(now), "owed": self.owed}

    def expiring(self, now: datetime) -> list[tuple[datetime, int]]:
        """Ends to come with what ends then, soonest first."""
        ends = sorted({lot.end for lot in self.lots if lot.end is not None and lot.end > now and lot.left})
        return [(end, sum(lot.left for lot in self.lots if lot.end == end)) for end in ends]

    def move(self, code: str, points: int, shop: int | None) -> None:
        before = self.movements[-1].after if self.movements else 0
        self.movements.append(Movement(code, points, before + points, shop))

    def put(self, code: str, lot: Lot, shop: int | None, account: Account) -> Lot:
        """A new lot comes in from an account."""
        self.books[account] -= lot.size
        lot.number, lot.left = len(self.lots), lot.size
        self.lots.append(lot)
        self.move(code, lot.size, shop)
        return lot

    def take(self, code: str, lot: Lot, points: int, shop: int | None, account: Account) -> None:
        """Some points of a lot go to an account."""
        self.books[account] += points
        lot.left -= points
        self.move(code, -points, shop)

    def draw(
        self, code: str, points: int, now: datetime, account: Account, shop: int | None = None
    ) -> list[tuple[Lot, int]]:
        """Up to some available points go to an account, in the order of spending; which, lot by lot."""
        taken = []
        usable = [lot for lot in self.lots if lot.left and lot.start <= now and not lot.has_ended(now)]
        for lot in sorted(usable, key=Lot.order):
            part = min(lot.left, points - sum(one for _, one in taken))
            if part:
                self.take(code, lot, part, lot.shop if shop is None else shop, account)
                taken.append((lot, part))
        return taken

    def pay_owed(self, new: list[Lot], now: datetime) -> None:
        """New points pay debts first, pending ones too; what has ended already pays nothing."""
        for lot in sorted(new, key=Lot.order):
            part = 0 if lot.has_ended(now) else min(lot.left, self.owed)
            if part:
                self.take("pay-owed", lot, part, lot.shop, OWED)
                self.owed -= part
                self.spent += part

    def expire(self, now: datetime) -> None:
        """What the nightly job does."""
        for lot in sorted(self.lots, key=Lot.order):
            if lot.left and lot.is_past(now):
                lot.expired += lot.left
                self.expired += lot.left
                self.take("expire", lot, lot.left, lot.shop, BREAKAGE)

    def join(self, other: Purse) -> None:
        """Another member's points, debts and lifetime come in; lots stand in the order in which they were made."""
        for lot in other.lots:
            if lot.left:
                self.move("merge", lot.left, lot.shop)
        self.lots = sorted([*self.lots, *other.lots], key=lambda lot: lot.born)
        for number, lot in enumerate(self.lots):
            lot.number = number
        other.lots = []
        self.owed += other.owed
        self.earned += other.earned
        self.spent += other.spent
        self.expired += other.expired

    def erase(self, now: datetime) -> None:
        """All that is there goes, and nothing is owed; what has ended expires."""
        for lot in self.lots:
            if lot.left and lot.has_ended(now):
                lot.expired += lot.left
                self.expired += lot.left
                self.take("expire", lot, lot.left, lot.shop, BREAKAGE)
            elif lot.left:
                self.take("erase", lot, lot.left, lot.shop, BREAKAGE)
        self.books[ADJUSTMENT] -= self.owed
        self.books[OWED] += self.owed
        self.owed, self.is_erased = 0, True

    def adjust(self, points: int, now: datetime, end: datetime | None) -> bool:
        """By hand; False if more is to be taken than can be spent."""
        if points < 0:
            if -points > self.spendable(now):
                return False
            self.draw("adjust", -points, now, ADJUSTMENT)
            return True
        lot = self.put("adjust", Lot(0, None, "district", None, points, now, end), None, ADJUSTMENT)
        self.pay_owed([lot], now)
        return True
