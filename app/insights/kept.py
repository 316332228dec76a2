"""What is kept: tables of sums, each with what events change of it and what the books say of it.

Moves only add, and hang on nothing but what never changes afterwards; so their order doesn't matter, and what is kept is what
the books say less what nobody has taken yet.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property

from app.coupons.bulk import moves as coupons
from app.foundation.database.outbox import WAITING
from app.foundation.database.sql_arrays import rows_of
from app.members import queries as members
from app.points.purses import moves as points
from app.transactions import moves as transactions

TOLD = rows_of(type="text", payload="jsonb")
"""Events that are being taken, as `outbox.WAITING` gives those that aren't."""
_JOURNALS = {
    "transaction.recorded": "transaction_id",
    "transaction.claimed": "transaction_id",
    "refund.recorded": "refund_id",
    "points.adjusted": "adjustment_id",
    "points.expired": "expiry_id",
    "member.erased": "member_id",
    "coupon.issued": "coupon_id",
    "coupon.voided": "points_returned_in",
}
"""Events that come with a journal of points, and what in them has its digits. A sale that is nobody's yet has none."""
_JOURNALS_OF = f"""
    SELECT right(o.payload ->> k.field, 32)::uuid FROM {{told}} AS o
    JOIN (VALUES {", ".join(f"('{kind}', '{field}')" for kind, field in _JOURNALS.items())}) AS k (type, field)
        ON k.type = o.type
    WHERE o.payload ->> k.field IS NOT NULL AND (
        o.type <> 'transaction.recorded' OR o.payload ->> 'member_id' IS NOT NULL OR (o.payload ->> 'by_coupon')::boolean
    )
"""
_LIFE = ", ".join(coupons.TOTALS)
_SALES = ", ".join(transactions.CAMPAIGN_TOTALS)
_COMINGS = ", ".join(members.COMINGS)
_POINTS = ", ".join(points.DAY_TOTALS)


@dataclass(frozen=True, eq=False)
class Kept:
    """A table of sums. `keys`: what they are of, with the types of these; `latest`: a column that keeps the greatest.

    `moves`: what events that are told change, `counted`: what the books say, both as SQL of rows that aren't summed yet.
    `kinds`: events that change it. `sliced_by`: the column by whose values (stores, members) it is counted anew bit by bit.
    """

    table: str
    holds: str
    keys: Mapping[str, str]
    totals: tuple[str, ...]
    kinds: frozenset[str]
    moves: Callable[[str], str]
    counted: str
    sliced_by: str = ""
    latest: str = ""

    @cached_property
    def columns(self) -> tuple[str, ...]:
        """All of them, but the district's."""
        return (*self.keys, *self.totals, *((self.latest,) if self.latest else ()))

    def summed(self, rows: str, where: str = "") -> str:
        """Rows by their keys, in the order in which they are locked; days and instants as texts, for some never come."""
        sums = [f"sum({name})::bigint AS {name}" for name in self.totals]
        sums += [f"max({self.latest})::text AS {self.latest}"] if self.latest else []
        shown = [
            name if type_ in ("uuid", "smallint") else f"{name}::text AS {name}" for name, type_ in self.keys.items()
        ]
        keys = ", ".join(self.keys)
        return f"SELECT {', '.join(shown + sums)} FROM ({rows}) AS s {where} GROUP BY {keys} ORDER BY {keys}"

    @cached_property
    def told(self) -> str:
        """What events that are being taken change."""
        return self.summed(self.moves(TOLD))

    @cached_property
    def taken(self) -> str:
        """What the books say, less what nobody has taken yet; of some `slice`, where it is sliced."""
        undone = ", ".join(f"-{name}" for name in self.totals) + (", NULL" if self.latest else "")
        names = ", ".join(self.columns)
        waiting = f"SELECT {', '.join(self.keys)}, {undone} FROM ({self.moves(WAITING)}) AS w"
        where = f"WHERE {self.sliced_by} = ANY(%(slice)s::uuid[])" if self.sliced_by else ""
        return self.summed(f"SELECT {names} FROM ({self.counted}) AS c UNION ALL {waiting}", where)


