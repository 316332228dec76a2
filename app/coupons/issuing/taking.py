"""Taking coupons within a campaign's limits: exact under any number of claims, without a row that all of them wait for.

What is left is dealt out to slices (docs/decisions/0042-issuing.md). A claim takes one from a slice that nobody else holds; where
all are held it waits for one of them. Where none has any, what has been committed tells whether any is left; if so, one claim locks
all slices in order, which waits for claims under way, and deals out anew what is left, while the others wait for that.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import astuple, dataclass
from datetime import date, datetime, time
from functools import cached_property
from zoneinfo import ZoneInfo

from app.coupons.campaigns.slices import SLICES, any_slice
from app.coupons.issuing import expiring, limits
from app.coupons.issuing.expiring import Ended
from app.coupons.issuing.limits import Left, Limits, Slice
from app.foundation.database.parts import Asked
from app.foundation.database.sql_arrays import id_array, number_array, text_array
from app.foundation.database.unit_of_work import UnitOfWork
from app.foundation.ids import hex_of

_COLUMNS = "s.slice, s.issued, s.set_aside, s.discount_given, s.expired, s.allotted, s.day, s.claimed, s.day_allotted"
_HAS_SOME = """
    s.district_id = %(district)s AND s.campaign_id = %(campaign)s AND (NOT %(bounded)s OR s.allotted > 0)
    AND (NOT %(daily)s OR (s.day = %(today)s AND s.day_allotted > 0))
"""
_FREE = f"""
    SELECT {_COLUMNS} FROM campaign_slices AS s WHERE {_HAS_SOME}
    ORDER BY (s.slice + %(turn)s) %% {SLICES} LIMIT %(most)s FOR UPDATE SKIP LOCKED
"""
_THAT_ONE = """
    SELECT slice FROM campaign_slices
    WHERE district_id = %(district)s AND campaign_id = %(campaign)s AND slice = %(turn)s FOR UPDATE
"""
_DEAL = "SELECT pg_try_advisory_xact_lock(hashtextextended(%(campaign)s::uuid::text, 5))"
"""Whether nobody else deals out what is left of the campaign."""
_DEALING = "SELECT pg_advisory_xact_lock_shared(hashtextextended(%(campaign)s::uuid::text, 5))"
_LOOKS = 100
_MOST_FREE = 4
"""So many slices a set of claims has at most: others find some, too."""
_ALL = (
    f"SELECT {_COLUMNS} FROM campaign_slices AS s WHERE s.district_id = %(district)s AND s.campaign_id = %(campaign)s"
)
_OF_SOME = f"""
    SELECT s.campaign_id, {_COLUMNS} FROM campaign_slices AS s
    WHERE s.district_id = %(district)s AND s.campaign_id = ANY(%(campaigns)s::uuid[])
"""
_WRITE = """
    UPDATE campaign_slices AS s SET issued = n.issued, set_aside = n.set_aside, discount_given = n.discount_given,
        expired = n.expired, allotted = n.allotted, day = n.day, claimed = n.claimed, day_allotted = n.day_allotted
    FROM unnest(%(numbers)s::smallint[], %(issued)s::bigint[], %(set_aside)s::bigint[], %(given)s::bigint[],
                %(expired)s::bigint[], %(allotted)s::bigint[], %(days)s::date[], %(claimed)s::bigint[],
                %(day_allotted)s::bigint[])
        AS n (slice, issued, set_aside, discount_given, expired, allotted, day, claimed, day_allotted)
    WHERE s.district_id = %(district)s AND s.campaign_id = %(campaign)s AND s.slice = n.slice
