"""Budgets of rules: exact under any number of tills, without a row that every sale waits for.

A budget is dealt out to SLICES rows. A unit of work locks one of them and gives what that slice has left. Where that is
too little, it is done again and sweeps: it locks all slices of the rule, sees exactly what is left, and deals that out
anew. So no more than the budget is ever given, and nothing is refused while some is left. Only near its end, where the
slices run dry one by one, do sales wait for each other.
"""

from __future__ import annotations

import random
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from app.foundation.database.parts import Asked
from app.foundation.database.sql_arrays import number_array, text_array, unnested
from app.foundation.database.unit_of_work import Overtaken, UnitOfWork
from app.foundation.ids import hex_of
from app.points.earning.rules import Rule

SLICES = 16
_HELD = """
    WITH free AS MATERIALIZED (
        SELECT n FROM unnest(%(numbers)s::smallint[]) AS n
        WHERE pg_try_advisory_xact_lock(hashtext(%(district)s::text), n) LIMIT 1
    ), wanted AS (
        SELECT w.key, coalesce(w.slice, (SELECT n FROM free), %(last)s::smallint) AS slice, w.swept
        FROM unnest(%(keys)s::text[], %(slices)s::smallint[], %(swept)s::boolean[]) AS w (key, slice, swept)
    ), held AS (
        SELECT b.rule_key, b.slice, b.budget, b.allotted, b.spent, b.is_spent
        FROM rule_budgets AS b JOIN wanted AS w ON w.key = b.rule_key AND w.slice = b.slice
        WHERE b.district_id = %(district)s::uuid AND (w.swept OR NOT b.is_spent)
        ORDER BY b.rule_key, b.slice FOR UPDATE OF b
    )
    SELECT * FROM held
    UNION ALL
    SELECT b.rule_key, b.slice, b.budget, b.allotted, b.spent, b.is_spent
    FROM rule_budgets AS b JOIN wanted AS w ON w.key = b.rule_key AND w.slice = b.slice
    WHERE b.district_id = %(district)s::uuid AND NOT w.swept AND b.is_spent
"""
_SEEN = """
    SELECT rule_key, slice, budget, allotted, spent, is_spent FROM rule_budgets
    WHERE district_id = %(district)s AND rule_key = ANY(%(keys)s::text[])
"""
_OPEN = f"""
    INSERT INTO rule_budgets (district_id, rule_key, slice, budget, allotted, spent, is_spent)
    VALUES (%(district)s::uuid, {
    unnested(keys="text", slices="smallint", budgets="bigint", allotted="bigint", spent="bigint", are_spent="boolean")
})
"""
_WRITE = """
    UPDATE rule_budgets AS b SET budget = n.budget, allotted = n.allotted, spent = n.spent, is_spent = n.is_spent
    FROM unnest(%(keys)s::text[], %(slices)s::smallint[], %(budgets)s::bigint[], %(allotted)s::bigint[],
                %(spent)s::bigint[], %(are_spent)s::boolean[]) AS n (key, slice, budget, allotted, spent, is_spent)
    WHERE b.district_id = %(district)s::uuid AND b.rule_key = n.key AND b.slice = n.slice
"""


@dataclass(slots=True)
class BudgetSlice:
    """A part of a rule's budget: `spent` of it is given, up to `allotted` may be.

    `budget` is the one that was dealt out, None for no limit; `is_spent` where all of it was given.
    """

    rule_key: str
    number: int
    budget: int | None
    allotted: int = 0
    spent: int = 0
    is_spent: bool = False


def deal_out(slices: Sequence[BudgetSlice], budget: int | None) -> None:
    """Deals what is left of a budget out to all slices of a rule, evenly, beside what each has given."""
    left = None if budget is None else max(0, budget - sum(one.spent for one in slices))
    share, extra = divmod(left or 0, len(slices))
    for place, one in enumerate(slices):
        one.budget, one.is_spent = budget, left == 0
        one.allotted = one.spent + share + (place < extra)


class BudgetsRanDry(Overtaken):
    """Slices of rules (`keys`) ran dry, while others of them may have some left: done again, these are swept."""


def ask_budgets(
    uow: UnitOfWork, keys: Collection[str], swept: Collection[str], rules: Mapping[str, Rule]
) -> Asked[Budgets]:
    """Sends the question for one slice of each rule, or for all of those that are `swept`, and locks them in order.

    Lock members' balances first. The slice is one of which no other unit of work holds the number (an advisory lock);
    where all are held, it waits for one. `rules` are those in force now, by key.
    """
    numbers = random.sample(range(SLICES), SLICES)
    wanted = [(key, place) for key in keys for place in (range(SLICES) if key in swept else (None,))]
    if not wanted:
        return lambda: Budgets(uow, {})
    values = {
        "district": hex_of(uow.district_id),
        "keys": text_array([key for key, _ in wanted]),
        "slices": number_array([place for _, place in wanted]),
        "numbers": number_array(numbers),
        "last": numbers[-1],
        "swept": text_array(["true" if key in swept else "false" for key, _ in wanted]),
    }
    cursor = uow.execute(_HELD, values)
    return lambda: Budgets(uow, _by_key(cursor.fetchall()), frozenset(swept), rules)


