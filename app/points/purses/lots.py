"""What a member holds, as values: lots of points and the balance over them. No database here."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import NamedTuple

from app.points.earning.rounding import FUNDERS

_NEVER = datetime.max.replace(tzinfo=UTC)


@dataclass(slots=True)
class Lot:
    """Points of one member with one origin, one funder and one end; `remaining` of `points` are there still.

    `merchant_id` issued them (None for an adjustment). `expired` points ended unused, and a refund of the sale has
    counted `reclaimed` of those as given back. `restored_from` is the lot whose spent points came back as this one.
    """

    id: str
    member_id: str
    merchant_id: str | None
    funder: str
    source_id: str
    points: int
    remaining: int
    available_at: datetime
    expires_at: datetime | None
    expired: int = 0
    reclaimed: int = 0
    restored_from: str | None = None

    @property
    def is_sound(self) -> bool:
        """What is there, what ended and what was counted as given back come to no more than it was given."""
        return (
            0 <= self.remaining <= self.points - self.expired and 0 <= self.reclaimed <= self.expired + self.remaining
        )

    def has_ended(self, now: datetime) -> bool:
        """Whether its end is past, even where no job has noticed yet.

        Once a refund has counted ended points of it, it has ended also for whoever comes with an earlier instant.
        """
        return self.reclaimed > self.expired or (self.expires_at is not None and self.expires_at <= now)

    def end_seen_at(self, now: datetime) -> datetime | None:
        """Its end as a reckoning at `now` has to take it: `now` itself once it has ended; None for never."""
        return now if self.has_ended(now) else self.expires_at

    def is_pending(self, now: datetime) -> bool:
        """Whether it can't be spent yet."""
        return self.available_at > now

    def live(self, now: datetime) -> int:
        """Points that are pending or available."""
        return 0 if self.has_ended(now) else self.remaining

    def lapsed(self, now: datetime) -> int:
        """Points that ended unused and that no refund has counted yet."""
        return self.expired + (self.remaining if self.has_ended(now) else 0) - self.reclaimed


def spending_order(lot: Lot) -> tuple[datetime, datetime, str]:
    """By earliest end, then earliest availability, then id."""
    return lot.expires_at or _NEVER, lot.available_at, lot.id


def spendable_lots(lots: Iterable[Lot], now: datetime) -> list[Lot]:
    """Lots with available points, in the order in which they are spent."""
    return sorted((lot for lot in lots if lot.live(now) and not lot.is_pending(now)), key=spending_order)


class LotPart(NamedTuple):
    """Some points of a lot, for one funder's share."""

    lot: Lot
    points: int
    funder: str


class TakenBack(NamedTuple):
    """How points go back: from lots, from what ended of them (which posts nothing), and what each funder still lacks."""

    from_lots: list[LotPart]
    lapsed: list[LotPart]
    missing: dict[str, int]


def take_back(wanted: dict[str, int], lots: Iterable[Lot], now: datetime) -> TakenBack:
    """Covers each funder's part from a sale's lots: its own first, then the others; what lives before what has ended.

    Pending points go first, then the order of spending.
    """
    family = sorted(lots, key=lambda lot: (not lot.is_pending(now), *spending_order(lot)))
    missing = {funder: wanted.get(funder, 0) for funder in FUNDERS}
    from_lots = _cover(missing, family, {lot.id: lot.live(now) for lot in family})
    lapsed = _cover(missing, family, {lot.id: lot.lapsed(now) for lot in family})
    return TakenBack(from_lots, lapsed, {funder: points for funder, points in missing.items() if points})


def _cover(missing: dict[str, int], family: list[Lot], left: dict[str, int]) -> list[LotPart]:
    """Takes what each funder lacks from what is left in lots; both are brought down."""
    parts = []
    for own in (True, False):
        for funder in FUNDERS:
            for lot in family:
                points = min(missing[funder], left[lot.id]) if (lot.funder == funder) is own else 0
                if points:
                    parts.append(LotPart(lot, points, funder))
                    missing[funder] -= points
                    left[lot.id] -= points
    return parts


def smaller_shares(old: dict[str, int], evaluated: dict[str, int]) -> dict[str, int]:
    """Each funder's new share: the evaluated one, at most its old one; the excess goes to the other funder."""
    total = min(sum(evaluated.values()), sum(old.values()))
    new = {funder: min(evaluated.get(funder, 0), old.get(funder, 0)) for funder in FUNDERS}
    for funder in FUNDERS:
        new[funder] += min(total - sum(new.values()), old.get(funder, 0) - new[funder])
    return new


def slice_of_spent(spent: Iterable[tuple[str, int]], skip: int, points: int) -> list[tuple[str, int]]:
    """Of (lot id, points) in the order in which they were taken: `points` of them after the first `skip`."""
    parts = []
    for lot_id, taken in spent:
        passed = min(skip, taken)
        skip -= passed
        part = min(points, taken - passed)
        points -= part
        if part:
            parts.append((lot_id, part))
    return parts
