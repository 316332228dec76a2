"""What members had by capped rules: points by rule key, on a local day and ever, as JSON of one row each.

One row holds all keys of a member's day, so that thirty capped rules cost two rows and not sixty. Rows are read and
written under the lock of the member's balance, and only ever grow: refunds give no room back.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple

from app.foundation.database.parts import Asked
from app.foundation.database.sql_arrays import Packed, id_array, json_array, text_array, unnested
from app.foundation.database.unit_of_work import UnitOfWork
from app.foundation.ids import hex_of
from app.points.caps.tracking import Tracking
from app.points.earning.conditions import Allowance
from app.points.earning.rules import Rule

EVER = date.min
"""Stands for the day of what a member had in total."""
_READ = """
    SELECT u.member_id, u.day, u.points FROM rule_usage AS u
    JOIN unnest(%(members)s::uuid[], %(days)s::date[]) AS w (member, day) ON u.member_id = w.member AND u.day = w.day
    WHERE u.district_id = %(district)s::uuid
"""
_WRITE = f"""
    INSERT INTO rule_usage (district_id, member_id, day, points)
    VALUES (%(district)s::uuid, {unnested(members="uuid", days="date", points="jsonb")})
    ON CONFLICT (district_id, member_id, day) DO UPDATE SET points = excluded.points
"""
_ADD_GIVEN = """
    INSERT INTO rule_usage (district_id, member_id, day, points)
    SELECT g.district_id, g.member_id, g.day, jsonb_object_agg(g.rule_key, g.points)
    FROM ({given}) AS g GROUP BY g.district_id, g.member_id, g.day
    ON CONFLICT (district_id, member_id, day) DO UPDATE SET points = rule_usage.points || excluded.points
"""
Place = tuple[str, date]
"""A member and a local day, or EVER."""


def ask_usage(uow: UnitOfWork, tracking: Tracking, buyers: Iterable[Place]) -> Asked[Usage]:
    """Sends the question what members had, on the local days given; call the result for the answer.

    Lock the members' balances first.
    """
    usage = Usage(uow, tracking)
    receive = usage.ask([place for buyer in buyers for place in usage.places(*buyer)])

    def answer() -> Usage:
        receive()
        return usage

    return answer


def count_given(uow: UnitOfWork, given: str, values: Mapping[str, Any]) -> None:
    """Adds what rules gave before they were counted: `given` is a query for district_id, member_id, day, rule_key
    and points.

    Hold the configuration lock alone.
    """
    uow.execute(_ADD_GIVEN.format(given=given), {"district": hex_of(uow.district_id), **values})


class MemberUsage(NamedTuple):
    """What one member had on a day, and ever, by rule key."""

    of_day: Mapping[str, int]
    ever: Mapping[str, int]

    def allowance(self, rule: Rule) -> Allowance | None:
        """What is left to the member under a rule's own caps; None for no limit."""
        of_day = of_member = None
        if rule.most_per_day is not None:
            of_day = max(0, rule.most_per_day - self.of_day.get(rule.key, 0))
        if rule.most_per_member is not None:
            of_member = max(0, rule.most_per_member - self.ever.get(rule.key, 0))
        if of_day is not None and (of_member is None or of_day <= of_member):
            return Allowance(of_day, "daily-cap-reached")
        return None if of_member is None else Allowance(of_member, "member-cap-reached")


class Usage:
    """What members had so far; each sale sees what those before it in its set used."""

    def __init__(self, uow: UnitOfWork, tracking: Tracking) -> None:
        self._uow = uow
        self._tracking = tracking
        self._had: dict[Place, dict[str, int]] = {}
        self._changed: set[Place] = set()

    def places(self, member_id: str, day: date) -> list[Place]:
        """The rows in which a member's use is counted for a sale on a day: of that day, ever, or both; none if nothing is."""
        kept = ((day, self._tracking.by_day), (EVER, self._tracking.by_member))
        return [(member_id, one) for one, keys in kept if keys]

    def ask(self, places: Iterable[Place]) -> Asked[None]:
        """Sends the question for rows; call the result to take them in."""
        wanted = sorted(set(places))
        if not wanted:
            return lambda: None
        cursor = self._uow.execute(_READ, {"district": hex_of(self._uow.district_id), **_columns(wanted)})

        def receive() -> None:
            self._had.update({place: {} for place in wanted})
            self._had.update({(f"mem_{member}", day): points for member, day, points in cursor.fetchall()})

        return receive

    def of(self, member_id: str, day: date) -> MemberUsage:
        """What a member had on a day, and ever, as far as it is counted."""
        of_day = self._on((member_id, day)) if self._tracking.by_day else {}
        return MemberUsage(of_day, self._on((member_id, EVER)) if self._tracking.by_member else {})

    def _on(self, place: Place) -> dict[str, int]:
        if place not in self._had:
            self.ask([place])()
        return self._had[place]

    def count(self, given: Iterable[tuple[str, int]], member_id: str, day: date) -> None:
        """Counts what a sale gave, by every rule whose use is tracked."""
        for place, keys in (((member_id, day), self._tracking.by_day), ((member_id, EVER), self._tracking.by_member)):
            if keys:
                had = self._on(place)
                for key, points in given:
                    if key in keys:
                        had[key] = had.get(key, 0) + points
                        self._changed.add(place)

    def write(self) -> None:
        """Sends what has changed."""
        if self._changed:
            places = sorted(self._changed)
            points = json_array([self._had[place] for place in places])
            self._uow.write(_WRITE, {**_columns(places), "points": points})


def _columns(places: Sequence[Place]) -> dict[str, Packed | str | None]:
    return {
        "members": id_array([member_id for member_id, _ in places]),
        "days": text_array([day.isoformat() for _, day in places]),
    }