"""


@dataclass(frozen=True, slots=True)
class SoldOut:
    """Nothing is left to claim. `opens_at` (UTC): when there will be more, where that is sure by what is left in all."""

    opens_at: datetime | None


def take_claimed(uow: UnitOfWork, campaign_id: str, limited: Limits, zone: ZoneInfo) -> SoldOut | None:
    """Counts one more coupon that a member claims; tells where there is none. Hold the campaign and the member before."""
    taking = _Taking(uow, campaign_id, limited, uow.now.astimezone(zone))
    missing = taking.take_claimed()
    return missing and taking.sold_out(missing, zone)


def ask_free(uow: UnitOfWork, campaign_id: str, limited: Limits, zone: ZoneInfo, count: int) -> Asked[Free]:
    """Locks slices that nobody holds and that have some left, for claims that wait for nobody; call the result for them.

    Hold the campaign and the members before.
    """
    taking = _Taking(uow, campaign_id, limited, uow.now.astimezone(zone))
    slices = taking.ask_free_slices(min(count, _MOST_FREE))
    return lambda: Free(taking, slices(), zone)


def take_many(uow: UnitOfWork, campaign_id: str, limited: Limits, zone: ZoneInfo, count: int) -> bool:
    """Counts more coupons that nobody claims, all of them or none; says whether there were as many. Hold the campaign before."""
    taking = _Taking(uow, campaign_id, limited, uow.now.astimezone(zone))
    if not taking.left_as_committed().has(count, claimed=False):
        return False
    return taking.take_of_all(count, claimed=False) is None


def take_up_to(uow: UnitOfWork, campaign_id: str, limited: Limits, zone: ZoneInfo, count: int) -> int:
    """Counts up to some more coupons that nobody claims, as far as stock and budget go; gives how many. Hold the campaign before."""
    return _Taking(uow, campaign_id, limited, uow.now.astimezone(zone)).take_up_to(count)


def put_back(uow: UnitOfWork, campaign_id: str, limited: Limits, zone: ZoneInfo, count: int, set_aside: int) -> None:
    """Gives back what `take_many` counted of some coupons that won't be, each with so much of the budget. Hold the campaign before."""
    _Taking(uow, campaign_id, limited, uow.now.astimezone(zone)).put_back(count, set_aside)


def slices_of(uow: UnitOfWork, campaign_ids: Sequence[str]) -> tuple[dict[str, list[Slice]], dict[str, int]]:
    """What is counted of some campaigns, and what expired coupons give back to their budgets; nothing is locked."""
    found: dict[str, list[Slice]] = {one: [] for one in campaign_ids}
    values = {"district": hex_of(uow.district_id), "campaigns": id_array(campaign_ids)}
    for campaign, *row in uow.rows(_OF_SOME, values) if campaign_ids else ():
        found[f"cam_{campaign}"].append(Slice(*row))
    return found, expiring.returning_to(uow, campaign_ids)


class Free:
    """Slices of a campaign from which some claims take, one after the other, and which are written once."""

    def __init__(self, taking: _Taking, slices: list[Slice], zone: ZoneInfo) -> None:
        self._taking = taking
        self._slices = slices
        self._zone = zone
        self._taken: dict[int, Slice] = {}

    def take(self) -> bool:
        """Counts one more coupon that a member claims; says whether there was one."""
        one = next((one for one in self._slices if self._taking.has_some(one)), None)
        if one is None:
            return False
        self._taking.count_one(one)
        self._taken[one.number] = one
        return True

    @cached_property
    def sold_out(self) -> SoldOut | None:
        """That none is left, by what has been committed; None where one may be in another slice."""
        remaining = self._taking.left_as_committed()
        return None if self._taken or remaining.has(1) else self._taking.sold_out(remaining, self._zone)

    def write(self) -> None:
        """Sends what was counted."""
        if self._taken:
            self._taking.write(list(self._taken.values()))