def see_budgets(uow: UnitOfWork, keys: Collection[str]) -> Asked[Budgets]:
    """Sends the question for what all slices gave, and locks none: for a quote."""
    if not keys:
        return lambda: Budgets(uow, {})
    cursor = uow.execute(_SEEN, {"district": hex_of(uow.district_id), "keys": text_array(sorted(keys))})
    return lambda: Budgets(uow, _by_key(cursor.fetchall()), frozenset(keys))


def spent_of(uow: UnitOfWork, keys: Collection[str]) -> dict[str, int]:
    """Points that rules with budgets have given so far, by key."""
    query = (
        "SELECT rule_key, sum(spent) FROM rule_budgets WHERE district_id = %s AND rule_key = ANY(%s) GROUP BY rule_key"
    )
    return {key: int(spent) for key, spent in uow.rows(query, (hex_of(uow.district_id), sorted(keys)))}


def open_budgets(uow: UnitOfWork, budgets: Mapping[str, int], given: Mapping[str, int]) -> None:
    """Starts to count what rules give, with what they gave so far. Hold the configuration lock."""
    slices = []
    for key, budget in budgets.items():
        own = [BudgetSlice(key, number, budget) for number in range(SLICES)]
        own[0].spent = given.get(key, 0)
        deal_out(own, budget)
        slices += own
    uow.write(_OPEN, _columns(slices))


class Budgets:
    """The slices that this unit of work holds; each sale sees what those before it in its set were given.

    `exact`: rules of which it holds all. `rules`: those in force now, whose budgets are dealt out anew.
    """

    def __init__(
        self,
        uow: UnitOfWork,
        slices: Mapping[str, list[BudgetSlice]],
        exact: frozenset[str] = frozenset(),
        rules: Mapping[str, Rule] = MappingProxyType({}),
    ) -> None:
        self._uow = uow
        self._slices = slices
        self._exact = exact
        self._rules = rules
        self._changed: set[str] = set()

    def left(self, key: str, budget: int | None) -> int | None:
        """What a rule may still give under a version's budget (None: no limit there); None for no limit.

        Unless `is_certain`, more may be left than it says.
        """
        slices = self._slices.get(key, ())
        if key in self._exact:
            return None if budget is None else max(0, budget - sum(one.spent for one in slices))
        for one in slices:
            if one.budget == budget and not one.is_spent:
                return None if budget is None else max(0, one.allotted - one.spent)
        return 0

    def is_certain(self, key: str, budget: int | None) -> bool:
        """Whether `left` tells all that is left in the district. If not, other slices may have more: sweep them."""
        return key in self._exact or any(
            one.is_spent and one.budget is not None and budget is not None and budget <= one.budget
            for one in self._slices.get(key, ())
        )

    def count(self, key: str, points: int) -> None:
        """Counts points that a rule gave, no more than is `left`."""
        if points:
            self._slices[key][0].spent += points
            self._changed.add(key)

    def write(self) -> None:
        """Sends what has changed. What was swept is dealt out anew, by the budgets that hold now."""
        changed = []
        for key in sorted(self._changed | (self._exact & self._slices.keys())):
            slices = self._slices[key]
            if key in self._exact:
                deal_out(slices, self._rules[key].budget if key in self._rules else slices[0].budget)
            changed += slices
        if changed:
            self._uow.write(_WRITE, _columns(changed))


def _by_key(rows: Iterable[tuple[object, ...]]) -> dict[str, list[BudgetSlice]]:
    found: dict[str, list[BudgetSlice]] = {}
    for row in rows:
        one = BudgetSlice(*row)  # type: ignore[arg-type]
        found.setdefault(one.rule_key, []).append(one)
    return found


def _columns(slices: Sequence[BudgetSlice]) -> dict[str, str | None]:
    return {
        "keys": text_array([one.rule_key for one in slices]),
        "slices": number_array([one.number for one in slices]),
        "budgets": number_array([one.budget for one in slices]),
        "allotted": number_array([one.allotted for one in slices]),
        "spent": number_array([one.spent for one in slices]),
        "are_spent": text_array(["true" if one.is_spent else "false" for one in slices]),
    }