def _campaigns(life: str, sold: str) -> str:
    nothing = ", ".join(f"0 AS {name}" for name in transactions.CAMPAIGN_TOTALS)
    unused = ", ".join(f"0 AS {name}" for name in coupons.TOTALS)
    return f"""
        SELECT campaign_id, day, {_LIFE}, {nothing} FROM ({life}) AS l
        UNION ALL SELECT campaign_id, day, {unused}, {_SALES} FROM ({sold}) AS b
    """


def _days(comings: str, moved: str) -> str:
    nothing = ", ".join(f"0 AS {name}" for name in points.DAY_TOTALS)
    nobody = ", ".join(f"0 AS {name}" for name in members.COMINGS)
    return f"""
        SELECT day, {_COMINGS}, {nothing} FROM ({comings}) AS c UNION ALL SELECT day, {nobody}, {_POINTS} FROM ({moved}) AS p
    """


def _present(bought: str) -> str:
    return f"SELECT * FROM ({bought}) AS p WHERE member_id NOT IN {members.ERASED}"


def _journals(told: str) -> str:
    return _JOURNALS_OF.format(told=told)


_OF_SALES, _OF_POINTS = frozenset(transactions.KINDS), frozenset(_JOURNALS)
STORE_HOURS = Kept(
    "store_hours",
    "stores' hours",
    {"store_id": "uuid", "day": "date", "hour": "smallint"},
    transactions.TOTALS,
    _OF_SALES,
    transactions.hours,
    transactions.HOURS_COUNTED,
    sliced_by="store_id",
)
STORE_DAYS = Kept(
    "store_days",
    "stores' days",
    {"store_id": "uuid", "day": "date"},
    transactions.TOTALS,
    _OF_SALES,
    transactions.hours,
    transactions.HOURS_COUNTED,
    sliced_by="store_id",
)
CAMPAIGN_DAYS = Kept(
    "campaign_days",
    "campaigns' days",
    {"campaign_id": "uuid", "day": "date"},
    (*coupons.TOTALS, *transactions.CAMPAIGN_TOTALS),
    _OF_SALES | frozenset(coupons.KINDS),
    lambda told: _campaigns(coupons.moves(told), transactions.campaigns(told)),
    _campaigns(coupons.COUNTED, transactions.CAMPAIGNS_COUNTED),
)
DISTRICT_DAYS = Kept(
    "district_days",
    "the district's days",
    {"day": "date"},
    (*members.COMINGS, *points.DAY_TOTALS),
    _OF_POINTS | frozenset(members.COMING_KINDS),
    lambda told: _days(members.comings(told), points.days(_journals(told))),
    _days(members.COMINGS_COUNTED, points.DAYS_COUNTED),
)
POINT_ENDS = Kept(
    "point_ends",
    "points by their ends",
    {"ends_at": "timestamptz"},
    ("points",),
    _OF_POINTS,
    lambda told: points.ends(_journals(told)),
    points.ENDS_COUNTED,
)
POINT_FLOWS = Kept(
    "point_flows",
    "points by who issued and who accepted them",
    {"day": "date", "issuer_id": "uuid", "accepted_by": "uuid"},
    ("points",),
    _OF_POINTS,
    lambda told: points.flows(_journals(told)),
    points.FLOWS_COUNTED,
)
MEMBER_FACTS = Kept(
    "member_facts",
    "members' purchases",
    {"member_id": "uuid"},
    ("sales", "net_amount"),
    _OF_SALES,
    lambda told: _present(transactions.bought(told)),
    _present(transactions.BOUGHT_COUNTED),
    sliced_by="member_id",
    latest="last_on",
)
ALL = (STORE_HOURS, STORE_DAYS, CAMPAIGN_DAYS, POINT_FLOWS, POINT_ENDS, MEMBER_FACTS, DISTRICT_DAYS)
"""In the order in which they are locked: those whose rows many events share come last."""