class _Taking:
    def __init__(self, uow: UnitOfWork, campaign_id: str, limited: Limits, local: datetime) -> None:
        self._uow = uow
        self._campaign_id = campaign_id
        self._limits = limited
        self.is_daily = limited.per_day_stock is not None
        self._today: date = local.date()
        self._clock: time = local.time()

    def take_claimed(self) -> Left | None:
        """Takes one of a slice that nobody holds, or of all; tells what is left where that isn't enough.

        Where all slices that have some are held, it waits for one of them, and where somebody deals out what is left, for
        that; then it looks again. Who waits holds nothing, so all who wait for one go on together.
        """
        for _ in range(_LOOKS):
            for found in self.ask_free_slices(1)():
                self.count_one(found)
                self.write([found])
                return None
            slices = self._slices(_ALL)
            remaining = self._left_of(slices)
            if not remaining.has(1):
                return remaining
            held = [one.number for one in slices if self.has_some(one)]
            if held:
                self._uow.wait_for(_THAT_ONE, self._values(*random.sample(held, 1)))
            elif self._uow.rows(_DEAL, self._values(0)) == [(True,)]:
                break
            else:
                self._uow.wait_for(_DEALING, self._values(0))
        return self.take_of_all(1, claimed=self.is_daily)

    def ask_free_slices(self, most: int) -> Asked[list[Slice]]:
        """Slices that have some left, and that nobody held, locked."""
        cursor = self._uow.execute(_FREE, {**self._values(any_slice()), "most": most})
        return lambda: [Slice(*row) for row in cursor.fetchall()]

    def has_some(self, one: Slice) -> bool:
        """Whether one more may be claimed from a slice."""
        return limits.has_some(one, self._limits, self._today)

    def _values(self, turn: int) -> dict[str, object]:
        return {
            "district": hex_of(self._uow.district_id),
            "campaign": hex_of(self._campaign_id),
            "bounded": self._limits.bounds_all,
            "daily": self.is_daily,
            "today": self._today,
            "turn": turn,
        }

    def left_as_committed(self) -> Left:
        """What is left by what has been committed: what claims under way take may be in it, what is not left is gone."""
        return self._left_of(self._slices(_ALL))

    def _left_of(self, slices: Sequence[Slice]) -> Left:
        returning = self._returning() if self._limits.budget is not None else 0
        return limits.left(self._limits, slices, self._today, self._clock, returning)

    def _returning(self) -> int:
        return expiring.returning_to(self._uow, [self._campaign_id])[self._campaign_id]

    def count_one(self, found: Slice) -> None:
        """Takes one of a slice that has some."""
        limits.take(found, self._limits, claimed=self.is_daily)

    def take_of_all(self, count: int, *, claimed: bool) -> Left | None:
        """Takes some of what is left in all slices, and deals out the rest; where there are too few, tells what is left."""
        slices, remaining = self._all_slices(count)
        if not remaining.has(count, claimed=claimed):
            return remaining
        self._take_of(slices, remaining, count, claimed=claimed)
        return None

    def take_up_to(self, count: int) -> int:
        """Takes some of what is left in all slices, or all that is left if that is less; gives how many."""
        slices, remaining = self._all_slices(count)
        some = count if remaining.in_all is None else max(0, min(count, remaining.in_all))
        self._take_of(slices, remaining, some, claimed=False)
        return some

    def put_back(self, count: int, set_aside: int) -> None:
        """Gives back some that were taken of all, and deals out what is left."""
        slices, _ = self._all_slices(0)
        slices[0].issued -= count
        slices[0].set_aside -= count * set_aside
        limits.deal_out(slices, limits.left(self._limits, slices, self._today, self._clock), self._today)
        self.write(slices)

    def _take_of(self, slices: Sequence[Slice], remaining: Left, count: int, *, claimed: bool) -> None:
        limits.deal_out(slices, remaining.without(count, claimed=claimed), self._today)
        limits.add(slices[0], self._limits, count, claimed=claimed)
        self.write(slices)

    def _all_slices(self, count: int) -> tuple[list[Slice], Left]:
        """All slices, locked in order, and what is left in them with what ended coupons give back."""
        ended = self._let_expire(count)
        slices = self._slices(f"{_ALL} ORDER BY s.slice FOR UPDATE")
        self._go_with(max(one.day for one in slices))
        slices[0].expired += len(ended)
        slices[0].set_aside -= sum(one.set_aside for one in ended)
        return slices, limits.left(self._limits, slices, self._today, self._clock)

    def _let_expire(self, count: int) -> list[Ended]:
        """Lets ended coupons expire until what they give back to the budget is enough for some new ones, or no more are left."""
        found: list[Ended] = []
        wanted = 0 if self._limits.budget is None else count * self._limits.set_aside
        while sum(one.set_aside for one in found) < wanted:
            ended = expiring.lock_ended(self._uow, self._campaign_id)
            if not ended:
                break
            expiring.expire(self._uow, ended)
            found += ended
        return found

    def _go_with(self, latest: date) -> None:
        """A neighbour whose clock is ahead by a moment has begun the next day: it is that day for all."""
        if latest > self._today:
            self._today, self._clock = latest, time.min

    def sold_out(self, remaining: Left, zone: ZoneInfo) -> SoldOut:
        """That there is none, and when there will be."""
        is_over = remaining.in_all is not None and remaining.in_all <= 0
        return SoldOut(None if is_over else limits.opens_at(self._limits, self._today, self._clock, zone))

    def _slices(self, question: str) -> list[Slice]:
        values = {"district": hex_of(self._uow.district_id), "campaign": hex_of(self._campaign_id)}
        return [Slice(*row) for row in self._uow.rows(question, values)]

    def write(self, slices: Sequence[Slice]) -> None:
        """Sends what slices count now."""
        self._uow.write(_WRITE, {"campaign": hex_of(self._campaign_id), **_columns(slices)})


def _columns(slices: Sequence[Slice]) -> Mapping[str, str | None]:
    numbers, issued, set_aside, given, expired, allotted, days, claimed, day_allotted = zip(
        *(astuple(one) for one in slices), strict=True
    )
    return {
        "numbers": number_array(numbers),
        "issued": number_array(issued),
        "set_aside": number_array(set_aside),
        "given": number_array(given),
        "expired": number_array(expired),
        "allotted": number_array(allotted),
        "days": text_array([one.isoformat() for one in days]),
        "claimed": number_array(claimed),
        "day_allotted": number_array(day_allotted),
    }
