"""Where members are among the tiers: read and written in sets, under the locks of their balances.

A hold past its end is looked at again whenever somebody asks, as of the local day on which it ended; so it makes no
difference whether the job has been there, which only tells of it sooner.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

from app.foundation.database.parts import Asked
from app.foundation.database.unit_of_work import UnitOfWork
from app.points.events import MemberTierGained, MemberTierLost
from app.points.tiers import queries as tier_queries
from app.points.tiers import writing
from app.points.tiers.queries import DaySpan, Ladder
from app.points.tiers.rules import Tier, TierFigures, TierHold, TierState, upheld

Bought = tuple[str, date, TierFigures]
"""What a member bought on a local day; below 0 what was given back."""


class TierStates:
    """Members among the tiers, in order: each sale sees what those before it in its set let its member reach.

    Lock the members' balances before asking, unless only to look.
    """

    def __init__(self, uow: UnitOfWork, ladder: Ladder) -> None:
        self._uow = uow
        self._ladder = ladder
        self._today = uow.now.astimezone(ladder.zone).date()
        self._states: dict[str, TierState] = {}
        self._stored: dict[str, dict[str, TierHold]] = {}
        self._days: dict[tuple[str, date], TierFigures] = {}
        self._events: list[MemberTierGained | MemberTierLost] = []

    def ask(self, member_ids: Iterable[str]) -> Asked[None]:
        """Sends the questions for members; call the result to take the answers in."""
        wanted = sorted(set(member_ids) - self._states.keys())
        if not wanted or not self._ladder.tiers:
            return lambda: None
        answer = tier_queries.ask_tier_states(self._uow, self._ladder, wanted, self._today)

        def receive() -> None:
            found = answer()
            self._states |= found
            self._stored |= {member_id: dict(one.holds) for member_id, one in found.items()}
            self._update(found)

        return receive

    def _update(self, found: dict[str, TierState]) -> None:
        """Takes in what the clock, or a change of the tiers' terms, has done since somebody looked."""
        before = {member_id: one.tier for member_id, one in found.items()}
        self._uphold(found)
        for member_id, one in found.items():
            kept = one.tier
            self._note_change(member_id, before[member_id], kept)
            one.reach()
            self._note_change(member_id, kept, one.tier)

    def _uphold(self, found: dict[str, TierState]) -> None:
        ended = [(member_id, *which) for member_id, one in found.items() for which in one.ended()]
        while ended:
            spans = [
                DaySpan(member_id, tier.qualifies_by, tier.window.before(hold.ends_on), hold.ends_on)
                for member_id, tier, hold in ended
            ]
            for (member_id, tier, hold), total in zip(ended, tier_queries.totals(self._uow, spans), strict=True):
                found[member_id].set_hold(tier.id, upheld(tier, hold, total))
            concerned = {member_id for member_id, _, _ in ended}
            ended = [(member_id, *which) for member_id in concerned for which in found[member_id].ended()]

    def state_of(self, member_id: str) -> TierState:
        """Where a member is now."""
        self.ask([member_id])()
        return self._states[member_id]

    def tier_id(self, member_id: str) -> str | None:
        """The tier that counts for a member's next sale."""
        tier = self.state_of(member_id).tier if self._ladder.tiers else None
        return tier.id if tier else None

    def count(self, member_id: str, day: date, figures: TierFigures) -> None:
        """Counts a sale on the local day on which it occurred; a tier that it lets the member reach holds from now on."""
        if not self._ladder.tiers:
            return
        state = self.state_of(member_id)
        before = state.tier
        self._add((member_id, day, figures))
        state.reach(self._uow.now)
        self._note_change(member_id, before, state.tier)

    def take_back(self, returned: Sequence[Bought]) -> None:
        """Takes what refunds gave back (below 0) from the days of their sales, and the tiers that rested on it."""
        self.ask(member_id for member_id, _, _ in returned)()
        concerned = {member_id: self._states[member_id] for member_id, _, _ in returned}
        before = {member_id: one.tier for member_id, one in concerned.items()}
        for one in returned:
            self._add(one)
        for member_id, totals in self._qualifying(concerned).items():
            concerned[member_id].take_back(totals, self._uow.now)
        for member_id, state in concerned.items():
            self._note_change(member_id, before[member_id], state.tier)

    def merge(self, old_id: str, survivor_id: str) -> None:
        """Makes what a member bought and holds another's, for good. Hold both balances."""
        if not self._ladder.tiers:
            return
        self.ask([old_id, survivor_id])()
        survivor = self._states[survivor_id]
        before = survivor.tier
        survivor.join(self._states[old_id], self._uow.now)
        self._note_change(survivor_id, before, survivor.tier)
        writing.move_days(self._uow, old_id, survivor_id)

    def _qualifying(self, concerned: dict[str, TierState]) -> dict[str, dict[str, int]]:
        """By member and tier held, what lets the tier be held: as stored, and with what this set gives back."""
        spans = [
            (hold.tier_id, DaySpan(member_id, hold.qualifies_by, hold.window.before(hold.reached_on), hold.reached_on))
            for member_id, one in concerned.items()
            for hold in one.holds.values()
        ]
        days: dict[str, list[tuple[date, TierFigures]]] = {}
        for (member_id, day), figures in self._days.items():
            days.setdefault(member_id, []).append((day, figures))
        found: dict[str, dict[str, int]] = {}
        stored = tier_queries.totals(self._uow, [span for _, span in spans])
        for (tier_id, span), total in zip(spans, stored, strict=True):
            changes = (one.by(span.qualifies_by) for day, one in days[span.member_id] if span.before < day <= span.last)
            found.setdefault(span.member_id, {})[tier_id] = total + sum(changes)
        return found

    def _add(self, bought: Bought) -> None:
        member_id, day, figures = bought
        self._states[member_id].count(day, figures)
        known = self._days.get((member_id, day), TierFigures(0, 0))
        self._days[member_id, day] = TierFigures(
            known.points_earned + figures.points_earned, known.amount_spent + figures.amount_spent
        )

    def _note_change(self, member_id: str, before: Tier | None, after: Tier | None) -> None:
        if before is after:
            return
        if after is not None and (before is None or after.rank > before.rank):
            self._events.append(MemberTierGained(member_id, after.id, before.id if before else None))
        elif before is not None:
            self._events.append(MemberTierLost(member_id, before.id, after.id if after else None))

    def write(self) -> None:
        """Sends what has changed, and the events of it."""
        writing.change_days(self._uow, self._days)
        members = sorted(self._states)
        writing.keep_holds(
            self._uow,
            [
                (member_id, hold)
                for member_id in members
                for tier_id, hold in sorted(self._states[member_id].holds.items())
                if self._stored[member_id].get(tier_id) != hold
            ],
        )
        writing.lose_holds(
            self._uow,
            [
                (member_id, tier_id)
                for member_id in members
                for tier_id in sorted(self._stored[member_id].keys() - self._states[member_id].holds.keys())
            ],
        )
        self._uow.emit(*self._events)
